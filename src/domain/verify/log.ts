import { type ChangeKind, type FigureAction, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Difference, reportAll, type Verification } from './verification.ts';

/** Number of entries or figures in memory at a time. Of each figure one byte is remembered. */
const PAGE = 5_000;
const ACTIONS: readonly FigureAction[] = ['RECORDED', 'REVISED', 'WITHDRAWN', 'RANKED'];
/** Tolerance between clocks: the log has the database's time, a figure the server's. */
const CLOCK_TOLERANCE_MS = 86_400_000;

/** The rows that the entries of each kind are about, with their subjects; null if they have none. A kind that is missing here does not compile. */
const ROWS: Readonly<Record<ChangeKind, Prisma.Sql>> = {
  FIGURE: Prisma.sql`select id, "subjectId" from "Figure"`,
  MILESTONE: Prisma.sql`select id, "subjectId" from "Milestone"`,
  TARGET: Prisma.sql`select id, "subjectId" from "Target"`,
  SUBJECT: Prisma.sql`select id, id from "Subject"`,
  MEMBERSHIP: Prisma.sql`select id, "allianceId" from "Membership"`,
  SOURCE: Prisma.sql`select id, null::int from "Source"`,
  CONTRADICTION: Prisma.sql`select id, "subjectId" from "Contradiction"`,
};
/** The row that an entry c is about. There is none for a kind that this version does not know. */
const ROW_OF_ENTRY = Prisma.join(
  Object.entries(ROWS).map(
    ([kind, rows]) => Prisma.sql`
      select r.id, r."subjectId" from (${rows}) r(id, "subjectId") where c.kind::text = ${kind} and r.id = c."aboutId"`,
  ),
  ' union all ',
);

/**
 * Compares the log with the figures. Each figure was added by exactly one entry, its last entry has its last action, each entry has the
 * row it is about, and positions have no gap.
 * Entries that were cut from the log are not reported.
 */
export async function verifyLog(verification: Verification): Promise<void> {
  const { db } = verification;
  const [end] = await db.$queryRaw<
    { head: bigint | null }[]
  >`/* readHead */ select max(position) as head from "Change"`;
  const head = end?.head ?? 0n;
  const memory = rememberFigures();
  await readEntries(verification, head, memory);
  await readFigures(verification, head, memory);
}

/** What the log has about each figure, in one byte. */
interface FigureMemory {
  note(id: number, action: FigureAction): void;
  /** The last entry's action, and the number of entries that added the figure, where 2 means several. Null if there is no entry. */
  recall(id: number): { readonly last: FigureAction; readonly added: number } | null;
}

/** Bits 0 and 1: the last action; bit 2: whether there is an entry; bits 3 and 4: the number of entries that added the figure. */
function rememberFigures(): FigureMemory {
  const CHUNK = 65_536;
  const chunks = new Map<number, Uint8Array>();
  return {
    note: (id, action) => {
      const at = Math.floor(id / CHUNK);
      const chunk = chunks.get(at) ?? new Uint8Array(CHUNK);
      chunks.set(at, chunk);
      const before = (chunk[id % CHUNK] ?? 0) >> 3;
      const added = Math.min(2, before + (isAdding(action) ? 1 : 0));
      chunk[id % CHUNK] = (added << 3) | 0b100 | ACTIONS.indexOf(action);
    },
    recall: (id) => {
      const byte = chunks.get(Math.floor(id / CHUNK))?.[id % CHUNK] ?? 0;
      return byte === 0 ? null : { last: ACTIONS[byte & 0b11] as FigureAction, added: byte >> 3 };
    },
  };
}

function isAdding(action: FigureAction): boolean {
  return action === 'RECORDED' || action === 'REVISED';
}

interface Entry {
  readonly position: bigint;
  readonly kind: ChangeKind;
  /** The slug of its subject; null for a source. */
  readonly subject: string | null;
  readonly action: FigureAction | null;
  readonly figureId: number | null;
  /** Whether the row that it is about exists. */
  readonly isThere: boolean;
  /** Whether that row is of the entry's subject. */
  readonly isOwn: boolean;
  readonly revisesId: number | null;
  readonly prunedThrough: bigint;
}

async function readEntries(verification: Verification, head: bigint, memory: FigureMemory): Promise<void> {
  const { db, compared } = verification;
  for (let last = 0n; ; ) {
    const entries = await readEntriesAfter(db, last, head);
    for (const entry of entries) {
      reportAll(verification, [...gapBefore(entry, last), ...faultsOf(entry)]);
      if (entry.figureId !== null && entry.action !== null) memory.note(entry.figureId, entry.action);
      last = entry.position;
    }
    compared.entries += entries.length;
    if (entries.length < PAGE) return;
  }
}

function readEntriesAfter(db: Db, last: bigint, head: bigint): Promise<readonly Entry[]> {
  return db.$queryRaw<Entry[]>`
    /* readEntries */
    select c.position, c.kind::text, s.slug as subject, c.action::text, f.id as "figureId", f."revisesId", l."prunedThrough",
           about.id is not null as "isThere", about."subjectId" is not distinct from c."subjectId" as "isOwn"
      from "ChangeLog" l,
           "Change" c
      left join "Subject" s on s.id = c."subjectId"
      left join "Figure" f on c.kind = 'FIGURE' and f.id = c."aboutId"
      left join lateral (${ROW_OF_ENTRY}) about on true
     where c.position > ${last} and c.position <= ${head}
     order by c.position
     limit ${PAGE}`;
}

function gapBefore({ position, prunedThrough }: Entry, last: bigint): readonly Difference[] {
  const before = last > prunedThrough ? last : prunedThrough;
  if (position <= before + 1n) return [];
  const gap = position - before === 2n ? `${before + 1n}` : `${before + 1n} to ${position - 1n}`;
  return [{ about: `the log at ${gap}`, kept: 'nothing', recomputed: 'positions without a gap' }];
}

function faultsOf({ position, kind, subject, action, isThere, isOwn, revisesId }: Entry): readonly Difference[] {
  const about = `the log at ${position}`;
  const what = `${kind}${action === null ? '' : ` ${action}`}${subject === null ? '' : ` of ${subject}`}`;
  if (!isThere) return [{ about, kept: what, recomputed: `nothing: there is no such ${kind.toLowerCase()}` }];
  if (!isOwn) return [{ about, kept: what, recomputed: `a ${kind.toLowerCase()} of another subject` }];
  if (kind !== 'FIGURE') return [];
  if (action === null) return [{ about, kept: what, recomputed: 'what happened to the figure' }];
  if (isAdding(action) && (action === 'REVISED') !== (revisesId !== null))
    return [{ about, kept: what, recomputed: revisesId === null ? 'RECORDED' : 'REVISED' }];
  return [];
}

interface FigureRow {
  readonly id: number;
  readonly action: FigureAction;
  readonly recordedAt: Date;
}

async function readFigures(verification: Verification, head: bigint, memory: FigureMemory): Promise<void> {
  const { db } = verification;
  const oldest = await readOldest(db);
  for (let last = 0; ; ) {
    const figures: readonly FigureRow[] = await db.figure.findMany({
      where: { id: { gt: last } },
      orderBy: { id: 'asc' },
      take: PAGE,
      select: { id: true, action: true, recordedAt: true },
    });
    const suspects = figures.filter(({ id, action }) => {
      const remembered = memory.recall(id);
      return remembered?.added !== 1 || remembered.last !== action;
    });
    if (suspects.length > 0) reportAll(verification, await recheck(db, suspects, head, memory, oldest));
    if (figures.length < PAGE) return;
    last = (figures.at(-1) as FigureRow).id;
  }
}

/** Entries of figures recorded before this instant may have been cut; null if nothing was cut. */
async function readOldest(db: Db): Promise<number | null> {
  const [log] = await db.$queryRaw<{ pruned: boolean; at: Date | null }[]>`
    /* readOldest */
    select l."prunedThrough" > 0 as pruned, (select c.at from "Change" c order by c.position limit 1) as at
      from "ChangeLog" l`;
  if (log?.pruned !== true) return null;
  return log.at === null ? Number.POSITIVE_INFINITY : log.at.getTime() + CLOCK_TOLERANCE_MS;
}

/** Checks suspects again in one statement, with their present state and the entries written since the log was read. */
async function recheck(
  db: Db,
  suspects: readonly FigureRow[],
  head: bigint,
  memory: FigureMemory,
  oldest: number | null,
): Promise<readonly Difference[]> {
  const ids = suspects.map(({ id }) => id);
  const rows = await db.$queryRaw<
    (FigureRow & { about: string; lastSince: FigureAction | null; addedSince: number })[]
  >`
    /* recheck */
    with since as (
      select "aboutId", count(*) filter (where action in ('RECORDED', 'REVISED'))::int as added,
             (array_agg(action::text order by position desc))[1] as last
        from "Change"
       where position > ${head} and kind = 'FIGURE' and "aboutId" = any(${ids}::int[])
       group by "aboutId")
    select f.id, f.action::text, f."recordedAt", concat_ws(' ', s.slug, f.metric, f.period) as about,
           since.last as "lastSince", coalesce(since.added, 0) as "addedSince"
      from "Figure" f
      join "Subject" s on s.id = f."subjectId"
      left join since on since."aboutId" = f.id
     where f.id = any(${ids}::int[])
     order by f.id`;
  return rows.flatMap(({ id, action, recordedAt, about, lastSince, addedSince }): readonly Difference[] => {
    const remembered = memory.recall(id);
    const added = (remembered?.added ?? 0) + addedSince;
    const last = lastSince ?? remembered?.last ?? null;
    const isCut = oldest !== null && recordedAt.getTime() < oldest;
    const place = `${about}, figure ${id}`;
    if (added > 1) return [{ about: place, kept: 'taken in by several entries', recomputed: 'one entry' }];
    if (added === 0 && !isCut)
      return [{ about: place, kept: 'no entry in the log took it in', recomputed: 'one entry' }];
    if (last === null || last === action) return [];
    return [{ about: place, kept: `${action}, last entry ${last}`, recomputed: 'the same in both' }];
  });
}
