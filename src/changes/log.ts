import type {
  ChangeKind,
  FigureAction,
  Metric,
  MilestoneKind,
  MilestoneStatus,
  SubjectKind,
} from '../database/generated/client.ts';
import { Prisma } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { readJson } from '../database/read-json.ts';
import { CursorExpired, CursorInvalid } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const NO_LOG = 'The table ChangeLog is empty: the first migration was not applied whole.';

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
