import { BadInput, type Problem, type ProblemCode } from '../errors.ts';

/** Collects what is wrong with an input, so that everything is named at once. */
export interface Problems {
  /** How many were found so far, here and everywhere else in the input. */
  readonly count: number;
  /** Notes one problem at a path below this collector's own. */
  add(code: ProblemCode, path: string | readonly string[], message: string, didYouMean?: readonly string[]): void;
  /** The same collection, one or more steps further down in the input. */
  at(...steps: readonly string[]): Problems;
  /** Throws BadInput when anything was noted. */
  throwIfAny(): void;
}

/** An empty collection for an input that stands at the given path. */
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
