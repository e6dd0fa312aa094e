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
  readonly subjectId: number;
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
  readonly subjectId: number;
  readonly subjectKind: SubjectKind;
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
  readonly sourceId: number | null;
  readonly milestoneKind: MilestoneKind | null;
  readonly threshold: number | null;
}

/** The log's name, its newest position, and the oldest position that can still be resumed from. */
export interface LogState {
  readonly log: string;
  readonly head: bigint;
  readonly prunedThrough: bigint;
}

/** A write under way: the open transaction, and the log to append to as its last step. */
export interface Write {
  readonly tx: Tx;
  /** Appends entries and returns the cursor behind the last one. Nothing may be written after it. */
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

/** The log's state now. */
export async function readLogState(db: Db): Promise<LogState> {
  const rows = await db.$queryRaw<{ log: string; head: bigint; prunedThrough: bigint }[]>`
    /* readLogState */
    select l.name as log,
           coalesce((select max(position) from "Change"), l."prunedThrough") as head,
           l."prunedThrough"
      from "ChangeLog" l`;
  const [state] = rows;
  if (state === undefined) throw new Error('The table ChangeLog is empty: the first migration was not applied whole.');
  return state;
}

/** The place that a cursor names in this log; CursorInvalid or CursorExpired when it names none. */
export function resolveCursor(cursor: string, state: LogState): Place {
  const content = decodeCursor(cursor);
  if (content === null || content.log !== state.log || content.position > state.head) throw new CursorInvalid(cursor);
  if (content.position < state.prunedThrough) throw new CursorExpired(cursor);
  return { position: content.position, cursor };
}

/** The newest place in the log. */
export function headOf({ log, head }: LogState): Place {
  return { position: head, cursor: encodeCursor({ log, position: head }) };
}

/** The next entries after a position, in order, at most limit. */
export async function readAfter(db: Db, log: string, position: bigint, limit: number): Promise<readonly ChangeEntry[]> {
  const rows = await db.$queryRaw<Omit<ChangeEntry, 'cursor'>[]>`
    /* readAfter */
    select c.position, c.kind::text, c.at, c."subjectId", s.kind::text as "subjectKind",
           c."figureId", c."milestoneId", c."targetId", c."membershipId",
           c.action::text, c.status::text, c."statusBefore"::text, c."causedById", c.before, c.observation,
           coalesce(f.metric, m.metric, t.metric)::text as metric, f.period, f."sourceId",
           m.kind::text as "milestoneKind", m.threshold
      from "Change" c
      join "Subject" s on s.id = c."subjectId"
      left join "Figure" f on f.id = c."figureId"
      left join "Milestone" m on m.id = c."milestoneId"
      left join "Target" t on t.id = c."targetId"
     where c.position > ${position}
     order by c.position
     limit ${limit}`;
  return rows.map((row) => ({ ...row, cursor: encodeCursor({ log, position: row.position }) }));
}

/**
 * The lock is taken after everything else the transaction does and is given back once its rows can be seen,
 * so whoever reads position n has seen every position below it. A sequence alone would not do: a lower number can be committed later.
 */
async function appendChanges(tx: Tx, changes: readonly NewChange[]): Promise<string> {
  await tx.$queryRaw`/* lockLog */ select pg_advisory_xact_lock(${LOG_LOCK}::bigint)::text`;
  const { log, head } = await readLogState(tx);
  await tx.change.createMany({
    data: changes.map(({ observation, ...change }, index) => ({
      ...change,
      ...(observation == null ? {} : { observation: { ...observation } }),
      position: head + 1n + BigInt(index),
    })),
  });
  return encodeCursor({ log, position: head + BigInt(changes.length) });
}

/** Two writers that insert the same unique row, or wait for each other in a circle: one of them has to start again. */
function isLostRace(error: unknown): boolean {
  if (error instanceof Prisma.PrismaClientKnownRequestError && LOST_RACES.has(error.code)) return true;
  // Of a raw statement only Postgres' own code is passed on: by the adapter's error, which Prisma's has among its meta data.
  const { originalCode, meta } = error as { originalCode?: unknown; meta?: { driverAdapterError?: unknown } };
  const below = (error as Error).cause ?? meta?.driverAdapterError;
  return (
    (typeof originalCode === 'string' && LOST_RACES.has(originalCode)) ||
    (typeof below === 'object' && isLostRace(below))
  );
}
