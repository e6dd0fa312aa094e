import type { Problems } from '../values/problems.ts';

const MAX_BATCH = 1_000;
const DONE = { record: 'recorded', revise: 'revised' } as const;

/** Notes INVALID_INPUT for an empty list of figures, and TOO_MANY for one of more than 1,000. */
export function checkBatchSize(problems: Problems, size: number, verb: keyof typeof DONE): void {
  if (size === 0) problems.add('INVALID_INPUT', [], `There is nothing to ${verb}: send 1 to 1,000 figures.`);
  if (size > MAX_BATCH) {
    problems.add('TOO_MANY', [], `${size} figures were sent; at most 1,000 are ${DONE[verb]} at once.`);
  }
}
