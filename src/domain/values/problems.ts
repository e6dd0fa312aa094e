import { BadInput, type NamingMessage, type Problem, type ProblemCode } from '../../errors.ts';

/** Collects the problems of an input, so that all are reported at once. */
export interface Problems {
  /** The number of problems so far in the whole input. */
  readonly count: number;
  /** Notes a problem at a path below this collector's own. */
  add(
    code: ProblemCode,
    path: string | readonly string[],
    message: string | NamingMessage,
    didYouMean?: readonly string[],
  ): void;
  /** The same collection, for a part further down in the input. */
  at(...steps: readonly string[]): Problems;
  /** Throws BadInput if there are problems. */
  throwIfAny(): void;
}

/** An empty collection for an input at the given path. */
export function collectProblems(...path: readonly string[]): Problems {
  return collector(path, []);
}

function collector(path: readonly string[], found: Problem[]): Problems {
  return {
    get count() {
      return found.length;
    },
    add: (code, below, message, didYouMean = []) => {
      found.push({ code, path: path.concat(below), message, didYouMean });
    },
    at: (...steps) => collector([...path, ...steps], found),
    throwIfAny: () => {
      if (found.length > 0) throw new BadInput(found);
    },
  };
}
