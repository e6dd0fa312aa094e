import { performance } from 'node:perf_hooks';
import { TemporarilyUnavailable } from '../errors.ts';
import { createLines } from './lines.ts';

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

/** Whoever asks a query. */
export interface Asker {
  /** The name of whom it is from: those of one name wait in one line. */
  readonly name: string;
  /** Whether nobody waits for the answer any more. */
  readonly isGone: () => boolean;
}

/** Lets in so many at once that what else the process has to do goes on. */
export interface Admission {
  /** Does the work when it is its turn; TemporarilyUnavailable when that is too long in coming, or the asker is gone by then. */
  admit<T>(asker: Asker, work: () => Promise<T>): Promise<T>;
}

/** A query that waits. */
interface Waiting {
  readonly asker: Asker;
  begin(): void;
  refuse(): void;
}

/**
 * Admits queries, of each asker in the order in which they come and the askers in turn, at most so many at once, and half as many at each look, down to one, while the thread is busy.
 * It executes writes and pushes as well: those take as many turns of it as they have statements, and each turn is as long as what the queries do in it.
 * Queries that wait for the database leave it idle, and are none the slower for others of the kind.
 */
export function limitQueries(most: number, { patienceMs = PATIENCE_MS, mostWaiting = MOST_WAITING } = {}): Admission {
  const lines = createLines<Waiting>();
  let admitted = 0;
  let allowed = Math.min(FIRST, most);
  let mark = performance.eventLoopUtilization();
  let willLook = false;

  const admitNext = (): void => {
    while (admitted < allowed && lines.size > 0) {
      const next = lines.takeNext() as Waiting;
      if (next.asker.isGone()) next.refuse();
      else {
        admitted += 1;
        next.begin();
      }
    }
    if (lines.size === 0 || willLook) return;
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

  /** Where there is no room to wait, whoever has the longest line is the one to go without. */
  const makeRoom = (name: string): boolean => {
    if (lines.size < mostWaiting) return true;
    if (lines.longest <= lines.lengthOf(name) + 1) return false;
    lines.takeLastOfLongest()?.refuse();
    return true;
  };

  const enter = (asker: Asker): Promise<void> =>
    new Promise((resolve, reject) => {
      if (!makeRoom(asker.name)) return reject(new TemporarilyUnavailable());
      const late = setTimeout(() => {
        lines.leave(asker.name, waiting);
        waiting.refuse();
      }, patienceMs);
      const waiting: Waiting = {
        asker,
        begin: () => {
          clearTimeout(late);
          resolve();
        },
        refuse: () => {
          clearTimeout(late);
          reject(new TemporarilyUnavailable());
        },
      };
      lines.join(asker.name, waiting);
      admitNext();
    });

  return {
    admit: async (asker, work) => {
      if (admitted === 0 && lines.size === 0) {
        allowed = Math.min(FIRST, most);
        mark = performance.eventLoopUtilization();
      }
      if (lines.size === 0 && admitted < allowed) admitted += 1;
      else await enter(asker);
      try {
        return await work();
      } finally {
        admitted -= 1;
        admitNext();
      }
    },
  };
}
