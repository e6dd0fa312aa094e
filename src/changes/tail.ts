import type { Database } from '../database/handle.ts';
import { isUnavailable } from '../database/unavailable.ts';
import { CursorExpired, CursorInvalid, rootMessageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';
import {
  type ChangeEntry,
  cutOf,
  entriesAfter,
  headOf,
  type LogState,
  type Place,
  readAfter,
  readLogState,
} from './log.ts';
import { type OnWrite, onWrites, positionIn, WAKE_CHANNEL } from './wake.ts';

/** Poll interval, in case a wake-up is lost. */
const POLL_MS = 1_000;
const BATCH = 500;
/** A read that takes longer than this is stuck. */
const STUCK_MS = 10_000;
/** Number of the latest entries that are kept in memory for all readers. Readers further back read the database. */
const KEPT = 2_000;

/** When a write was committed. */
export interface Commit {
  /** By performance.now(). */
  readonly committedAt: number;
  /** Whether this process wrote it. Of other writes it is the beginning of the transaction, by the database's clock. */
  readonly isOurs: boolean;
}

/** What the tail has done since the start. */
export interface TailCounts {
  /** Statements that read the log's end. */
  reads: number;
  /** Why it looked, or took what was handed to it. */
  polls: number;
  notifications: number;
  ownWrites: number;
}

/** The only reader of the log's end in this process. */
export interface Tail extends AsyncDisposable {
  /** The log's name; it changes when the log is replaced. */
  readonly log: string;
  /** The position of the last entry that was read. It goes back only when the log is replaced. */
  readonly position: bigint;
  /**
   * Aborts with a CursorInvalid when the log is replaced: it has another name, or lacks the last entry that was read.
   * Then there is a new signal. Everyone who began under the old one has to end.
   */
  readonly era: AbortSignal;
  /** Whether the last read of the log succeeded, and the present one is not stuck. */
  readonly running: boolean;
  /** Whether no more entries will come because the process stops. */
  readonly ended: boolean;
  /**
   * The entries after a place, up to the tail, from memory; null when memory no longer has them. Throws CursorInvalid when memory has
   * another entry at the place.
   */
  after(from: Place): readonly ChangeEntry[] | null;
  /** The same after a position, without a check of the entry there. */
  recent(position: bigint): readonly ChangeEntry[] | null;
  /**
   * Resolves when the tail is past a position, or stopped, or the signal aborts. Throws CursorInvalid when the log is replaced meanwhile,
   * or ends before the position.
   */
  grown(position: bigint, signal: AbortSignal): Promise<void>;
  /** When an entry was committed. */
  commitOf(entry: ChangeEntry): Commit;
  readonly counts: Readonly<TailCounts>;
  /** How long ago it last had everything that the log had, in milliseconds: up to a second, as it looks once a second. */
  readonly behindMs: number;
}

/** Starts to follow the log's end: after each write of this process, on each notification, and at least once a second. */
export async function startTail(database: Database, logger: Logger): Promise<Tail> {
  const db = database.client;
  const state = await readLogState(db);
  let log = state.log;
  const waiting = new Set<Waiter>();
  /** Memory holds the entries after base, up to place. */
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
  /** The newest position that was written since the present read began; the read may have it nevertheless. */
  let writtenMeanwhile = 0n;
  const counts: TailCounts = { reads: 0, polls: 0, notifications: 0, ownWrites: 0 };
  let wholeAt = performance.now();
  /** When this process's own writes were committed, by the positions of their last entries; the newest ones. */
  const commits = new Map<bigint, number>();

  const wake = (): void => {
    wokenMeanwhile = true;
    if (reading === undefined && !stopped) {
      reading = readToEnd().finally(() => {
        reading = undefined;
        if (wokenMeanwhile || writtenMeanwhile > place.position) wake();
      });
    }
  };
  const wakeFor = (position: bigint): void => {
    if (position <= place.position) return;
    if (reading === undefined) wake();
    else if (position > writtenMeanwhile) writtenMeanwhile = position;
  };
  /** What this process appended itself is taken as it is, if nothing between the tail and it is missing. */
  const onWrite: OnWrite = (position, appended) => {
    counts.ownWrites += 1;
    const now = performance.now();
    noteCommit(position, now);
    if (reading === undefined && !stopped && appended !== null && position > place.position) {
      const entries = next(place, appended);
      for (const entry of entries) noteCommit(entry.position, now);
      advance(entries);
    }
    wakeFor(position);
  };
  const onNotification = (payload?: string): void => {
    counts.notifications += 1;
    const position = positionIn(payload ?? '');
    if (position === null) wake();
    else wakeFor(position);
  };

  const noteCommit = (position: bigint, at: number): void => {
    commits.set(position, at);
    if (commits.size <= KEPT) return;
    for (const oldest of commits.keys()) {
      commits.delete(oldest);
      return;
    }
  };

  const readToEnd = async (): Promise<void> => {
    try {
      for (let more = true; more && !stopped; ) {
        wokenMeanwhile = false;
        writtenMeanwhile = 0n;
        readingSince = performance.now();
        reads += 1;
        counts.reads += 1;
        const began = performance.now();
        more = await readOnce();
        if (!more) wholeAt = began;
        if (!running) logger.info('the change log is read again');
        running = true;
        // A read just took place, so the next poll can wait for a full interval.
        poll.refresh();
      }
    } catch (error) {
      if (running && !stopped) logFailure(logger, error);
      running = false;
      wokenMeanwhile = false;
      writtenMeanwhile = 0n;
    } finally {
      readingSince = Number.POSITIVE_INFINITY;
    }
  };

  /** Returns whether more entries may be available already. Later writes wake the tail again. */
  const readOnce = async (): Promise<boolean> => {
    let entries: readonly ChangeEntry[];
    try {
      entries = await readAfter(db, place, BATCH);
    } catch (error) {
      if (error instanceof CursorInvalid) restart(await readLogState(db), error);
      else if (error instanceof CursorExpired) continueFrom(cutOf(await readLogState(db)));
      else throw error;
      return true;
    }
    advance(entries);
    if (entries.length === BATCH) return true;
    // The log's end is reached. Those who have waited since before this read began, for a later position, wait for one that this log does
    // not have.
    for (const { position, refuse } of take((waiter) => waiter.position > place.position && waiter.reads < reads)) {
      refuse(new CursorInvalid(`${position}`));
    }
    return false;
  };

  const advance = (entries: readonly ChangeEntry[]): void => {
    const all = entries.length === 0 ? kept : [...kept, ...entries];
    base = all.at(-KEPT - 1) ?? base;
    kept = all.slice(-KEPT);
    place = kept.at(-1) ?? place;
    for (const { resolve } of take(({ position }) => position < place.position)) resolve();
  };

  /** After the log was cut past the tail, the entries in memory no longer connect to the next ones. */
  const continueFrom = (from: Place): void => {
    kept = [];
    base = from;
    place = from;
  };

  const restart = (now: LogState, error: CursorInvalid): void => {
    logger.error(
      { log: now.log, head: now.head, formerLog: log, formerHead: place.position },
      'the change log was replaced; every subscriber has to take a new snapshot',
    );
    commits.clear();
    const former = era;
    log = now.log;
    era = new AbortController();
    continueFrom(headOf(now));
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
    // Positions have no gaps, so the index is a subtraction.
    return position < base.position ? null : kept.slice(Number(position - base.position));
  };

  const poll = setInterval(() => {
    counts.polls += 1;
    wake();
  }, POLL_MS);
  poll.unref();
  const stopListening = onWrites([...new Set(Object.values(database.lanes))], onWrite);
  const listening = await database.listen(WAKE_CHANNEL, onNotification).catch((error: unknown) => {
    clearInterval(poll);
    stopListening();
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
    counts,
    get behindMs() {
      return performance.now() - wholeAt;
    },
    commitOf: ({ position, at }) => {
      const ours = commits.get(position);
      if (ours !== undefined) return { committedAt: ours, isOurs: true };
      return { committedAt: performance.now() - Math.max(0, Date.now() - at.getTime()), isOurs: false };
    },
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
        // Check now whether the log reaches this position: a log that went back may never reach it.
        if (position > place.position) wake();
      }),
    [Symbol.asyncDispose]: async () => {
      stopped = true;
      clearInterval(poll);
      stopListening();
      for (const { resolve } of take(() => true)) resolve();
      await listening[Symbol.asyncDispose]();
      await reading;
    },
  };
}

/** The entries of a part of the log, if they follow right after a place; else none. */
function next(from: Place, part: string): readonly ChangeEntry[] {
  try {
    const entries = entriesAfter(from, JSON.parse(part));
    return entries[0]?.position === from.position + 1n ? entries : [];
  } catch {
    // Whatever is wrong with it: the log is read instead, and that tells.
    return [];
  }
}

/** Logs the first failure of a series only, since the read is repeated each second. */
function logFailure(logger: Logger, error: unknown): void {
  if (isUnavailable(error)) logger.error(`the database is away: ${rootMessageOf(error)}`);
  else logger.error({ err: error }, 'the change log cannot be read; trying again each second');
}

/** A caller of grown(), with the number of reads that had begun when it called. */
interface Waiter {
  readonly position: bigint;
  readonly reads: number;
  readonly resolve: () => void;
  readonly refuse: (error: Error) => void;
}
