import type { Database } from '../database/handle.ts';
import { isUnavailable } from '../database/unavailable.ts';
import { CursorExpired, CursorInvalid, rootMessageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type ChangeEntry, cutOf, headOf, type LogState, type Place, readAfter, readLogState } from './log.ts';
import { WAKE_CHANNEL } from './wake.ts';

/** The backstop for wake-ups that got lost. */
const POLL_MS = 1_000;
const BATCH = 500;
/** A read that takes longer than this gets no answer. */
const STUCK_MS = 10_000;
/** So many of the last entries are kept in memory, once for all readers; whoever is further back reads the database. */
const KEPT = 2_000;

/** The one reader of the log's end in this process. */
export interface Tail extends AsyncDisposable {
  /** The log's name; another one after the log was replaced. */
  readonly log: string;
  /** The last entry that was read; it goes back only where the log was replaced. */
  readonly position: bigint;
  /**
   * Aborts, with a CursorInvalid as its reason, once the log turns out to be another than it was: one of another name, or without the last entry that was read.
   * From then on there is a new one. Whoever began under the old one has to end.
   */
  readonly era: AbortSignal;
  /** Whether the last read of the log succeeded, and the present one is not stuck. */
  readonly running: boolean;
  /** Whether nothing more will come: the process stops. */
  readonly ended: boolean;
  /** The entries after a place, up to the tail's; null when they are no longer in memory. CursorInvalid where memory has something else at the place. */
  after(from: Place): readonly ChangeEntry[] | null;
  /** The same after a position, whatever is there. */
  recent(position: bigint): readonly ChangeEntry[] | null;
  /** Resolves when the tail is past a position, or stopped, or the signal aborts. CursorInvalid when the log is replaced meanwhile, or ends before the position. */
  grown(position: bigint, signal: AbortSignal): Promise<void>;
}

/** Starts to follow the log's end: woken by notifications, at the latest by a poll each second. */
export async function startTail(database: Database, logger: Logger): Promise<Tail> {
  const db = database.client;
  const state = await readLogState(db);
  let log = state.log;
  const waiting = new Set<Waiter>();
  /** What is in memory: the entries after one place, up to another. */
  let base = headOf(state);
  let kept: readonly ChangeEntry[] = [];
  let place = base;
  let era = new AbortController();
  let running = true;
  let readingSince = Number.POSITIVE_INFINITY;
  let reads = 0;
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
      for (let more = true; more && !stopped; ) {
        wokenMeanwhile = false;
        readingSince = performance.now();
        reads += 1;
        more = await readOnce();
        if (!running) logger.info('the change log is read again');
        running = true;
        // Where there is much to read anyway, nothing is read for the backstop's sake alone.
        poll.refresh();
      }
    } catch (error) {
      if (running && !stopped) complain(logger, error);
      running = false;
      wokenMeanwhile = false;
    } finally {
      readingSince = Number.POSITIVE_INFINITY;
    }
  };

  /** Whether there can be more already. What is written after it wakes the tail again. */
  const readOnce = async (): Promise<boolean> => {
    let entries: readonly ChangeEntry[];
    try {
      entries = await readAfter(db, place, BATCH);
    } catch (error) {
      if (error instanceof CursorInvalid) beginAnew(await readLogState(db), error);
      else if (error instanceof CursorExpired) goOnFrom(cutOf(await readLogState(db)));
      else throw error;
      return true;
    }
    remember(entries);
    for (const { resolve } of take(({ position }) => position < place.position)) resolve();
    if (entries.length === BATCH) return true;
    // At the log's end: whoever waits for a place after it, since before this read began, waits for one that this log does not have.
    for (const { position, refuse } of take((waiter) => waiter.position > place.position && waiter.reads < reads)) {
      refuse(new CursorInvalid(`${position}`));
    }
    return false;
  };

  const remember = (entries: readonly ChangeEntry[]): void => {
    const all = entries.length === 0 ? kept : [...kept, ...entries];
    base = all.at(-KEPT - 1) ?? base;
    kept = all.slice(-KEPT);
    place = kept.at(-1) ?? place;
  };

  /** Where the log was cut after the tail, what is in memory no longer leads up to what comes. */
  const goOnFrom = (from: Place): void => {
    kept = [];
    base = from;
    place = from;
  };

  const beginAnew = (now: LogState, error: CursorInvalid): void => {
    logger.error(
      { log: now.log, head: now.head, formerLog: log, formerHead: place.position },
      'the change log is another than it was; every subscriber has to take a new snapshot',
    );
    const former = era;
    log = now.log;
    era = new AbortController();
    goOnFrom(headOf(now));
    former.abort(error);
    for (const { refuse } of take(() => true)) refuse(error);
  };

  const take = (chosen: (waiter: Waiter) => boolean): readonly Waiter[] => {
    const taken = [...waiting].filter(chosen);
    for (const waiter of taken) waiting.delete(waiter);
    return taken;
  };

  const recent: Tail['recent'] = (position) => {
    if (position >= place.position) return [];
    // Positions have no gaps, so the place in memory is a subtraction.
    return position < base.position ? null : kept.slice(Number(position - base.position));
  };

  const poll = setInterval(wake, POLL_MS);
  poll.unref();
  const listening = await database.listen(WAKE_CHANNEL, wake).catch((error: unknown) => {
    clearInterval(poll);
    throw error;
  });
  wake();

  return {
    get log() {
      return log;
    },
    get position() {
      return place.position;
    },
    get era() {
      return era.signal;
    },
    get running() {
      return running && !stopped && performance.now() - readingSince < STUCK_MS;
    },
    get ended() {
      return stopped;
    },
    after: (from) => {
      if (from.position >= base.position && from.position <= place.position) {
        const here = from.position === base.position ? base : kept[Number(from.position - base.position) - 1];
        if (here?.cursor !== from.cursor) throw new CursorInvalid(from.cursor);
      }
      return recent(from.position);
    },
    recent,
    grown: (position, signal) =>
      new Promise((resolve, reject) => {
        if (place.position > position || stopped || signal.aborted) return resolve();
        const leave = (): void => {
          waiting.delete(waiter);
          signal.removeEventListener('abort', leave);
          resolve();
        };
        const refuse = (error: Error): void => {
          signal.removeEventListener('abort', leave);
          reject(error);
        };
        const waiter: Waiter = { position, reads, resolve: leave, refuse };
        waiting.add(waiter);
        signal.addEventListener('abort', leave, { once: true });
        // Whether the log reaches so far is found out now: a log that went back may never do.
        if (position > place.position) wake();
      }),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearInterval(poll);
      for (const { resolve } of take(() => true)) resolve();
      await listening[Symbol.asyncDispose]();
      await reading;
    },
  };
}

/** Once for as long as it lasts; it is tried again each second. */
function complain(logger: Logger, error: unknown): void {
  if (isUnavailable(error)) logger.error(`the database is away: ${rootMessageOf(error)}`);
  else logger.error({ err: error }, 'the change log cannot be read; trying again each second');
}

/** Somebody who waits for the tail to be past a position, since so many reads had begun. */
interface Waiter {
  readonly position: bigint;
  readonly reads: number;
  readonly resolve: () => void;
  readonly refuse: (error: Error) => void;
}
