import { performance } from 'node:perf_hooks';
import { TemporarilyUnavailable } from '../errors.ts';

/** So long a query waits to be admitted. */
const PATIENCE_MS = 5_000;
/** More than these do not even wait: they would not be admitted in time. */
const MOST_WAITING = 1_000;
/** While some wait, it is looked so often whether the thread has time for another one at once. */
const LOOK_MS = 200;
/** A thread that was at work for more than this share of the time since the last look has none. */
const BUSY = 0.5;
/** After a quiet time so many are admitted at once before it is known what they cost. */
const FIRST = 2;

/** Lets in so many at once that what else the process has to do goes on. */
export interface Admission {
  /** Does the work when it is its turn; TemporarilyUnavailable when that is too long in coming. */
  admit<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Admits queries in the order in which they come, at most so many at once, and half as many at each look, down to one, while the thread is busy.
 * It executes writes and pushes as well: those take as many turns of it as they have statements, and each turn is as long as what the queries do in it.
 * Queries that wait for the database leave it idle, and are none the slower for others of the kind.
 */
export function limitQueries(most: number, patienceMs = PATIENCE_MS): Admission {
  const waiting = new Set<() => void>();
  let admitted = 0;
  let allowed = Math.min(FIRST, most);
  let mark = performance.eventLoopUtilization();
  let willLook = false;

  const admitNext = (): void => {
    for (const begin of waiting) {
      if (admitted >= allowed) break;
      begin();
    }
    if (waiting.size === 0 || willLook) return;
    willLook = true;
    setTimeout(look, LOOK_MS);
  };

  const look = (): void => {
    willLook = false;
    const now = performance.eventLoopUtilization();
    const isBusy = performance.eventLoopUtilization(now, mark).utilization > BUSY;
    allowed = isBusy ? Math.max(1, Math.floor(allowed / 2)) : Math.min(allowed + 1, most);
    mark = now;
    admitNext();
  };

  const enter = (): Promise<void> =>
    new Promise((resolve, reject) => {
      if (waiting.size >= MOST_WAITING) return reject(new TemporarilyUnavailable());
      const begin = (): void => {
        clearTimeout(late);
        waiting.delete(begin);
        admitted += 1;
        resolve();
      };
      const late = setTimeout(() => {
        waiting.delete(begin);
        reject(new TemporarilyUnavailable());
      }, patienceMs);
      if (admitted === 0) {
        allowed = Math.min(FIRST, most);
        mark = performance.eventLoopUtilization();
      }
      waiting.add(begin);
      admitNext();
    });

  return {
    admit: async (work) => {
      await enter();
      try {
        return await work();
      } finally {
        admitted -= 1;
        admitNext();
      }
    },
  };
}
