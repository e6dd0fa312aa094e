import type { ExecutionResult } from 'graphql';

/** A lookup that found nothing, with the slugs that may have been meant. */
interface Hint {
  /** The path of the field in the answer. */
  readonly path: readonly (string | number)[];
  readonly argument: string;
  readonly slugs: readonly string[];
}

/** An answer has at most this many hints. A list can repeat one lookup for each of its items. */
const MOST_HINTS = 50;

/** Collects the hints of one execution, for the context, and adds them to its result. */
export function collectHints(): {
  readonly hints: { readonly add: (hint: Hint) => void };
  readonly addTo: (result: ExecutionResult) => ExecutionResult;
} {
  const collected: Hint[] = [];
  return {
    hints: { add: (hint) => void collected.push(hint) },
    addTo: (result) => {
      if (collected.length === 0) return result;
      // Always in the same order, because a live query sends an answer only if it differs.
      const didYouMean = collected
        .map((hint) => ({ hint, place: JSON.stringify([hint.path, hint.argument]) }))
        .sort((a, b) => (a.place < b.place ? -1 : 1))
        .slice(0, MOST_HINTS)
        .map(({ hint }) => hint);
      return { ...result, extensions: { ...result.extensions, didYouMean } };
    },
  };
}
