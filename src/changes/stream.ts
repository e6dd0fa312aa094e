import DataLoader from 'dataloader';
import { uncancelled } from '../database/cancel.ts';
import type { PrismaClient } from '../database/generated/client.ts';
import type { Lanes } from '../database/handle.ts';
import { CursorInvalid } from '../errors.ts';
import { decodeCursor } from './cursor.ts';
import { type ChangeEntry, headOf, type LogState, type Place, readAfter, readLogState, resolveCursor } from './log.ts';
import type { Commit, Tail } from './tail.ts';

/** Batch size for readers that resume from far back. Each batch is deserialised in one go, which blocks the event loop. */
const BACKFILL_BATCH = 100;

/** The position of no entry, for those who need the log's state without a digest. */
const NOWHERE = 0n;

/** The log from a place on. return() ends it at once, even while next() waits. */
export interface ChangeStream extends AsyncIterableIterator<ChangeEntry, undefined, undefined> {
  return(): Promise<IteratorResult<ChangeEntry, undefined>>;
  /** How far the log was read for this stream, including entries that were not handed on. */
  readonly place: Place;
}

/** The change log as the rest of the program sees it. */
export interface Changes {
  /** The cursor of the newest place in the log. */
  head(): Promise<string>;
  /** The log's present name and range. */
  state(): Promise<LogState>;
  /**
   * Follows the log: first the entries after the cursor, then new ones, in order, without loss or duplicates. Without a cursor it starts
   * at the head.
   * Throws CursorInvalid or CursorExpired; so does the stream when the log is replaced, or is cut after the stream's place.
   * A reader takes entries at its own pace and costs no memory while it does not read.
   */
  follow(after: string | null | undefined): Promise<ChangeStream>;
  /** Follows the log from a place on, until the reader has reached the tail. */
  catchUp(from: Place): ChangeStream;
  /** Follows the log from a place on, without end. */
  followFrom(from: Place): ChangeStream;
  /** The place that a cursor names, or the log's head without a cursor; throws CursorInvalid or CursorExpired. */
  locate(after: string | null | undefined): Promise<Place>;
  /** The position of the last entry that this process has read. It goes back only when the log is replaced. */
  readonly position: bigint;
  /**
   * Aborts with a CursorInvalid when the log is replaced: it has another name, or lacks the last entry that was read, as after the
   * restore of a backup.
   * Then there is a new signal. Streams that began before throw CursorInvalid, and everyone who reads by positions has to end as well.
   */
  readonly era: AbortSignal;
  /**
   * Resolves when there are entries after a position, or the signal aborts. Throws CursorInvalid when the log is replaced meanwhile, or
   * ends before the position.
   */
  grown(position: bigint, signal: AbortSignal): Promise<void>;
  /**
   * The entries after a position, from memory; null when memory no longer has them. After the log was replaced these are entries of the
   * new log.
   */
  recent(position: bigint): readonly ChangeEntry[] | null;
  /** When an entry was committed. */
  commitOf(entry: ChangeEntry): Commit;
  /** Whether no more entries will come because the process stops. */
  readonly ended: boolean;
  /** The log's name; it changes when the log is replaced. */
  readonly log: string;
  /** Whether the log is being followed. */
  readonly running: boolean;
}

/** Opens the log for reading. The log's head is read on the log lane, and entries for readers that catch up on the push lane. */
export function openChanges({ log, push }: Pick<Lanes, 'log' | 'push'>, tail: Tail): Changes {
  // One query for all calls in one turn of the event loop, sent after the last of them. Thousands of clients that subscribe at once each
  // need the state.
  const states = new DataLoader(
    async (positions: readonly bigint[]) => {
      const state = await readLogState(log, [...new Set(positions)]);
      return positions.map(() => state);
    },
    {
      cache: false,
      // Nor is it the statement of the first to ask, who may leave.
      batchScheduleFn: (load) => setImmediate(() => uncancelled(load)),
    },
  );
  const readState = (): Promise<LogState> => states.load(NOWHERE);
  const locate = async (after: string | null | undefined): Promise<Place> => {
    if (after == null) return headOf(await readState());
    return resolveCursor(after, await states.load(decodeCursor(after)?.position ?? NOWHERE));
  };
  const followFrom = (from: Place) => streamOf(from, tail, (reader) => read(push, tail, reader, 'forever'));
  return {
    head: async () => headOf(await readState()).cursor,
    state: readState,
    follow: async (after) => followFrom(await locate(after)),
    catchUp: (from) => streamOf(from, tail, (reader) => read(push, tail, reader, 'to the tail')),
    followFrom,
    locate,
    get position() {
      return tail.position;
    },
    get era() {
      return tail.era;
    },
    grown: (position, signal) => tail.grown(position, signal),
    recent: (position) => tail.recent(position),
    commitOf: (entry) => tail.commitOf(entry),
    get ended() {
      return tail.ended;
    },
    get log() {
      return tail.log;
    },
    get running() {
      return tail.running;
    },
  };
}

/** The entries of a stream that pass a test. */
export function filterStream(source: ChangeStream, passes: (entry: ChangeEntry) => Promise<boolean>): ChangeStream {
  const stream: ChangeStream = {
    next: async () => {
      for (;;) {
        const step = await source.next();
        if (step.done === true || (await passes(step.value))) return step;
      }
    },
    return: () => source.return(),
    get place() {
      return source.place;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** The place of a stream, and whether it was stopped. */
interface StreamReader {
  place: Place;
  readonly stop: AbortSignal;
  /** The era in which the stream began. */
  readonly era: AbortSignal;
}

/** return() of a generator waits for its pending next(), so the generator is first told to stop. */
function streamOf(
  from: Place,
  { era }: Tail,
  start: (reader: StreamReader) => AsyncGenerator<ChangeEntry, undefined, undefined>,
): ChangeStream {
  const stop = new AbortController();
  const reader: StreamReader = { place: from, stop: stop.signal, era };
  const entries = start(reader);
  const stream: ChangeStream = {
    next: () => entries.next(),
    return: () => {
      stop.abort();
      return entries.return(undefined);
    },
    get place() {
      return reader.place;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** Reads entries from memory if they are still there, else from the database. Backfill, cutover and live are one loop. */
async function* read(
  db: PrismaClient,
  tail: Tail,
  reader: StreamReader,
  extent: 'forever' | 'to the tail',
): AsyncGenerator<ChangeEntry, undefined, undefined> {
  while (!reader.stop.aborted) {
    requireSameLog(reader);
    const entries = tail.after(reader.place) ?? (await readAfter(db, reader.place, BACKFILL_BATCH));
    if (entries.length === 0) {
      const { position } = reader.place;
      if (position >= tail.position && (extent === 'to the tail' || tail.ended)) return undefined;
      // If no entry follows although the tail is further ahead, the log went back, and the tail is about to notice.
      await tail.grown(position > tail.position ? position : tail.position, reader.stop).catch((error: unknown) => {
        throw error instanceof CursorInvalid ? new CursorInvalid(reader.place.cursor) : error;
      });
      continue;
    }
    for (const entry of entries) {
      if (reader.stop.aborted) return undefined;
      requireSameLog(reader);
      reader.place = entry;
      yield entry;
    }
  }
  return undefined;
}

function requireSameLog({ era, place }: StreamReader): void {
  if (era.aborted) throw new CursorInvalid(place.cursor);
}
