import { TemporarilyUnavailable } from '../errors.ts';

/** So long a query waits to be admitted; whoever is told to come back later has not waited in vain for much longer than he was told to wait. */
const PATIENCE_MS = 5_000;
/** More than these do not even wait: they would not be admitted in time. */
const MOST_WAITING = 1_000;

/** Lets so many in at once that what else the process has to do goes on. */
export interface Admission {
  /** Does the work when it is its turn; TemporarilyUnavailable when that is too long in coming. */
  admit<T>(work: () => Promise<T>): Promise<T>;
}

/** Admits so many queries at once, in the order in which they come. One thread executes them all, and writes and pushes as well: more at once would be none the faster. */
export function limitQueries(atOnce: number, patienceMs = PATIENCE_MS): Admission {
  const waiting = new Set<() => void>();
  let admitted = 0;

  const enter = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (waiting.size >= MOST_WAITING) return reject(new TemporarilyUnavailable());
      const begin = (): void => {
        clearTimeout(timer);
        waiting.delete(begin);
        admitted += 1;
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.delete(begin);
        reject(new TemporarilyUnavailable());
      }, patienceMs);
      waiting.add(begin);
      if (admitted < atOnce) begin();
    });

  const leave = (): void => {
    admitted -= 1;
    const [next] = waiting;
    next?.();
  };

  return {
    admit: async (work) => {
      await enter();
      try {
        return await work();
      } finally {
        leave();
      }
    },
  };
}
