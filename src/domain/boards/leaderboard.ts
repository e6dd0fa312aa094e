import { type Metric, Prisma, type Subject, type SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { isMemberOn } from '../catalog/memberships.ts';
import { slotKey } from '../claims/slot.ts';
import { readHistories } from '../estimates/knowledge.ts';
import { type Observed, observationOf, sizeIn } from '../estimates/observation.ts';
import { isAlwaysKept, readObservations } from '../estimates/reading.ts';
import { groupBy } from '../values/group.ts';
import { type Period, previousPeriod } from '../values/period.ts';

/** The number of subjects that are worked out from their claims at a time. */
const RANKED_AT_ONCE = 200;

export interface LeaderboardRequest {
  readonly metric: Metric;
  readonly period: Period;
  readonly kinds: readonly SubjectKind[];
  readonly first: number;
  readonly asOf: Date | null;
}

/** A ranking of subjects in a period, the largest value first. */
export interface LeaderboardData {
  readonly metric: Metric;
  readonly period: Period;
  readonly entries: readonly RankedEntry[];
  /** In the order of the parts on the board, then of the wholes' ids. */
  readonly overlaps: readonly OverlapData[];
  /** The sum over all that are ranked, without those inside another one. A whole counts by its largest part if that is larger. */
  readonly total: number;
  /** The ids of all that are ranked, also beyond the first. Null: those with a kept observation of the period. */
  readonly rankedIds: readonly number[] | null;
  readonly kinds: readonly SubjectKind[];
}

export interface RankedEntry {
  /** 1 for the largest value. Equal values share a rank, and the next ranks are skipped. */
  readonly rank: number;
  readonly subjectId: number;
  readonly observation: Observed;
  /** The share of the board's sum, 0 to 1. A subject inside another one on the board is not added again. */
  readonly share: number | null;
  readonly previousRank: number | null;
}

/** A subject on the board whose vehicles another one on the board also counts. */
export interface OverlapData {
  readonly partId: number;
  readonly wholeId: number;
}

/** Ranks every subject of these kinds that has a value; equal values share a rank. */
export async function readLeaderboard(db: Db, request: LeaderboardRequest): Promise<LeaderboardData> {
  const { metric, period, asOf } = request;
  return asOf === null && isAlwaysKept(metric, null, period) ? readRanking(db, request) : rankHistories(db, request);
}

/** The ranking of what is kept: one statement ranks, one reads the observations of those that are shown. */
async function readRanking(db: Db, { metric, period, kinds, first }: LeaderboardRequest): Promise<LeaderboardData> {
  const before = previousPeriod(period);
  const rows = await db.$queryRaw<RankedRow[]>`
    /* rankPeriod */
    with recursive population as (
      select o."subjectId" as id, coalesce(o.value, o.lower) as size, rank() over (order by coalesce(o.value, o.lower) desc)::int as rank
        from "Observation" o
       cross join lateral ${subjectOf(kinds)} s
       where o.metric = ${metric}::"Metric" and o.period = ${period.text} and o."withinId" is null and not o."isAnotherName"
         and (o.value is not null or o.lower > 0)
    ), above(part, whole) as (
      select p.id, pair.whole from population p cross join lateral ${wholesOf(Prisma.sql`p.id`, kinds, period)} pair
       union
      select above.part, pair.whole from above cross join lateral ${wholesOf(Prisma.sql`above.whole`, kinds, period)} pair
    ), inside as (
      select above.part, above.whole from above join population p on p.id = above.whole
    ), outermost as (
      select greatest(p.size, (select max(part.size) from inside join population part on part.id = inside.part where inside.whole = p.id)) as size
        from population p
       where not exists (select from inside where inside.part = p.id)
    ), before as (
      select o."subjectId" as id, rank() over (order by coalesce(o.value, o.lower) desc)::int as rank
        from "Observation" o
       cross join lateral ${subjectOf(kinds)} s
       where o.metric = ${metric}::"Metric" and o.period = ${before?.text ?? ''} and o."withinId" is null and not o."isAnotherName"
         and (o.value is not null or o.lower > 0)
    ), shown as (
      select * from population order by rank, id limit ${first}
    )
    select shown.id as "subjectId", shown.rank, shown.size, before.rank as "previousRank",
           (select coalesce(sum(size), 0) from outermost) as total,
           array(select o.whole from inside o where o.part = shown.id and o.whole in (select id from shown) order by o.whole) as wholes
      from shown
      left join before on before.id = shown.id
     order by shown.rank, shown.id`;
  const found = await readObservations(
    db,
    rows.map(({ subjectId }) => ({ subjectId, metric, period: period.text, withinId: null })),
  );
  const entries = rows.flatMap(({ subjectId, rank, size, previousRank, total }): readonly RankedEntry[] => {
    const observation = found.get(slotKey({ subjectId, metric, period: period.text, withinId: null }));
    // Gone since it was ranked.
    if (observation === undefined) return [];
    return [{ rank, subjectId, observation, share: total > 0 ? size / total : null, previousRank }];
  });
  const overlaps = rows.flatMap(({ subjectId, wholes }) => wholes.map((wholeId) => ({ partId: subjectId, wholeId })));
  return { metric, period, kinds, entries, overlaps, total: rows[0]?.total ?? 0, rankedIds: null };
}

interface RankedRow {
  readonly subjectId: number;
  readonly rank: number;
  readonly size: number;
  readonly previousRank: number | null;
  readonly total: number;
  readonly wholes: readonly number[];
}

/** The subject of an observation o, if it is of one of the kinds. The offset forces index lookups. */
function subjectOf(kinds: readonly SubjectKind[]): Prisma.Sql {
  return Prisma.sql`
    (select from "Subject" s where s.id = o."subjectId" and s.kind::text = any(${[...kinds]}::text[]) offset 0)`;
}

/** What a subject is directly a part of. The offset forces index lookups. */
function wholesOf(part: Prisma.Sql, kinds: readonly SubjectKind[], period: Period): Prisma.Sql {
  return Prisma.sql`
    (select s."parentId" as whole
       from "Subject" s
       join "Subject" w on w.id = s."parentId" and w.kind::text = any(${wholeKinds(kinds)}::text[])
      where s.id = ${part}
      union all
     select m."allianceId"
       from "Membership" m
      where m."brandId" = ${part} and ${kinds.includes('ALLIANCE')}::boolean
        and (m."joinedOn" is null or left(m."joinedOn" || '-01-01', 10) <= ${period.end})
        and (m."leftOn" is null or ${period.end} < left(m."leftOn" || '-01-01', 10))
     offset 0)`;
}

/** The kinds through which a subject can be part of one of these kinds by its parents. */
function wholeKinds(kinds: readonly SubjectKind[]): string[] {
  const above: readonly SubjectKind[] = ['COMPANY', 'ALLIANCE'];
  return [
    ...new Set<SubjectKind>([...kinds, ...(kinds.some((kind) => above.includes(kind)) ? (['BRAND'] as const) : [])]),
  ];
}

/** The ranking of what was known at an instant, or of periods that are not kept, worked out from the claims. */
async function rankHistories(db: Db, request: LeaderboardRequest): Promise<LeaderboardData> {
  const { metric, period, kinds } = request;
  const subjects = await db.subject.findMany({ where: { kind: { in: [...kinds] } }, orderBy: { id: 'asc' } });
  const ids = subjects.map(({ id }) => id);
  const before = previousPeriod(period);
  const sizes = await sizesOf(db, ids, before === null ? [period] : [period, before], request);
  const now = rank(sizes.get(period.text) ?? []);
  const ranksBefore = new Map(rank(sizes.get(before?.text ?? '') ?? []).map((one) => [one.subjectId, one.rank]));
  const population = new Set(now.map(({ subjectId }) => subjectId));
  const overlaps = await findOverlaps(db, subjects, population, period);
  const total = totalOf(now, overlaps);
  const first = now.slice(0, request.first);
  const histories = await readHistories(
    db,
    first.map(({ subjectId }) => subjectId),
    { metric, withinId: null, asOf: request.asOf },
  );
  const entries = first.flatMap(({ rank: place, subjectId, size }): readonly RankedEntry[] => {
    const history = histories.get(subjectId);
    const observation = history === undefined ? null : observationOf(history, period);
    // Gone since it was ranked.
    if (observation === null) return [];
    const share = total > 0 ? size / total : null;
    return [{ rank: place, subjectId, observation, share, previousRank: ranksBefore.get(subjectId) ?? null }];
  });
  const places = new Map(entries.map(({ subjectId }, place) => [subjectId, place]));
  const placeOf = ({ partId }: OverlapData): number => required(places, partId);
  return {
    ...{ metric, period, kinds, entries, total, rankedIds: [...population] },
    overlaps: overlaps
      .filter(({ partId, wholeId }) => places.has(partId) && places.has(wholeId))
      .sort((a, b) => placeOf(a) - placeOf(b) || a.wholeId - b.wholeId),
  };
}

/** The number a subject is ranked by. */
interface Sized {
  readonly subjectId: number;
  readonly size: number;
}

/** The sizes of subjects in periods, by period. A few hundred subjects at a time, so that others are served and memory is bounded. */
async function sizesOf(
  db: Db,
  ids: readonly number[],
  periods: readonly Period[],
  { metric, asOf }: LeaderboardRequest,
): Promise<ReadonlyMap<string, readonly Sized[]>> {
  const sizes = new Map(periods.map(({ text }): [string, Sized[]] => [text, []]));
  for (let at = 0; at < ids.length; at += RANKED_AT_ONCE) {
    const some = ids.slice(at, at + RANKED_AT_ONCE);
    const histories = await readHistories(db, some, { metric, withinId: null, asOf });
    for (const subjectId of some) {
      const history = histories.get(subjectId);
      if (history === undefined || history.isAnotherName) continue;
      for (const period of periods) {
        const size = sizeIn(history, period);
        if (size !== null) sizes.get(period.text)?.push({ subjectId, size });
      }
    }
  }
  return sizes;
}

function rank(sizes: readonly Sized[]): readonly (Sized & { readonly rank: number })[] {
  const sorted = [...sizes].sort((a, b) => b.size - a.size || a.subjectId - b.subjectId);
  let place = 0;
  return sorted.map((one, index) => {
    if (sorted[index - 1]?.size !== one.size) place = index + 1;
    return { ...one, rank: place };
  });
}

/** The sum of those that are inside no other one, each by its own size or by that of its largest part, so that no share is above 1. */
function totalOf(sizes: readonly Sized[], overlaps: readonly OverlapData[]): number {
  const sizeById = new Map(sizes.map(({ subjectId, size }) => [subjectId, size]));
  const insideById = groupBy(overlaps, ({ wholeId }) => wholeId);
  const parts = new Set(overlaps.map(({ partId }) => partId));
  return sizes
    .filter(({ subjectId }) => !parts.has(subjectId))
    .map(({ subjectId, size }) =>
      Math.max(size, ...(insideById.get(subjectId) ?? []).map(({ partId }) => required(sizeById, partId))),
    )
    .reduce((sum, size) => sum + size, 0);
}

/**
 * Pairs of subjects on the board where one contains the other: brands in companies, models in brands, members in alliances, over any
 * number of levels.
 */
async function findOverlaps(
  db: Db,
  subjects: readonly Subject[],
  shown: ReadonlySet<number>,
  period: Period,
): Promise<readonly OverlapData[]> {
  const parents = await db.subject.findMany({
    where: { parentId: { not: null } },
    select: { id: true, parentId: true },
  });
  const memberships = await db.membership.findMany();
  const above = new Map<number, number[]>();
  const put = (part: number, whole: number) => above.set(part, [...(above.get(part) ?? []), whole]);
  for (const { id, parentId } of parents) put(id, present(parentId));
  for (const membership of memberships)
    if (isMemberOn(membership, period.end)) put(membership.brandId, membership.allianceId);
  return subjects
    .filter(({ id }) => shown.has(id))
    .flatMap(({ id }) =>
      [...everythingAbove(id, above)].filter((whole) => shown.has(whole)).map((wholeId) => ({ partId: id, wholeId })),
    );
}

function everythingAbove(
  id: number,
  above: ReadonlyMap<number, readonly number[]>,
  seen = new Set<number>(),
): ReadonlySet<number> {
  for (const whole of above.get(id) ?? []) {
    if (seen.has(whole)) continue;
    seen.add(whole);
    everythingAbove(whole, above, seen);
  }
  return seen;
}
