import { BadInput, type NamingMessage, type Problem, type ProblemCode } from '../../errors.ts';

/** The most problems of an input that are listed. */
const MOST_PROBLEMS = 20;

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

/** The first problems, and a last one that says how many more there are. */
function firstOf(found: readonly Problem[]): readonly Problem[] {
  if (found.length <= MOST_PROBLEMS) return found;
  const message = `${found.length - MOST_PROBLEMS} more problems are not listed.`;
  return [...found.slice(0, MOST_PROBLEMS), { code: 'INVALID_INPUT', path: [], message, didYouMean: [] }];
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
      if (found.length > 0) throw new BadInput(firstOf(found));
    },
  };
}
