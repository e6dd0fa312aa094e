import { type Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { Period } from '../values/period.ts';
import {
  areAllMembers,
  type BoardScope,
  IS_STATED,
  isAboutKind,
  isMember,
  isOfKind,
  isOneOf,
  isTold,
  SIZE,
  weighedKinds,
  wholesOf,
} from './board-parts.ts';
import type { ExtentRow } from './extents.ts';

/** What is ranked, against what, and how much of it is shown. */
export interface RankingRequest extends BoardScope {
  readonly period: Period;
  readonly before: Period | null;
  readonly yearBefore: Period | null;
  readonly withoutParts: boolean;
  readonly first: number;
  /** Whether it is asked who is missing, which depends on all that are ranked. */
  readonly asksWhoIsMissing: boolean;
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
  /** Without parts: everybody who is ranked, also beyond the first, if it is asked who is missing. Only in the first rows. */
  readonly listedIds: readonly number[] | null;
}

/** Ranks what is kept, or else what was worked out. One statement, so that both follow the same rules. */
export async function rankPeriod(
  db: Db,
  request: RankingRequest,
  workedOut: readonly ExtentRow[] | null,
): Promise<readonly RankedRow[]> {
  const { metrics, period, before, yearBefore, kinds, withoutParts, first, asksWhoIsMissing } = request;
  const day = period.end;
  return db.$queryRaw<RankedRow[]>`
    /* rankPeriod */
    with recursive known as (
      select distinct on (period, id) period, id, metric, size, "isStated",
             least(coalesce(lower, 0), size) as lower, greatest(coalesce(upper, 'Infinity'), size) as upper
        from ${workedOut === null ? keptExtents(request) : givenExtents(workedOut)} said
       order by period, id, "isStated" desc, array_position(${[...metrics]}::text[], metric)
    ), everybody as (
      -- The planner cannot know how many there are. So nothing of this size is joined below, which would take the square of its time: the
      -- periods are put side by side, and whether something is in a set is looked up in a hash, for which it is asked whether this is true.
      select id, max(metric) filter (where ${isIn(period)}) as metric, max(size) filter (where ${isIn(period)}) as size,
             max(lower) filter (where ${isIn(period)}) as lower, max(upper) filter (where ${isIn(period)}) as upper,
             bool_or("isStated") filter (where ${isIn(period)}) as "isStated",
             max(size) filter (where "isStated" and ${isIn(before)}) as before,
             max(size) filter (where "isStated" and ${isIn(yearBefore)}) as "yearBefore"
        from known
       group by id
      having bool_or(${isIn(period)})
    ), population as (
      select * from everybody where ${isOfKind(Prisma.sql`id`, kinds)}
    ), above(part, size, "isStated", whole, "isNested") as (
      -- A part is nested if something between it and the whole already says what it has.
      select p.id, p.size, p."isStated", pair.whole, false
        from everybody p
       cross join lateral ${wholesOf(Prisma.sql`p.id`, kinds, day)} pair
       union
      select above.part, above.size, above."isStated", pair.whole,
             above."isNested" or (above.whole in (select id from population where "isStated")) is true
        from above
       cross join lateral ${wholesOf(Prisma.sql`above.whole`, kinds, day)} pair
    ), around as (
      select * from above where (whole in (select id from population)) is true
    ), inside as (
      select * from around where (part in (select id from population)) is true
    ), hollow as (
      -- Wholes of which nothing is known but what their parts have: the parts say it better.
      select id
        from (select id, size as own, null as "ofPart" from population where not "isStated"
               union all
              select whole, null, size
                from inside
               where not "isNested" and ("isStated" or (part in (select whole from inside)) is not true)) sizes
       where ${withoutParts}::boolean
       group by id
      having max(own) <= sum("ofPart")
    ), solid as (
      select * from population where (id in (select id from hollow)) is not true
    ), "inAlliance" as (
      -- As far as is known, everything of these companies is in an alliance on the board.
      select c.id
        from (select * from solid where ${isOfKind(Prisma.sql`id`, ['ALLIANCE'])}) a
        join (select * from solid where ${isOfKind(Prisma.sql`id`, ['COMPANY'])}) c on c.size <= a.size
       where ${areAllMembers(Prisma.sql`c.id`, Prisma.sql`a.id`, day)}
    ), "leftOut" as (
      select part as id from inside where (whole in (select id from hollow)) is not true
       union
      select id from "inAlliance"
    ), listed as materialized (
      select * from solid where not ${withoutParts}::boolean or (id in (select id from "leftOut")) is not true
    ), pairs as (
      select part, size, whole
        from inside
       where (part in (select id from listed)) is true and (whole in (select id from listed)) is true
    ), outermost as (
      select id, max(size) as size
        from (select id, size from listed
               union all
              select whole, size from pairs) sizes
       where (id in (select part from pairs)) is not true and (id in (select id from "inAlliance")) is not true
       group by id
    ), "inSeveral" as (
      select part as id from around where (whole in (select id from outermost)) is true group by part having count(distinct whole) > 1
    ), counted as (
      -- What several count stays in the largest of them, and what is inside of it is not taken out of the others again.
      select id, size, "ofPart", part is not null and row_number() over (partition by part order by size desc, id) > 1 as "isElsewhere"
        from (select id, part, "ofPart", max(size) over (partition by id) as size
                from (select id, size, null::int as part, null::float8 as "ofPart" from outermost
                       union all
                      select distinct whole, null::float8, part, size
                        from around
                       where (part in (select id from "inSeveral")) is true and (whole in (select id from outermost)) is true
                         and (part in (select part from around where (whole in (select id from "inSeveral")) is true)) is not true
                     ) sizes
             ) sized
    ), added as (
      select greatest(0, max(size) - coalesce(sum("ofPart") filter (where "isElsewhere"), 0)) as size from counted group by id
    ), bounds as materialized (
      select array_agg(lower order by lower) as lowers, array_agg(upper order by upper) as uppers, count(*)::int as size from listed
    ), ranked as (
      select *, rank() over (order by size desc)::int as rank,
             -- A bound that only follows from others is too low where months are missing: it moves nobody.
             case when "isStated" and before is not null
                  then rank() over (partition by "isStated" order by before desc nulls last)::int end as "previousRank",
             case when "isStated" and "yearBefore" is not null
                  then rank() over (partition by "isStated" order by "yearBefore" desc nulls last)::int end as "yearAgoRank"
        from listed
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
    select shown.id as "subjectId", metric, rank, size, "previousRank", "yearAgoRank",
           1 + (select size - width_bucket(shown.upper, lowers) from bounds) as "rankLower",
           1 + (select size - width_bucket(shown.lower, uppers) from bounds) - (upper > lower)::int as "rankUpper",
           (select coalesce(sum(size), 0) from added) as total,
           array(select p.whole from pairs p where p.part = shown.id and p.whole in (select id from shown) order by p.whole) as wholes,
           array(select s.part from shared s where shown.id in (s.company, s.alliance) order by s.part) as shared,
           case when ${withoutParts && asksWhoIsMissing}::boolean and rank = 1 then array(select id from listed) end as "listedIds"
      from shown
     order by rank, id`;
}

/** Whether a row is of a period. */
export function isIn(period: Period | null): Prisma.Sql {
  return Prisma.sql`period = ${period?.text ?? ''}`;
}

function keptExtents(request: RankingRequest): Prisma.Sql {
  const { period, before, yearBefore, kinds } = request;
  const periods = [period, before, yearBefore].flatMap((one) => one?.text ?? []);
  return Prisma.sql`
    (select o.period, o."subjectId" as id, o.metric::text as metric, ${SIZE} as size, o.lower, o.upper,
            ${IS_STATED} as "isStated"
       from "Observation" o
      where ${isOneOf(Prisma.sql`o.period`, periods)} and ${isTold(request)}
        and ${isAboutKind(weighedKinds(kinds))})`;
}

function givenExtents(rows: readonly ExtentRow[]): Prisma.Sql {
  return Prisma.sql`
    (select *
       from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given(
              period text, id int, metric text, size float8, lower float8, upper float8, "isStated" boolean))`;
}
