import { type Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { Period } from '../values/period.ts';
import { areAllMembers, type BoardScope, IS_STATED, isMember, isTold, subjectOf, wholesOf } from './board-parts.ts';
import type { ExtentRow } from './extents.ts';

/** What is ranked, against what, and how much of it is shown. */
export interface RankingRequest extends BoardScope {
  readonly period: Period;
  readonly before: Period | null;
  readonly yearBefore: Period | null;
  readonly withoutParts: boolean;
  readonly first: number;
}

/** A subject that is shown. */
export interface RankedRow {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly rank: number;
  readonly size: number;
  readonly rankLower: number;
  readonly rankUpper: number;
  readonly previousRank: number | null;
  readonly yearAgoRank: number | null;
  /** The same for all rows. */
  readonly total: number;
  /** The shown subjects that it is part of. */
  readonly wholes: readonly number[];
  /** Without parts: the brands that another shown subject counts as well. */
  readonly shared: readonly number[];
  /** Without parts: everybody who is ranked, also beyond the first. Only in the first rows. */
  readonly listedIds: readonly number[] | null;
}

/** Ranks what is kept, or else what was worked out. One statement, so that both follow the same rules. */
export async function rankPeriod(
  db: Db,
  request: RankingRequest,
  workedOut: readonly ExtentRow[] | null,
): Promise<readonly RankedRow[]> {
  const { metrics, period, before, yearBefore, kinds, withoutParts, first } = request;
  const day = period.end;
  return db.$queryRaw<RankedRow[]>`
    /* rankPeriod */
    with recursive known as (
      select distinct on (period, id) period, id, metric, size, "isStated",
             least(coalesce(lower, 0), size) as lower, greatest(coalesce(upper, 'Infinity'), size) as upper
        from ${workedOut === null ? keptExtents(request) : givenExtents(workedOut)} said
       order by period, id, "isStated" desc, array_position(${[...metrics]}::text[], metric)
    ), population as (
      select * from known where period = ${period.text}
    ), above(part, whole) as (
      select p.id, pair.whole from population p cross join lateral ${wholesOf(Prisma.sql`p.id`, kinds, day)} pair
       union
      select above.part, pair.whole from above cross join lateral ${wholesOf(Prisma.sql`above.whole`, kinds, day)} pair
    ), inside as (
      select above.part, above.whole from above join population p on p.id = above.whole
    ), grounded as (
      -- What does not only follow from parts.
      select p.* from population p where p."isStated" or not exists (select from inside i where i.whole = p.id)
    ), hollow as (
      -- Wholes of which nothing is known but what their parts have: the parts say it better.
      select w.id
        from population w
        join inside i on i.whole = w.id
        join grounded part on part.id = i.part
       where ${withoutParts}::boolean and not w."isStated"
         and not exists (select from inside outwards
                           join grounded middle on middle.id = outwards.whole
                           join inside up on up.part = outwards.whole and up.whole = w.id
                          where outwards.part = part.id)
       group by w.id, w.size
      having w.size <= sum(part.size)
    ), solid as (
      select p.* from population p where not exists (select from hollow where hollow.id = p.id)
    ), "leftOut" as (
      select i.part as id from inside i join solid w on w.id = i.whole where ${withoutParts}::boolean
       union
      -- As far as is known, everything of these companies is in an alliance on the board.
      select c.id
        from solid c
        join "Subject" company on company.id = c.id and company.kind = 'COMPANY'
        join solid a on a.size >= c.size
        join "Subject" alliance on alliance.id = a.id and alliance.kind = 'ALLIANCE'
       where ${withoutParts}::boolean and ${areAllMembers(Prisma.sql`c.id`, Prisma.sql`a.id`, day)}
    ), listed as (
      select s.* from solid s where not exists (select from "leftOut" l where l.id = s.id)
    ), pairs as (
      select i.part, i.whole, part.size
        from inside i
        join listed part on part.id = i.part
        join listed whole on whole.id = i.whole
    ), outermost as (
      select greatest(l.size, largest.size) as size
        from listed l
        left join (select whole, max(size) as size from pairs group by whole) largest on largest.whole = l.id
       where not exists (select from pairs where pairs.part = l.id)
    ), bounds as (
      select array_agg(lower order by lower) as lowers, array_agg(upper order by upper) as uppers, count(*)::int as size from listed
    ), before as (
      ${rankedThen(before)}
    ), "yearBefore" as (
      ${rankedThen(yearBefore)}
    ), ranked as (
      select *, rank() over (order by size desc)::int as rank from listed
    ), shown as (
      select * from ranked order by rank, id limit ${first}
    ), shared as (
      select b.id as part, c.id as company, a.id as alliance
        from shown a
        join "Membership" m on m."allianceId" = a.id and ${isMember(day)}
        join "Subject" b on b.id = m."brandId"
        join shown c on c.id = b."parentId"
       where ${withoutParts}::boolean
    )
    select shown.id as "subjectId", shown.metric, shown.rank, shown.size,
           1 + bounds.size - width_bucket(shown.upper, bounds.lowers) as "rankLower",
           1 + bounds.size - width_bucket(shown.lower, bounds.uppers) - (shown.upper > shown.lower)::int as "rankUpper",
           before.rank as "previousRank", "yearBefore".rank as "yearAgoRank",
           (select coalesce(sum(size), 0) from outermost) as total,
           array(select p.whole from pairs p where p.part = shown.id and p.whole in (select id from shown) order by p.whole) as wholes,
           array(select s.part from shared s where shown.id in (s.company, s.alliance) order by s.part) as shared,
           case when ${withoutParts}::boolean and shown.rank = 1 then array(select id from listed) end as "listedIds"
      from shown
     cross join bounds
      left join before on before.id = shown.id
      left join "yearBefore" on "yearBefore".id = shown.id
     order by shown.rank, shown.id`;
}

/** The ranks in another period among those who are known in both. */
function rankedThen(period: Period | null): Prisma.Sql {
  return Prisma.sql`
    select l.id, rank() over (order by past.size desc)::int as rank
      from listed l
      join known past on past.id = l.id and past.period = ${period?.text ?? ''}`;
}

function keptExtents(request: RankingRequest): Prisma.Sql {
  const { period, before, yearBefore, kinds } = request;
  const periods = [period, before, yearBefore].flatMap((one) => one?.text ?? []);
  return Prisma.sql`
    (select o.period, o."subjectId" as id, o.metric::text as metric, coalesce(o.value, o.lower) as size, o.lower, o.upper,
            ${IS_STATED} as "isStated"
       from "Observation" o
      cross join lateral ${subjectOf(kinds)} s
      where o.period = any(${periods}::text[]) and ${isTold(request)})`;
}

function givenExtents(rows: readonly ExtentRow[]): Prisma.Sql {
  return Prisma.sql`
    (select *
       from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(
              period text, id int, metric text, size float8, lower float8, upper float8, "isStated" boolean))`;
}
