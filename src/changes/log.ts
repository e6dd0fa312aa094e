import type {
  ChangeKind,
  FigureAction,
  Metric,
  MilestoneKind,
  MilestoneStatus,
  PrismaClient,
  SubjectKind,
} from '../database/generated/client.ts';
import { Prisma } from '../database/generated/client.ts';
import type { Db, Tx } from '../database/handle.ts';
import { passToTransaction, readJson } from '../database/read-json.ts';
import { CursorExpired, CursorInvalid } from '../errors.ts';
import { type CursorContent, decodeCursor, encodeCursor } from './cursor.ts';
import { clearFailedWrite, isLostRace, noteFailedWrite, saysCannotWrite } from './failed-writes.ts';
import { isFollowed, wakeTails } from './wake.ts';

/** The number of attempts of a write that loses a race for the same row; the second attempt sees the winner's row. */
const WRITE_TRIES = 3;
/** The most entries of a write that are handed to the tail. Of more the transaction would take longer, while all others wait for it. */
const MOST_HANDED = 50;
const NO_LOG = 'The table ChangeLog is empty: the first migration was not applied whole.';

/** What a write appends to the log. */
export interface NewChange {
  readonly kind: ChangeKind;
  /** The id of what the change is about, in the table of its kind. */
  readonly aboutId: number;
  /** The subject of the change; only a new document has none yet. */
  readonly subjectId?: number;
  /**
   * What the subject was directly below before this write moved it. All changes of the subject in this write are reported there as well.
   */
  readonly wasBelow?: readonly number[];
  /** Other subjects that this change alone is reported to, with everything above them. */
  readonly involved?: readonly number[];
  readonly action?: FigureAction;
  readonly status?: MilestoneStatus;
  readonly statusBefore?: MilestoneStatus | null;
  readonly causedById?: number;
  readonly before?: number | null;
  /** The value of the figure's slot after this write; undefined for changes of other kinds. */
  readonly observation?: object | null;
}

/** A place in the log. A reader at a place has every entry up to it, and none after it. */
export interface Place {
  /** The position of the last entry before the place. */
  readonly position: bigint;
  readonly cursor: string;
}

/** A log entry as read back, with the columns that filters test; it is also the place right after the entry. */
export interface ChangeEntry extends Place {
  readonly kind: ChangeKind;
  /** The id of what the entry is about, in the table of its kind. Rows of other kinds can have the same id. */
  readonly aboutId: number;
  readonly at: Date;
  /** Null for a new document, which has no subject yet. */
  readonly subjectId: number | null;
  readonly subjectKind: SubjectKind | null;
  /**
   * The subject and everything that it was below at that moment, and before the move if this write moved it. So later moves do not change
   * who receives the entry. Of a contradiction also the subjects of its figures, with everything that they were below.
   * Null for entries older than this column, and for entries without a subject.
   */
  readonly lineIds: readonly number[] | null;
  readonly action: FigureAction | null;
  readonly status: MilestoneStatus | null;
  readonly statusBefore: MilestoneStatus | null;
  readonly causedById: number | null;
  readonly before: number | null;
  readonly observation: Prisma.JsonValue;
  readonly metric: Metric | null;
  readonly period: string | null;
  /** The source of the figure. */
  readonly sourceId: number | null;
  readonly milestoneKind: MilestoneKind | null;
  readonly threshold: number | null;
}

/** The log's name, its newest position, and the oldest position that can be resumed from, all read at one moment. */
export interface LogState {
  readonly log: string;
  readonly head: bigint;
  readonly prunedThrough: bigint;
  /** The digests at these two positions, and at those requested positions that exist. */
  readonly digests: ReadonlyMap<bigint, Uint8Array>;
}

/** An open write: the transaction, and the log to append to as the last step. */
export interface Write {
  readonly tx: Tx;
  /** Appends entries and returns the cursor after the last one. Nothing may be written after this call. */
  append(changes: readonly NewChange[]): Promise<string>;
}

/** The last entry that a write appended. */
interface Appended extends CursorContent {
  /** All that it appended, as the JSON of a LogPart that begins with the entry before; null if nobody follows the log here, or it is much. */
  readonly part: string | null;
}

/** The last entry that was written over each handle. */
const lastEntries = new WeakMap<PrismaClient, CursorContent>();

/** The position of the last entry that this process has written to a log over some handles; 0 for none. */
export function lastWritten(handles: readonly PrismaClient[], log: string): bigint {
  let last = 0n;
  for (const db of handles) {
    const entry = lastEntries.get(db);
    if (entry?.log === log && entry.position > last) last = entry.position;
  }
  return last;
}

/** Two writes can be answered in another order than that of their commits. */
function noteWritten(db: PrismaClient, entry: CursorContent): void {
  const last = lastEntries.get(db);
  if (last?.log !== entry.log || last.position < entry.position) lastEntries.set(db, entry);
}

/** Runs one write as one transaction together with its log entries, and wakes the tails after the commit. */
export async function write<T>(db: PrismaClient, run: (write: Write) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    let end: Appended | null = null;
    const append = async (tx: Tx, changes: readonly NewChange[]): Promise<string> => {
      end = await appendChanges(tx, changes, isFollowed(db));
      return encodeCursor(end);
    };
    try {
      const result = await db.$transaction((tx) => {
        passToTransaction(db, tx);
        return run({ tx, append: (changes) => append(tx, changes) });
      });
      clearFailedWrite(db);
      if (end !== null) announce(db, end);
      return result;
    } catch (error) {
      if (attempt < WRITE_TRIES && isLostRace(error)) continue;
      if (saysCannotWrite(error)) noteFailedWrite(db);
      throw error;
    }
  }
}

/** After the commit. What was appended is handed to the tail of this process, so that it need not be read. */
function announce(db: PrismaClient, { log, position, digest, part }: Appended): void {
  noteWritten(db, { log, position, digest });
  wakeTails(db, position, part);
}

/** Reads the log's present state, with the digests at some positions. */
export async function readLogState(db: Db, positions: readonly bigint[] = []): Promise<LogState> {
  const rows = await db.$queryRaw<(LogRow & { position: bigint | null; digest: Uint8Array | null })[]>`
    /* readLogState */
    select l.name as log, l."prunedThrough", l."prunedDigest", c.position, c.digest
      from "ChangeLog" l
      left join "Change" c on c.position = any(${[...positions]}::bigint[] || (select max(position) from "Change"))`;
  const { log, prunedThrough, prunedDigest } = logIn(rows);
  const digests = new Map([[prunedThrough, prunedDigest]]);
  let head = prunedThrough;
  for (const { position, digest } of rows) {
    if (position === null || digest === null) continue;
    digests.set(position, digest);
    if (position > head) head = position;
  }
  return { log, head, prunedThrough, digests };
}

/**
 * The place that a cursor names in this log; throws CursorInvalid or CursorExpired when there is none. The state must contain the digest
 * at the cursor's position.
 */
export function resolveCursor(cursor: string, state: LogState): Place {
  const content = decodeCursor(cursor);
  if (content === null || content.log !== state.log || content.position > state.head) throw new CursorInvalid(cursor);
  if (content.position < state.prunedThrough) throw new CursorExpired(cursor);
  const place = placeAt(state, content.position);
  if (place.cursor !== cursor) throw new CursorInvalid(cursor);
  return place;
}

/** The newest place in the log. */
export function headOf(state: LogState): Place {
  return placeAt(state, state.head);
}

/** The oldest place in the log that can still be resumed from. */
export function cutOf(state: LogState): Place {
  return placeAt(state, state.prunedThrough);
}

/** The place at a position; the state must contain its digest. */
export function placeAt({ log, digests }: LogState, position: bigint): Place {
  const digest = digests.get(position);
  if (digest === undefined) throw new Error(`The digest at ${position} of the change log was not read.`);
  return { position, cursor: encodeCursor({ log, position, digest }) };
}

/**
 * Reads the next entries after a place, in order, at most limit.
 * Throws CursorInvalid when the log has another history than the place, and CursorExpired when the log was cut after the place.
 */
export async function readAfter(db: Db, from: Place, limit: number): Promise<readonly ChangeEntry[]> {
  // The same statement also reads the place itself: the next entries are valid only if the history before them is the same.
  const part = await readJson<LogPart | null>(
    db,
    Prisma.sql`
    /* readAfter */
    select log_entries(${from.position}::bigint, ${limit + 1}::int) as json`,
  );
  if (part === null) throw new Error(NO_LOG);
  return entriesAfter(from, part).slice(0, limit);
}

/** The entries after a place in a part of the log that begins with the entry at the place. Throws as readAfter does. */
export function entriesAfter(from: Place, { log, prunedThrough, prunedDigest, entries }: LogPart): ChangeEntry[] {
  const rows = entries.map(({ digest, at, ...row }): ChangeEntry => {
    const position = BigInt(row.position);
    return {
      ...row,
      position,
      at: new Date(at),
      cursor: encodeCursor({ log, position, digest: Buffer.from(digest, 'hex') }),
    };
  });
  const [first] = rows;
  if (first?.position === from.position) {
    if (first.cursor !== from.cursor) throw new CursorInvalid(from.cursor);
    return rows.slice(1);
  }
  const cut = BigInt(prunedThrough);
  if (cut === from.position) {
    const cursor = encodeCursor({ log, position: cut, digest: Buffer.from(prunedDigest, 'hex') });
    if (cursor !== from.cursor) throw new CursorInvalid(from.cursor);
    return rows;
  }
  if (cut > from.position && decodeCursor(from.cursor)?.log === log) throw new CursorExpired(from.cursor);
  throw new CursorInvalid(from.cursor);
}

/** Entries of the log in a row, and the log's state, as the function log_entries of the database returns them. */
export interface LogPart {
  readonly log: string;
  readonly prunedThrough: string;
  /** In hexadecimal. */
  readonly prunedDigest: string;
  readonly entries: readonly (Omit<ChangeEntry, 'position' | 'cursor' | 'at'> & {
    readonly position: string;
    readonly digest: string;
    /** In milliseconds since 1970. */
    readonly at: number;
  })[];
}

/** The state of the log, repeated in each row of a result. */
interface LogRow {
  readonly log: string;
  readonly prunedThrough: bigint;
  readonly prunedDigest: Uint8Array;
}

function logIn(rows: readonly LogRow[]): LogRow {
  const [row] = rows;
  if (row === undefined) throw new Error(NO_LOG);
  return row;
}

/** The end of the log, with its position as a text and its digest in hexadecimal. */
interface EndRow {
  readonly log: string;
  readonly position: string;
  readonly digest: string;
  readonly part: string | null;
}

/**
 * Appends as the last step of the transaction. The lock is held until the commit, so a reader that sees position n has seen every lower
 * position.
 * A sequence alone is not enough: a lower number can be committed later.
 * The function computes the contents before it takes the lock. Under the lock it extends the digest chain and looks up what each subject
 * is below. No other write can come in between, so the result is the one after all earlier entries.
 */
async function appendChanges(tx: Tx, changes: readonly NewChange[], isRead: boolean): Promise<Appended> {
  // As rows without a place in the log yet: position counts them from 1.
  const entries = JSON.stringify(changes.map((change, index) => ({ ...change, position: index + 1 })));
  const { keys, lines } = linesOf(changes);
  const count = changes.length;
  const end = await readJson<EndRow>(
    tx,
    Prisma.sql`
    /* appendChanges */
    select json_build_object(
             'log', log, 'position', position::text, 'digest', encode(digest, 'hex'),
             'part', case when ${isRead && count <= MOST_HANDED}::boolean then log_entries(position - ${count}::int, ${count + 1}::int) end
           )::text as json
      from append_changes(${entries}::jsonb, ${keys}::int[], ${lines.map(({ key }) => key)}::int[], ${lines.map(({ id }) => id)}::int[])`,
  );
  return { ...end, position: BigInt(end.position), digest: Buffer.from(end.digest, 'hex') };
}

/**
 * The key of the line of each change, null for none, and what each line begins with. Changes of the same subject share a line, which is
 * looked up once; one that involves other subjects has its own.
 */
function linesOf(changes: readonly NewChange[]) {
  const before = new Map<number, number[]>();
  for (const { subjectId, wasBelow = [] } of changes)
    if (subjectId !== undefined) before.set(subjectId, [...(before.get(subjectId) ?? []), ...wasBelow]);
  const starts = new Map<number, readonly number[]>();
  const keys = changes.map(({ subjectId, involved = [] }, index) => {
    if (subjectId === undefined) return null;
    const key = involved.every((id) => id === subjectId) ? subjectId : -1 - index;
    if (!starts.has(key))
      starts.set(
        key,
        [subjectId, ...involved].flatMap((id) => [id, ...(before.get(id) ?? [])]),
      );
    return key;
  });
  return { keys, lines: [...starts].flatMap(([key, ids]) => [...new Set(ids)].map((id) => ({ key, id }))) };
}
