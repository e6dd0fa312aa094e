import type { PrismaClient } from '../database/generated/client.ts';
import { SlowConsumer } from '../errors.ts';
import { encodeCursor } from './cursor.ts';
import { type ChangeEntry, type LogState, readAfter, readLogState, resolveCursor } from './log.ts';
import type { Tail } from './tail.ts';

/** How many events one subscriber may be behind before it is let go. */
const MAX_BEHIND = 1_000;
const BACKFILL_BATCH = 200;

/** The log from some place on; return() ends it at once, also while next() waits. */
export interface ChangeStream extends AsyncIterableIterator<ChangeEntry, undefined, undefined> {
  return(): Promise<IteratorResult<ChangeEntry, undefined>>;
}

/** The change log as the rest of the program sees it. */
export interface Changes {
  /** The newest place in the log, now. */
  head(): Promise<string>;
  /** The log's name and reach, now. */
  state(): Promise<LogState>;
  /**
   * Follows the log: what came after the cursor, then what comes, in order, none lost, none twice; without a cursor, live from now.
   * Throws CursorInvalid or CursorExpired; the stream throws SlowConsumer when its reader falls 1,000 events behind.
   */
  follow(after: string | null | undefined): Promise<ChangeStream>;
  /** The log's name. */
  readonly log: string;
  /** Whether the log is being followed. */
  readonly running: boolean;
}

/** Opens the log for reading. */
export function openChanges(db: PrismaClient, tail: Tail): Changes {
  return {
    head: async () => {
      const { log, head } = await readLogState(db);
      return encodeCursor({ log, position: head });
    },
    state: () => readLogState(db),
    follow: (after) => follow(db, tail, after),
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
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

async function follow(db: PrismaClient, tail: Tail, after: string | null | undefined): Promise<ChangeStream> {
  const state = await readLogState(db);
  const { position } = after == null ? { position: state.head } : resolveCursor(after, state);
  const stop = new AbortController();
  const entries = run(db, tail, position, stop.signal);
  const stream: ChangeStream = {
    next: () => entries.next(),
    return: () => {
      // A pending next() of a generator would hold its return() up; so stopping is told to the generator first.
      stop.abort();
      return entries.return(undefined);
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

async function* run(
  db: PrismaClient,
  tail: Tail,
  from: bigint,
  stop: AbortSignal,
): AsyncGenerator<ChangeEntry, undefined, undefined> {
  let position = from;
  // Backfill: from the database, until nothing lies between this reader and the tail.
  while (position < tail.position && !stop.aborted) {
    for (const entry of await readAfter(db, tail.log, position, BACKFILL_BATCH)) {
      yield entry;
      position = entry.position;
    }
  }
  // Cutover: nothing was awaited since the comparison, so the buffer begins where the backfill ended, or before; that part is passed over.
  using buffer = bufferFrom(tail, position, stop);
  for (;;) {
    const entry = await buffer.next();
    if (entry === undefined) return undefined;
    if (entry.position > position) {
      position = entry.position;
      yield entry;
    }
  }
}

interface Buffer extends Disposable {
  /** The next entry; undefined once stopped. */
  next(): Promise<ChangeEntry | undefined>;
}

function bufferFrom(tail: Tail, from: bigint, stop: AbortSignal): Buffer {
  let waiting: ChangeEntry[] = [];
  let overflown = false;
  let last = from;
  let wake = (): void => undefined;
  const listening = tail.listen((entries) => {
    if (overflown) return;
    waiting.push(...entries);
    if (waiting.length > MAX_BEHIND) {
      overflown = true;
      waiting = [];
    }
    wake();
  });
  stop.addEventListener('abort', () => wake());
  return {
    next: async () => {
      while (waiting.length === 0) {
        if (stop.aborted) return undefined;
        if (overflown) throw new SlowConsumer(encodeCursor({ log: tail.log, position: last }));
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const entry = waiting.shift();
      last = entry?.position ?? last;
      return entry;
    },
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}
