import { setImmediate as nextTurn } from 'node:timers/promises';
import { pause } from './pace.ts';

/** Order of work on the single thread. */
export interface Scheduler {
  /** Starts at once. */
  runNow<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Starts after earlier calls of runLater, one at a time, and after all calls of runNow that have begun by then. Work that is light when
   * its turn comes waits for no other turn of the event loop, unless the time for work of low priority is used up.
   */
  runLater<T>(work: () => Promise<T>, isLight?: () => boolean): Promise<T>;
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
    runLater: (work, isLight = () => false) => {
      const working = last.then(async () => {
        if (isLight()) {
          await pause();
          return work();
        }
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
