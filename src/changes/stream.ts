import DataLoader from 'dataloader';
import type { PrismaClient } from '../database/generated/client.ts';
import type { Lanes } from '../database/handle.ts';
import { CursorInvalid } from '../errors.ts';
import { decodeCursor } from './cursor.ts';
import { type ChangeEntry, headOf, type LogState, type Place, readAfter, readLogState, resolveCursor } from './log.ts';
import type { Tail } from './tail.ts';

/** Whoever resumes from far behind reads the database in steps of this size: each is taken apart in one go, while everybody else waits. */
const BACKFILL_BATCH = 100;

/** No entry's position: whoever asks for the log's state alone asks for the digest there. */
const NOWHERE = 0n;

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
   * Throws CursorInvalid or CursorExpired; so does the stream, when the log turns out to be another one, or is cut above it. A reader takes entries at its own pace and costs no memory while it does not.
   */
  follow(after: string | null | undefined): Promise<ChangeStream>;
  /** Follows the log from a place on, until there is nothing between the reader and the tail. */
  catchUp(from: Place): ChangeStream;
  /** Follows the log from a place on, without end. */
  followFrom(from: Place): ChangeStream;
  /** The place that a cursor names, or the log's head without one; throws CursorInvalid or CursorExpired. */
  locate(after: string | null | undefined): Promise<Place>;
  /** The last entry that this process has read; it goes back only where the log was replaced. */
  readonly position: bigint;
  /**
   * Aborts, with a CursorInvalid as its reason, once the log turns out to be another than it was: one of another name, or without the last entry that was read,
   * as after a backup was restored. From then on there is a new one; streams that began before throw CursorInvalid, and whoever reads by positions has to end as well.
   */
  readonly era: AbortSignal;
  /** Resolves when there are entries after a position, or the signal aborts. CursorInvalid when the log is replaced meanwhile, or ends before the position. */
  grown(position: bigint, signal: AbortSignal): Promise<void>;
  /** The entries after a position that are in memory; null when they no longer are. After the log was replaced, those of the new one. */
  recent(position: bigint): readonly ChangeEntry[] | null;
  /** Whether nothing more will come: the process stops. */
  readonly ended: boolean;
  /** The log's name; another one after the log was replaced. */
  readonly log: string;
  /** Whether the log is being followed. */
  readonly running: boolean;
}

/** Opens the log for reading. Where it ends is read over the log's own lane; what a reader has to catch up with, over the lane of its events. */
export function openChanges({ log, push }: Pick<Lanes, 'log' | 'push'>, tail: Tail): Changes {
  // One query for all who ask in one turn of the event loop, begun after they have: thousands who subscribe at once each need to know.
  const states = new DataLoader(
    async (positions: readonly bigint[]) => {
      const state = await readLogState(log, [...new Set(positions)]);
      return positions.map(() => state);
    },
    {
      cache: false,
      batchScheduleFn: (load) => setImmediate(load),
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

/** Where a stream is, and whether it was told to stop. */
interface StreamReader {
  place: Place;
  readonly stop: AbortSignal;
  /** That in which the stream began. */
  readonly era: AbortSignal;
}

/** A pending next() of a generator would hold its return() up; so stopping is told to the generator first. */
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

/** Entries come from memory where they are still there, else from the database; backfill, cutover and live are one and the same loop. */
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
      // Where nothing follows although the tail is further on, the log went back, and the tail is about to notice.
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
