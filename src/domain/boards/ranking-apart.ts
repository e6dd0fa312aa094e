import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { placedAsJson } from '../estimates/reading.ts';
import { IS_STATED, isAboutKind, isAnyPart, isOneOf, isTold, SIZE } from './board-parts.ts';
import { type Asked, type RankedApart, readRankedApart } from './ranked-apart.ts';
import { isIn, type RankingRequest } from './ranking.ts';

/** Whether it may be that nobody on a board is part of another one, or that it does not matter. */
export function canBeApart({ kinds, withoutParts }: RankingRequest, { parts }: Asked): boolean {
  return kinds.length === 1 || !(parts || withoutParts);
}

/**
 * Ranks what is kept where nobody is part of another one, with the same result as `rankPeriod` and for a tenth of the work. Null if somebody
 * is. One statement, with a part only for what is asked.
 */
export async function rankApart(db: Db, request: RankingRequest, asked: Asked): Promise<RankedApart | null> {
  const { withoutParts, first, asksWhoIsMissing } = request;
  return readRankedApart(
    db,
    asked.details,
    Prisma.sql`
    /* rankApart */
    with said as materialized (
      ${saidIn(request, asked)}
    ), bounds as materialized (
      select array_agg(lower order by lower) as lowers, array_agg(upper order by upper) as uppers, count(*)::int as size
        from said
       where ${asked.bounds}::boolean
    ), ranked as (
      select said.*, rank() over (order by size desc)::int as rank, ${earlierRank(asked.previousRank, Prisma.sql`before`)} as "previousRank",
             ${earlierRank(asked.yearAgoRank, Prisma.sql`"yearBefore"`)} as "yearAgoRank"
        from said
    ), shown as (
      select * from ranked order by rank, id limit ${first}
    )
    select json_build_object(
             'isApart', ${asked.parts || withoutParts ? nobodyIsPart(request) : Prisma.sql`true`},
             'total', (select coalesce(sum(size), 0) from said),
             'listedIds', (select json_agg(id) from said where ${withoutParts && asksWhoIsMissing}::boolean),
             'rows', (select coalesce(json_agg(json_build_array(
                              rank, shown.size, 1 + bounds.size - width_bucket(shown.upper, lowers),
                              1 + bounds.size - width_bucket(shown.lower, uppers) - (shown.upper > shown.lower)::int,
                              "previousRank", "yearAgoRank", ${placedAsJson(asked.details)}) order by rank, shown.id), '[]')
                        from shown
                       cross join bounds
                       -- The offset forces index lookups.
                       cross join lateral (select * from "Observation" o where o.id = shown."observationId" offset 0) o))::text as json`,
  );
}

/** What is told of everybody, and beside it what was in the earlier periods that are asked for. */
function saidIn(request: RankingRequest, { previousRank, yearAgoRank }: Asked): Prisma.Sql {
  const { metrics, kinds, period } = request;
  const before = previousRank ? request.before : null;
  const yearBefore = yearAgoRank ? request.yearBefore : null;
  const periods = [period, before, yearBefore].flatMap((one) => one?.text ?? []);
  const [choice, order] =
    metrics.length === 1
      ? [Prisma.empty, Prisma.empty]
      : [
          Prisma.sql`distinct on (o.period, o."subjectId")`,
          Prisma.sql`
       order by o.period, o."subjectId", ${IS_STATED} desc, array_position(${[...metrics]}::text[], o.metric::text)`,
        ];
  const known = Prisma.sql`
      select ${choice} o.period, o."subjectId" as id, o.id as "observationId", ${SIZE} as size, ${IS_STATED} as "isStated",
             least(coalesce(o.lower, 0), ${SIZE}) as lower, greatest(coalesce(o.upper, 'Infinity'), ${SIZE}) as upper
        from "Observation" o
       where ${isOneOf(Prisma.sql`o.period`, periods)} and ${isTold(request)}
         and ${isAboutKind(kinds)}${order}`;
  if (periods.length === 1)
    return Prisma.sql`select known.*, null::float8 as before, null::float8 as "yearBefore" from (${known}) known`;
  return Prisma.sql`
      select id, max("observationId") filter (where ${isIn(period)}) as "observationId", max(size) filter (where ${isIn(period)}) as size,
             max(lower) filter (where ${isIn(period)}) as lower, max(upper) filter (where ${isIn(period)}) as upper,
             bool_or("isStated") filter (where ${isIn(period)}) as "isStated",
             max(size) filter (where "isStated" and ${isIn(before)}) as before,
             max(size) filter (where "isStated" and ${isIn(yearBefore)}) as "yearBefore"
        from (${known}) known
       group by id
      having bool_or(${isIn(period)})`;
}

/** The rank in an earlier period. A bound that only follows from others is too low where months are missing: it moves nobody. */
function earlierRank(isAsked: boolean, size: Prisma.Sql): Prisma.Sql {
  if (!isAsked) return Prisma.sql`null::int`;
  return Prisma.sql`
             case when "isStated" and ${size} is not null
                  then rank() over (partition by "isStated" order by ${size} desc nulls last)::int end`;
}

function nobodyIsPart({ kinds, period }: RankingRequest): Prisma.Sql {
  return Prisma.sql`not ${isAnyPart(Prisma.sql`(select id from said)`, kinds, period.end)}`;
}
