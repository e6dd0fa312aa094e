import { setImmediate as nextTurn } from 'node:timers/promises';

/** Order of work on the single thread. */
export interface Scheduler {
  /** Starts at once. */
  runNow<T>(work: () => Promise<T>): Promise<T>;
  /** Starts after earlier calls of runLater, one at a time, and after all calls of runNow that have begun by then. */
  runLater<T>(work: () => Promise<T>): Promise<T>;
}

/** Urgent work starts first, and the rest still gets its turn. */
export function createScheduler(): Scheduler {
  const urgent = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    runNow: (work) => {
      const working = work();
      const done = Promise.allSettled([working]);
      urgent.add(done);
      void done.then(() => urgent.delete(done));
      return working;
    },
    runLater: (work) => {
      const working = last.then(async () => {
        // Urgent work that arrived meanwhile starts first.
        await nextTurn();
        await Promise.all(urgent);
        return work();
      });
      last = working.catch(() => undefined);
      return working;
    },
  };
}
