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
import { CursorExpired, CursorInvalid } from '../errors.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { EDGES } from './hierarchy.ts';
import { wakeTails } from './wake.ts';

/** The advisory lock that makes positions follow commits. */
const LOG_LOCK = 0x6d_69_6c_6f;
/** How often a write that lost a race for the same row is tried again; the second try sees the winner's row. */
const WRITE_TRIES = 3;
/** Prisma's codes and Postgres' own for it. */
const LOST_RACES: ReadonlySet<string> = new Set(['P2002', 'P2034', '23505', '40P01', '40001']);

/** What a write adds to the log. */
export interface NewChange {
  readonly kind: ChangeKind;
  /** What it is about; only a new document is about nothing yet. */
  readonly subjectId?: number;
  /** What the subject was right below until this write moved it: all that is written of it here is told there as well. */
  readonly wasBelow?: readonly number[];
  readonly sourceId?: number;
  readonly figureId?: number;
  readonly milestoneId?: number;
  readonly targetId?: number;
  readonly membershipId?: number;
  readonly action?: FigureAction;
  readonly status?: MilestoneStatus;
  readonly statusBefore?: MilestoneStatus | null;
  readonly causedById?: number;
  readonly before?: number | null;
  /** What the figure's slot amounts to from here on; undefined for entries about something else. */
  readonly observation?: object | null;
}

/** A place in the log: whoever is there has every entry up to it, and none after it. */
export interface Place {
  /** The position of the last entry before the place. */
  readonly position: bigint;
  readonly cursor: string;
}

/** An entry as it is read back, with what filters ask about it; also the place right after it. */
export interface ChangeEntry extends Place {
  readonly kind: ChangeKind;
  readonly at: Date;
  /** Null for a new document, which is about nothing yet. */
  readonly subjectId: number | null;
  readonly subjectKind: SubjectKind | null;
  /**
   * The subject and all that it was below in that moment, and before, where this write moved it: who is told of it hangs on nothing that comes later.
   * Null for an entry from before this was noted, and for one about nothing.
   */
  readonly lineIds: readonly number[] | null;
  readonly figureId: number | null;
  readonly milestoneId: number | null;
  readonly targetId: number | null;
  readonly membershipId: number | null;
  readonly action: FigureAction | null;
  readonly status: MilestoneStatus | null;
  readonly statusBefore: MilestoneStatus | null;
  readonly causedById: number | null;
  readonly before: number | null;
  readonly observation: Prisma.JsonValue;
  readonly metric: Metric | null;
  readonly period: string | null;
  /** The figure's, or the new one. */
  readonly sourceId: number | null;
  readonly milestoneKind: MilestoneKind | null;
  readonly threshold: number | null;
}

/** The log's name, its newest position, and the oldest position that can still be resumed from, all of one moment. */
export interface LogState {
  readonly log: string;
  readonly head: bigint;
  readonly prunedThrough: bigint;
  /** The digests at both of them, and at the positions that were asked for and are there. */
  readonly digests: ReadonlyMap<bigint, Uint8Array>;
}

/** A write under way: the open transaction, and the log to append to as its last step. */
export interface Write {
  readonly tx: Tx;
  /** Appends entries and returns the cursor after the last one. Nothing may be written after it. */
  append(changes: readonly NewChange[]): Promise<string>;
}

/** Runs one write as one transaction together with its log entries, and wakes the tails once it is committed. */
export async function write<T>(db: PrismaClient, run: (write: Write) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const result = await db.$transaction((tx) => run({ tx, append: (changes) => appendChanges(tx, changes) }));
      wakeTails(db);
      return result;
    } catch (error) {
      if (attempt >= WRITE_TRIES || !isLostRace(error)) throw error;
    }
  }
}

/** The log's state now, with the digests at some positions. */
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

/** The place that a cursor names in this log; CursorInvalid or CursorExpired when it names none. The state has to know the digest at the cursor's position. */
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

/** The place at a position whose digest the state knows. */
export function placeAt({ log, digests }: LogState, position: bigint): Place {
  const digest = digests.get(position);
  if (digest === undefined) throw new Error(`The digest at ${position} of the change log was not read.`);
  return { position, cursor: encodeCursor({ log, position, digest }) };
}

/**
 * The next entries after a place, in order, at most limit.
 * CursorInvalid when the log has another past than the place; CursorExpired when it was cut after it.
 */
export async function readAfter(db: Db, from: Place, limit: number): Promise<readonly ChangeEntry[]> {
  // The place itself is read along, in the same statement: what comes next is only worth something after the same past.
  const rows = await db.$queryRaw<(LogRow & Row)[]>`
    /* readAfter */
    select l.name as log, l."prunedThrough", l."prunedDigest", e.*
      from "ChangeLog" l
      left join (
        select c.position, c.kind::text, c.at, c."subjectId", s.kind::text as "subjectKind", c."lineIds",
               c."figureId", c."milestoneId", c."targetId", c."membershipId",
               c.action::text, c.status::text, c."statusBefore"::text, c."causedById", c.before, c.observation, c.digest,
               coalesce(f.metric, m.metric, t.metric)::text as metric, f.period,
               coalesce(f."sourceId", c."sourceId") as "sourceId",
               m.kind::text as "milestoneKind", m.threshold
          from "Change" c
          left join "Subject" s on s.id = c."subjectId"
          left join "Figure" f on f.id = c."figureId"
          left join "Milestone" m on m.id = c."milestoneId"
          left join "Target" t on t.id = c."targetId"
         where c.position >= ${from.position}
         order by c.position
         limit ${limit + 1}) e on true
     order by e.position`;
  const { log, prunedThrough, prunedDigest } = logIn(rows);
  const entries = rows
    .filter(({ position }) => position !== null)
    .map(({ log: _log, prunedThrough: _through, prunedDigest: _cut, digest, ...row }): ChangeEntry => {
      return { ...row, cursor: encodeCursor({ log, position: row.position, digest }) };
    });
  const [first] = entries;
  if (first?.position === from.position) {
    if (first.cursor !== from.cursor) throw new CursorInvalid(from.cursor);
    return entries.slice(1);
  }
  if (prunedThrough === from.position) {
    const cut = encodeCursor({ log, position: prunedThrough, digest: prunedDigest });
    if (cut !== from.cursor) throw new CursorInvalid(from.cursor);
    return entries.slice(0, limit);
  }
  if (prunedThrough > from.position && decodeCursor(from.cursor)?.log === log) throw new CursorExpired(from.cursor);
  throw new CursorInvalid(from.cursor);
}

/** What is known of the log as a whole, in each row of an answer. */
interface LogRow {
  readonly log: string;
  readonly prunedThrough: bigint;
  readonly prunedDigest: Uint8Array;
}

type Row = Omit<ChangeEntry, 'cursor'> & { readonly digest: Uint8Array };

function logIn(rows: readonly LogRow[]): LogRow {
  const [row] = rows;
  if (row === undefined) throw new Error('The table ChangeLog is empty: the first migration was not applied whole.');
  return row;
}

/**
 * The lock is taken after everything else the transaction does and is given back once its rows can be seen,
 * so whoever reads position n has seen every position below it. A sequence alone would not do: a lower number can be committed later.
 * What the entries say is worked out before the lock is asked for. Under it the chain goes on, and it is looked up what each subject is below:
 * as all entries before left it, and no other write can come in between.
 */
async function appendChanges(tx: Tx, changes: readonly NewChange[]): Promise<string> {
  // As rows without a place: the position counts them from 1.
  const entries = JSON.stringify(changes.map((change, index) => ({ ...change, position: index + 1 })));
  const lines = changes.flatMap(({ subjectId: subject, wasBelow = [] }) =>
    subject === undefined ? [] : [subject, ...wasBelow].map((id) => ({ subject, id })),
  );
  const [said] = await tx.$queryRaw<{ contents: Uint8Array }[]>`
    /* lockLog */
    with said as materialized (
      select coalesce(string_agg(change_content(e), ''::bytea order by e.position), ''::bytea) as contents
        from jsonb_populate_recordset(
               jsonb_populate_record(null::"Change", jsonb_build_object('at', now())), ${entries}::jsonb) e)
    select contents, pg_advisory_xact_lock(${LOG_LOCK}::bigint)::text from said`;
  const [end] = await tx.$queryRaw<{ log: string; position: bigint; digest: Uint8Array }[]>`
    /* appendChanges */
    with recursive lines as (
      select * from unnest(${lines.map(({ subject }) => subject)}::int[], ${lines.map(({ id }) => id)}::int[]) l(subject, id)
      union
      -- The offset makes it look each one up by its index: the planner takes lines to be far longer than they are, and would read the tables whole.
      select lines.subject, edge.above
        from lines
       cross join lateral (select above from ${EDGES} edges where edges.below = lines.id offset 0) edge),
    within as (select subject, array_agg(id order by id) as ids from lines group by subject),
    head as (
      select l.name as log, coalesce(c.position, l."prunedThrough") as position, coalesce(c.digest, l."prunedDigest") as digest
        from "ChangeLog" l
        left join (select position, digest from "Change" order by position desc limit 1) c on true),
    chained as (
      select e::"Change" as entry, w.ids, h.position + e.position as position,
             change_chain(h.digest, h.position + e.position, substr(${said?.contents}::bytea, 32 * e.position::int - 31, 32))
               over (order by e.position) as digest
        from head h,
             jsonb_populate_recordset(
               jsonb_populate_record(null::"Change", jsonb_build_object('at', now())), ${entries}::jsonb) e
        left join within w on w.subject = e."subjectId"),
    appended as (
      insert into "Change"
      select r.*
        from chained c,
             jsonb_populate_record(
               c.entry, jsonb_build_object('position', c.position, 'digest', c.digest, 'lineIds', c.ids)) r
      returning position, digest)
    select h.log, coalesce(a.position, h.position) as position, coalesce(a.digest, h.digest) as digest
      from head h
      left join appended a on true
     order by a.position desc
     limit 1`;
  return encodeCursor(end as NonNullable<typeof end>);
}

/** Two writers that insert the same unique row, or wait for each other in a circle: one of them has to start again. */
function isLostRace(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof Prisma.PrismaClientKnownRequestError && LOST_RACES.has(error.code)) return true;
  // Of a raw statement only Postgres' own code is passed on: by the adapter's error, which Prisma's has among its meta data.
  const { originalCode, cause, meta } = error as {
    readonly originalCode?: unknown;
    readonly cause?: unknown;
    readonly meta?: { readonly driverAdapterError?: unknown };
  };
  return LOST_RACES.has(String(originalCode)) || isLostRace(cause ?? meta?.driverAdapterError);
}
