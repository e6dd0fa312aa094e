import type { ChangeKind, FigureAction } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { type Difference, tellAll, type Verification } from './verification.ts';

/** So many entries, or figures, are in memory at a time; of each figure one byte is remembered. */
const PAGE = 5_000;
const ACTIONS: readonly FigureAction[] = ['RECORDED', 'REVISED', 'WITHDRAWN', 'RANKED'];
/** The log's clock is the database's, a figure's the server's. */
const CLOCK_TOLERANCE_MS = 86_400_000;

/**
 * Compares the log with the figures: every figure was taken in by one entry, its last entry says what last happened to it, every entry has
 * what it is about, and positions have no gap. What was cut off the log is not missed.
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

/** What the log says of a figure, in a byte. */
interface FigureMemory {
  note(id: number, action: FigureAction): void;
  /** The last entry's action, and by how many entries it was taken in: 2 for any more. Null when nothing is said of it. */
  recall(id: number): { readonly last: FigureAction; readonly takenIn: number } | null;
}

/** Bits 0 and 1: the last action; 2: whether there is any; 3 and 4: by how many entries it was taken in. */
function rememberFigures(): FigureMemory {
  const CHUNK = 65_536;
  const chunks = new Map<number, Uint8Array>();
  return {
    note: (id, action) => {
      const at = Math.floor(id / CHUNK);
      const chunk = chunks.get(at) ?? new Uint8Array(CHUNK);
      chunks.set(at, chunk);
      const before = (chunk[id % CHUNK] ?? 0) >> 3;
      const takenIn = Math.min(2, before + (isTakingIn(action) ? 1 : 0));
      chunk[id % CHUNK] = (takenIn << 3) | 0b100 | ACTIONS.indexOf(action);
    },
    recall: (id) => {
      const byte = chunks.get(Math.floor(id / CHUNK))?.[id % CHUNK] ?? 0;
      return byte === 0 ? null : { last: ACTIONS[byte & 0b11] as FigureAction, takenIn: byte >> 3 };
    },
  };
}

function isTakingIn(action: FigureAction): boolean {
  return action === 'RECORDED' || action === 'REVISED';
}

interface Entry {
  readonly position: bigint;
  readonly kind: ChangeKind;
  /** Of what it is about; null for a source. */
  readonly subject: string | null;
  readonly action: FigureAction | null;
  readonly figureId: number | null;
  /** Whether what it is about is there. */
  readonly isThere: boolean;
  /** Whether that belongs to the entry's subject. */
  readonly isOwn: boolean;
  readonly revisesId: number | null;
  readonly prunedThrough: bigint;
}

async function readEntries(verification: Verification, head: bigint, memory: FigureMemory): Promise<void> {
  const { db, compared } = verification;
  for (let last = 0n; ; ) {
    const entries = await readEntriesAfter(db, last, head);
    for (const entry of entries) {
      tellAll(verification, [...gapBefore(entry, last), ...faultsOf(entry)]);
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
           case c.kind::text
             when 'FIGURE' then f.id is not null
             when 'MILESTONE' then m.id is not null
             when 'TARGET' then t.id is not null
             when 'MEMBERSHIP' then b.id is not null
             when 'SOURCE' then c."sourceId" is not null
             else true
           end as "isThere",
           c.kind::text = 'SOURCE'
             or coalesce(f."subjectId", m."subjectId", t."subjectId", b."allianceId", s.id) = s.id as "isOwn"
      from "ChangeLog" l,
           "Change" c
      left join "Subject" s on s.id = c."subjectId"
      left join "Figure" f on f.id = c."figureId"
      left join "Milestone" m on m.id = c."milestoneId"
      left join "Target" t on t.id = c."targetId"
      left join "Membership" b on b.id = c."membershipId"
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
  if (isTakingIn(action) && (action === 'REVISED') !== (revisesId !== null))
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
      const said = memory.recall(id);
      return said?.takenIn !== 1 || said.last !== action;
    });
    if (suspects.length > 0) tellAll(verification, await lookCloser(db, suspects, head, memory, oldest));
    if (figures.length < PAGE) return;
    last = (figures.at(-1) as FigureRow).id;
  }
}

/** The instant before which a figure's entry can have been cut off; null while nothing was. */
async function readOldest(db: Db): Promise<number | null> {
  const [log] = await db.$queryRaw<{ pruned: boolean; at: Date | null }[]>`
    /* readOldest */
    select l."prunedThrough" > 0 as pruned, (select c.at from "Change" c order by c.position limit 1) as at
      from "ChangeLog" l`;
  if (log?.pruned !== true) return null;
  return log.at === null ? Number.POSITIVE_INFINITY : log.at.getTime() + CLOCK_TOLERANCE_MS;
}

/** Takes into account what was written after the log was read, as of one moment: the figures as they are then, and the entries that came meanwhile. */
async function lookCloser(
  db: Db,
  suspects: readonly FigureRow[],
  head: bigint,
  memory: FigureMemory,
  oldest: number | null,
): Promise<readonly Difference[]> {
  const ids = suspects.map(({ id }) => id);
  const rows = await db.$queryRaw<
    (FigureRow & { about: string; lastSince: FigureAction | null; takenInSince: number })[]
  >`
    /* lookCloser */
    with since as (
      select "figureId", count(*) filter (where action in ('RECORDED', 'REVISED'))::int as "takenIn",
             (array_agg(action::text order by position desc))[1] as last
        from "Change"
       where position > ${head} and "figureId" = any(${ids}::int[])
       group by "figureId")
    select f.id, f.action::text, f."recordedAt", concat_ws(' ', s.slug, f.metric, f.period) as about,
           since.last as "lastSince", coalesce(since."takenIn", 0) as "takenInSince"
      from "Figure" f
      join "Subject" s on s.id = f."subjectId"
      left join since on since."figureId" = f.id
     where f.id = any(${ids}::int[])
     order by f.id`;
  return rows.flatMap(({ id, action, recordedAt, about, lastSince, takenInSince }): readonly Difference[] => {
    const said = memory.recall(id);
    const takenIn = (said?.takenIn ?? 0) + takenInSince;
    const last = lastSince ?? said?.last ?? null;
    const isCut = oldest !== null && recordedAt.getTime() < oldest;
    const place = `${about}, figure ${id}`;
    if (takenIn > 1) return [{ about: place, kept: 'taken in by several entries', recomputed: 'one entry' }];
    if (takenIn === 0 && !isCut)
      return [{ about: place, kept: 'no entry in the log took it in', recomputed: 'one entry' }];
    if (last === null || last === action) return [];
    return [{ about: place, kept: `${action}, last entry ${last}`, recomputed: 'the same in both' }];
  });
}
