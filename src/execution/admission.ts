import { performance } from 'node:perf_hooks';
import { TemporarilyUnavailable } from '../errors.ts';
import { type Meters, NO_METERS } from '../meters.ts';
import { present } from '../required.ts';
import { createFairQueue } from './fair-queue.ts';

/** How long a query waits to be admitted. */
const MAX_WAIT_MS = 5_000;
/** Maximum number of waiting queries. More are refused at once, because they would not be admitted in time. */
const MOST_WAITING = 1_000;
/** While queries wait, the load of the thread is measured at this interval. */
const ADJUST_MS = 200;
/** The thread is busy if it worked for more than this share of the interval. */
const BUSY = 0.5;
/** Number of queries admitted at once after an idle time, before their cost is known. */
const FIRST = 2;

/** The sender of a query. */
export interface Asker {
  /** The sender's name. Queries of one name wait in one queue. */
  readonly name: string;
  /** Whether nobody waits for the answer any more. */
  readonly isGone: () => boolean;
  /** Pays for what is worked out for the answer. */
  readonly pay: (cost: number) => void;
  /** Calls back when nobody waits any more, at once if that is so already. */
  readonly whenGone: (listener: () => void) => void;
  /** The id of the request, for what is logged of it. */
  readonly requestId?: string;
}

/** Limits the number of concurrent queries, so that the other work of the process goes on. */
export interface Admission {
  /** Runs the work when it is admitted. Throws TemporarilyUnavailable when that takes too long, or the asker is gone by then. */
  admit<T>(asker: Asker, work: () => Promise<T>): Promise<T>;
  /** Number of queries that wait. */
  readonly waiting: number;
  /** Number of queries that are executed now, and how many may be. */
  readonly admitted: number;
  readonly allowed: number;
}

export interface AdmissionOptions {
  readonly maxWaitMs?: number;
  readonly mostWaiting?: number;
  readonly meters?: Meters;
}

/** A waiting query. */
interface Waiting {
  readonly asker: Asker;
  begin(): void;
  refuse(): void;
}

/**
 * Admits at most this many queries at once: each asker's in their order, and the askers in turn. While the thread is busy, the limit is
 * halved at each measurement, down to one.
 * The thread also executes writes and pushes. They take one turn of the event loop for each statement, and each turn lasts as long as the
 * work of the queries in it.
 * Queries that wait for the database leave the thread idle, and more of them then slow nothing down.
 */
export function limitQueries(
  most: number,
  { maxWaitMs = MAX_WAIT_MS, mostWaiting = MOST_WAITING, meters = NO_METERS }: AdmissionOptions = {},
): Admission {
  const queue = createFairQueue<Waiting>();
  let admitted = 0;
  let allowed = Math.min(FIRST, most);
  let mark = performance.eventLoopUtilization();
  let willAdjust = false;

  const admitNext = (): void => {
    while (admitted < allowed && queue.size > 0) {
      const next = present(queue.takeNext());
      if (next.asker.isGone()) next.refuse();
      else {
        admitted += 1;
        next.begin();
      }
    }
    if (queue.size === 0 || willAdjust) return;
    willAdjust = true;
    setTimeout(adjust, ADJUST_MS);
  };

  const adjust = (): void => {
    willAdjust = false;
    const now = performance.eventLoopUtilization();
    const isBusy = performance.eventLoopUtilization(now, mark).utilization > BUSY;
    allowed = isBusy ? Math.max(1, Math.floor(allowed / 2)) : Math.min(allowed + 1, most);
    mark = now;
    admitNext();
  };

  /** If the waiting room is full, the last of the longest queue is refused. */
  const makeRoom = (name: string): boolean => {
    if (queue.size < mostWaiting) return true;
    if (queue.longest <= queue.lengthOf(name) + 1) return false;
    queue.takeLastOfLongest()?.refuse();
    return true;
  };

  const enter = (asker: Asker): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = meters.begin('admission');
      const refused = (): void => {
        end(true);
        reject(new TemporarilyUnavailable());
      };
      if (!makeRoom(asker.name)) return refused();
      const late = setTimeout(() => {
        queue.leave(asker.name, waiting);
        waiting.refuse();
      }, maxWaitMs);
      const waiting: Waiting = {
        asker,
        begin: () => {
          clearTimeout(late);
          end();
          resolve();
        },
        refuse: () => {
          clearTimeout(late);
          refused();
        },
      };
      queue.join(asker.name, waiting);
      admitNext();
    });

  return {
    admit: async (asker, work) => {
      if (admitted === 0 && queue.size === 0) {
        allowed = Math.min(FIRST, most);
        mark = performance.eventLoopUtilization();
      }
      if (queue.size === 0 && admitted < allowed) admitted += 1;
      else await enter(asker);
      try {
        return await work();
      } finally {
        admitted -= 1;
        admitNext();
      }
    },
    get waiting() {
      return queue.size;
    },
    get admitted() {
      return admitted;
    },
    get allowed() {
      return allowed;
    },
  };
}
