import type { Database } from '../database/handle.ts';
import type { Logger } from '../logger.ts';
import { type ChangeEntry, readAfter, readLogState } from './log.ts';
import { WAKE_CHANNEL } from './wake.ts';

/** The backstop for wake-ups that got lost. */
const POLL_MS = 1_000;
const BATCH = 500;
/** A read that takes longer than this gets no answer. */
const STUCK_MS = 10_000;
/** So many of the last entries are kept in memory, once for all readers; whoever is further behind reads the database. */
const KEPT = 2_000;

/** The one reader of the log's end in this process. */
export interface Tail extends AsyncDisposable {
  readonly log: string;
  /** The last entry that was read. */
  readonly position: bigint;
  /** Whether the last read of the log succeeded, and the present one is not stuck. */
  readonly running: boolean;
  /** Whether nothing more will come: the process stops. */
  readonly ended: boolean;
  /** The entries behind a position, up to the tail's; null when they are no longer in memory. */
  after(position: bigint): readonly ChangeEntry[] | null;
  /** Resolves when the tail is behind a position, or stopped, or the signal aborts. */
  grown(position: bigint, signal: AbortSignal): Promise<void>;
}

/** Starts to follow the log's end: woken by notifications, at the latest by a poll each second. */
export async function startTail(database: Database, logger: Logger): Promise<Tail> {
  const db = database.client;
  const { log, head } = await readLogState(db);
  const waiting = new Set<() => void>();
  let kept: ChangeEntry[] = [];
  let position = head;
  let running = true;
  let readingSince = Number.POSITIVE_INFINITY;
  let stopped = false;
  let reading: Promise<void> | undefined;
  let wokenMeanwhile = false;

  const wake = (): void => {
    wokenMeanwhile = true;
    if (reading === undefined && !stopped) {
      reading = readOn().finally(() => {
        reading = undefined;
        if (wokenMeanwhile) wake();
      });
    }
  };

  const readOn = async (): Promise<void> => {
    try {
      while (!stopped) {
        wokenMeanwhile = false;
        readingSince = performance.now();
        const entries = await readAfter(db, log, position, BATCH);
        running = true;
        // Where there is much to read anyway, nothing is read for the backstop's sake alone.
        poll.refresh();
        const last = entries.at(-1);
        if (last === undefined) return;
        // Where the log was cut ahead of the tail, what is in memory no longer leads up to the new entries.
        const before = entries[0]?.position === position + 1n ? kept : [];
        kept = [...before, ...entries].slice(-KEPT);
        position = last.position;
        release();
        // What is written from here on wakes the tail again.
        if (entries.length < BATCH) return;
      }
    } catch (error) {
      if (running && !stopped) logger.error({ err: error }, 'the change log cannot be read; trying again each second');
      running = false;
      wokenMeanwhile = false;
    } finally {
      readingSince = Number.POSITIVE_INFINITY;
    }
  };

  const release = (): void => {
    const woken = [...waiting];
    waiting.clear();
    for (const resolve of woken) resolve();
  };

  const poll = setInterval(wake, POLL_MS);
  poll.unref();
  const listening = await database.listen(WAKE_CHANNEL, wake).catch((error: unknown) => {
    clearInterval(poll);
    throw error;
  });
  wake();

  return {
    log,
    get position() {
      return position;
    },
    get running() {
      return running && !stopped && performance.now() - readingSince < STUCK_MS;
    },
    get ended() {
      return stopped;
    },
    after: (from) => {
      if (from >= position) return [];
      const [oldest] = kept;
      if (oldest === undefined || from < oldest.position - 1n) return null;
      // Positions have no gaps, so the place in memory is a subtraction.
      return kept.slice(Number(from - oldest.position) + 1);
    },
    grown: (from, signal) =>
      new Promise((resolve) => {
        if (position > from || stopped || signal.aborted) return resolve();
        const done = (): void => {
          waiting.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiting.add(done);
        signal.addEventListener('abort', done, { once: true });
      }),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearInterval(poll);
      release();
      await listening[Symbol.asyncDispose]();
      await reading;
    },
  };
}
