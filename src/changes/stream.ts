import DataLoader from 'dataloader';
import type { PrismaClient } from '../database/generated/client.ts';
import { CursorExpired } from '../errors.ts';
import { type ChangeEntry, headOf, type LogState, type Place, readAfter, readLogState, resolveCursor } from './log.ts';
import type { Tail } from './tail.ts';

/** Whoever resumes from far behind reads the database in steps of this size. */
const BACKFILL_BATCH = 200;

/** The log from some place on; return() ends it at once, also while next() waits. */
export interface ChangeStream extends AsyncIterableIterator<ChangeEntry, undefined, undefined> {
  return(): Promise<IteratorResult<ChangeEntry, undefined>>;
  /** How far the log was read for it, whatever of that was handed on. */
  readonly place: Place;
}

/** The change log as the rest of the program sees it. */
export interface Changes {
  /** The newest place in the log, now. */
  head(): Promise<string>;
  /** The log's name and reach, now. */
  state(): Promise<LogState>;
  /**
   * Follows the log: what came after the cursor, then what comes, in order, none lost, none twice; without a cursor, live from now.
   * Throws CursorInvalid or CursorExpired; the stream throws CursorExpired when the log is cut below it. A reader takes entries at its own pace and costs no memory while it does not.
   */
  follow(after: string | null | undefined): Promise<ChangeStream>;
  /** Follows the log from a place on, until there is nothing between the reader and the tail. */
  catchUp(from: Place): ChangeStream;
  /** Follows the log from a place on, without end. */
  followFrom(from: Place): ChangeStream;
  /** The place that a cursor names, or the log's head without one; throws CursorInvalid or CursorExpired. */
  locate(after: string | null | undefined): Promise<Place>;
  /** The last entry that this process has read. */
  readonly position: bigint;
  /** Resolves when there are entries behind a position, or the signal aborts. */
  grown(position: bigint, signal: AbortSignal): Promise<void>;
  /** The entries behind a position that are in memory; null when they no longer are. */
  recent(position: bigint): readonly ChangeEntry[] | null;
  /** Whether nothing more will come: the process stops. */
  readonly ended: boolean;
  /** The log's name. */
  readonly log: string;
  /** Whether the log is being followed. */
  readonly running: boolean;
}

/** Opens the log for reading. */
export function openChanges(db: PrismaClient, tail: Tail): Changes {
  // One query for all who ask in one turn of the event loop, begun after they have: thousands who subscribe at once each need to know.
  const states = new DataLoader(
    (askers: readonly 'now'[]) => readLogState(db).then((state) => askers.map(() => state)),
    {
      cache: false,
      batchScheduleFn: (load) => setImmediate(load),
    },
  );
  const readState = (): Promise<LogState> => states.load('now');
  const locate = async (after: string | null | undefined): Promise<Place> => {
    const state = await readState();
    return after == null ? headOf(state) : resolveCursor(after, state);
  };
  const followFrom = (from: Place) => streamOf(from, (reader) => read(db, tail, reader, 'forever'));
  return {
    head: async () => headOf(await readState()).cursor,
    state: readState,
    follow: async (after) => followFrom(await locate(after)),
    catchUp: (from) => streamOf(from, (reader) => read(db, tail, reader, 'to the tail')),
    followFrom,
    locate,
    get position() {
      return tail.position;
    },
    grown: (position, signal) => tail.grown(position, signal),
    recent: (position) => tail.after(position),
    get ended() {
      return tail.ended;
    },
    log: tail.log,
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

/** Where a stream is, and whether it was told to stop. */
interface StreamReader {
  place: Place;
  readonly stop: AbortSignal;
}

/** A pending next() of a generator would hold its return() up; so stopping is told to the generator first. */
function streamOf(
  from: Place,
  start: (reader: StreamReader) => AsyncGenerator<ChangeEntry, undefined, undefined>,
): ChangeStream {
  const stop = new AbortController();
  const reader: StreamReader = { place: from, stop: stop.signal };
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

/** Entries come from memory where they are still there, else from the database; backfill, cutover and live are one and the same loop. */
async function* read(
  db: PrismaClient,
  tail: Tail,
  reader: StreamReader,
  extent: 'forever' | 'to the tail',
): AsyncGenerator<ChangeEntry, undefined, undefined> {
  while (!reader.stop.aborted) {
    const { position } = reader.place;
    if (position >= tail.position) {
      if (extent === 'to the tail' || tail.ended) return undefined;
      await tail.grown(position, reader.stop);
      continue;
    }
    const entries = tail.after(position) ?? (await readAfter(db, tail.log, position, BACKFILL_BATCH));
    // Positions have no gaps: where the next one is missing, the log was cut below this reader.
    if (entries[0]?.position !== position + 1n) throw new CursorExpired(reader.place.cursor);
    for (const entry of entries) {
      if (reader.stop.aborted) return undefined;
      reader.place = entry;
      yield entry;
    }
  }
  return undefined;
}
