import { LRUCache } from 'lru-cache';
import type { Changes } from '../changes/stream.ts';
import type { Asker } from './admission.ts';
import { type Answer, tellAs } from './answer.ts';
import type { ReadNotes, Traces } from './read-notes.ts';
import { intersects } from './readers.ts';

/** An answer above this share of the memory is not kept, so that one cannot drive out all others. */
const LARGEST_SHARE = 1 / 16;
/** Estimated bytes of a trace: a short text and its place in a set. */
const TRACE_BYTES = 64;
/**
 * How long an answer is kept at most. It has to be worked out again only for what changes without an entry in the log: a later version that
 * starts on another instance works out anew what follows from the figures.
 */
const LONGEST_MS = 60_000;
/** Who joins a query later than this after it began has too little of its time, and begins its own if that time is over. */
const YOUNG_MS = 500;

/** Takes what a query read. */
export interface Reading {
  /** Tells that the query was admitted. */
  begin(): void;
  noteRead(traces: Traces): void;
}

/** Executes a query for whoever asks. The reading is missing if nothing is kept. */
export type Run = (asker: Asker, reading?: Reading) => Promise<Answer>;

/** Answers of queries, kept for as long as executing the query again would give the same. */
export interface HotAnswers {
  /**
   * The answer to a query. The key contains the operation, its variables, and the access of its viewer.
   * Contains everything up to the last log entry that this process has read or written.
   */
  answer(key: string, asker: Asker, run: Run): Promise<Answer>;
  /** Forgets all answers. */
  clear(): void;
  /** How often an answer was there, was being worked out for another asker, and had to be worked out. */
  readonly counts: Readonly<Record<'hit' | 'shared' | 'miss', number>>;
  /** Number of kept answers, and the memory that they take, in bytes. */
  readonly size: number;
  readonly bytes: number;
}

export interface HotOptions {
  readonly changes: Pick<Changes, 'position' | 'era' | 'recent' | 'running'>;
  readonly notes: Pick<ReadNotes, 'touchedBy' | 'today'>;
  /** The position of the last log entry that this process has written. */
  readonly written: () => bigint;
  /** Memory for the answers, in bytes; nothing is kept with 0. */
  readonly maxBytes: number;
  /** Tells that the unexpected error of a request is that of another, which is logged under its id. */
  readonly noteSame?: (requestId: string, first: string) => void;
}

/** An answer, and on what it depends. */
interface Kept {
  readonly answer: Answer;
  readonly traces: Traces;
  readonly day: string;
  readonly era: AbortSignal;
  /** No entry up to this position, from the one at which the answer was begun, touches what it read. */
  at: bigint;
}

/** A query under way, for everyone who asks the same meanwhile. */
interface Flight {
  readonly era: AbortSignal;
  /** When it began, by the monotonic clock. */
  readonly began: number;
  /** The position at which it began: the answer contains everything up to it. */
  readonly at: bigint;
  readonly day: string;
  readonly askers: Asker[];
  /** Until it is admitted it waits in the queue of its first asker, and can be refused there. */
  readonly admission: { isOver: boolean };
  readonly someoneLeft: () => void;
  /** Whether everyone had left, so that it was cut off. */
  readonly wasLeft: () => boolean;
  readonly answer: Promise<Answer>;
}

/**
 * Keeps answers until a log entry touches what they read, or a day begins in Shanghai. An entry about one brand leaves the answers about
 * all others. Whether an answer is current is found out when it is asked for, so an entry costs nothing, however many answers are kept.
 */
export function keepAnswers({ changes, notes, written, maxBytes, noteSame }: HotOptions): HotAnswers {
  const counts = { hit: 0, shared: 0, miss: 0 };
  if (maxBytes === 0)
    return { answer: (_key, asker, run) => run(asker), clear: () => undefined, counts, size: 0, bytes: 0 };
  const kept = new LRUCache<string, Kept>({
    maxSize: maxBytes,
    maxEntrySize: Math.ceil(maxBytes * LARGEST_SHARE),
    ttl: LONGEST_MS,
    // Twice the bytes: the compressed forms are kept as well.
    sizeCalculation: ({ answer, traces }, key) =>
      2 * (answer.bytes.length + key.length) + TRACE_BYTES * (traces === 'everything' ? 1 : traces.size + 1),
  });
  const flights = new Map<string, Flight>();

  /** Whether this process has read at least what it has written. */
  const seesOwnWrites = (): boolean => changes.running && changes.position >= written();

  const isCurrent = (entry: Kept): boolean => {
    if (entry.era !== changes.era || entry.day !== notes.today()) return false;
    const { position } = changes;
    if (entry.at === position) return true;
    const since = changes.recent(entry.at);
    if (since === null || since.some((change) => intersects(notes.touchedBy(change), entry.traces))) return false;
    entry.at = position;
    return true;
  };

  const find = (key: string): Answer | null => {
    if (!seesOwnWrites()) return null;
    const entry = kept.get(key);
    if (entry === undefined) return null;
    if (isCurrent(entry)) {
      counts.hit += 1;
      return entry.answer;
    }
    kept.delete(key);
    return null;
  };

  const findFlight = (key: string, asker: Asker): Flight | null => {
    const flight = flights.get(key);
    if (flight === undefined || flight.era !== changes.era || flight.day !== notes.today()) return null;
    if (flight.wasLeft() || flight.at < changes.position || flight.at < written()) return null;
    if (!flight.admission.isOver && flight.askers[0]?.name !== asker.name) return null;
    return flight;
  };

  const join = async (flight: Flight, asker: Asker): Promise<Answer> => {
    flight.askers.push(asker);
    asker.whenGone(flight.someoneLeft);
    counts.shared += 1;
    const answer = await flight.answer;
    return asker.requestId === undefined ? answer : tellAs(answer, asker.requestId, noteSame);
  };

  const start = (key: string, asker: Asker, run: Run): Promise<Answer> => {
    const { position: at, era } = changes;
    const day = notes.today();
    const askers = [asker];
    counts.miss += 1;
    const admission = { isOver: false };
    const listeners: (() => void)[] = [];
    const isGone = (): boolean => askers.every((each) => each.isGone());
    let wasLeft = false;
    const someoneLeft = (): void => {
      wasLeft ||= isGone();
      if (wasLeft) for (const listener of listeners.splice(0)) listener();
    };
    const shared: Asker = { ...asker, isGone, whenGone: (listener) => void listeners.push(listener) };
    const execute = async (): Promise<Answer> => {
      let traces: Traces | null = null;
      const answer = await run(shared, {
        begin: () => {
          admission.isOver = true;
        },
        noteRead: (read) => {
          traces = read;
        },
      });
      if (traces !== null && answer.isWhole) kept.set(key, { answer, traces, day, era, at });
      return answer;
    };
    const left = { someoneLeft, wasLeft: () => wasLeft };
    const flight: Flight = { era, began: performance.now(), at, day, askers, admission, ...left, answer: execute() };
    asker.whenGone(someoneLeft);
    flights.set(key, flight);
    const land = (): void => {
      if (flights.get(key) === flight) flights.delete(key);
    };
    flight.answer.then(land, land);
    return flight.answer;
  };

  const joinOrStart = async (key: string, asker: Asker, run: Run): Promise<Answer> => {
    const flight = findFlight(key, asker);
    if (flight === null) return start(key, asker, run);
    const isYoung = performance.now() - flight.began < YOUNG_MS;
    const answer = await join(flight, asker);
    if (isYoung || !isTimedOut(answer) || asker.isGone()) return answer;
    // Others that are in the same case share this one, which is young.
    return find(key) ?? joinOrStart(key, asker, run);
  };

  return {
    answer: async (key, asker, run) => find(key) ?? joinOrStart(key, asker, run),
    clear: () => kept.clear(),
    counts,
    get size() {
      return kept.size;
    },
    get bytes() {
      return kept.calculatedSize;
    },
  };
}

function isTimedOut({ errors }: Answer): boolean {
  return errors.some(({ extensions }) => extensions.code === 'TIMED_OUT');
}
