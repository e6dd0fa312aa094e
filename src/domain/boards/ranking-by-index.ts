import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { placedAsJson } from '../estimates/reading.ts';
import type { Period } from '../values/period.ts';
import { IS_STATED, isAboutKind, isOneOf, isTold, SIZE } from './board-parts.ts';
import { type Asked, type RankedApart, readRankedApart } from './ranked-apart.ts';
import type { RankingRequest } from './ranking.ts';

/** Of how many that are the largest now, for each that was larger earlier, it is read in one go that they are there. */
const LARGEST_NOW = 4;

/** Whether what is shown can be read in the order of an index: one metric of one kind, and nothing is asked that depends on all bounds, or names all. */
export function isByIndex(
  { metrics, kinds, withinId, withoutParts, asksWhoIsMissing }: RankingRequest,
  { bounds }: Asked,
): boolean {
  return (
    metrics.length === 1 && kinds.length === 1 && withinId === null && !bounds && !(withoutParts && asksWhoIsMissing)
  );
}

/**
 * Ranks what is kept as `rankApart` does, if `isByIndex`. Of all that are ranked nothing but the index is read, and that only for the total.
 * One statement, with a part only for what is asked.
 */
export async function rankByIndex(db: Db, request: RankingRequest, asked: Asked): Promise<RankedApart | null> {
  const { period, withoutParts, first } = request;
  const before = asked.previousRank ? request.before : null;
  const yearBefore = asked.yearAgoRank ? request.yearBefore : null;
  return readRankedApart(
    db,
    asked.details,
    Prisma.sql`
    /* rankByIndex */
    with shown as materialized (
      select o.*, ${SIZE} as size, ${IS_STATED} as "isStated"
        from "Observation" o
       where ${isRanked(request, period)}
       order by ${SIZE} desc, o."subjectId"
       limit ${first}
    )
    select json_build_object(
             'isApart', ${asked.parts || withoutParts ? nobodyIsPart(request) : Prisma.sql`true`},
             'total', ${asked.parts ? totalOf(request) : Prisma.sql`0`},
             'listedIds', null,
             'rows', (select coalesce(json_agg(json_build_array(
                              rank, size, null, null, "previousRank", "yearAgoRank", ${placedAsJson(asked.details)}) order by rank, o."subjectId"), '[]')
                        from (select shown.*, rank() over (order by size desc) as rank,
                                     ${before === null ? Prisma.sql`null` : Prisma.sql`previous.rank`} as "previousRank",
                                     ${yearBefore === null ? Prisma.sql`null` : Prisma.sql`"yearAgo".rank`} as "yearAgoRank"
                                from shown
                                ${withRanks(request, before, Prisma.sql`previous`)}
                                ${withRanks(request, yearBefore, Prisma.sql`"yearAgo"`)}) o))::text as json`,
  );
}

function totalOf(request: RankingRequest): Prisma.Sql {
  return Prisma.sql`(select coalesce(sum(${SIZE}), 0) from "Observation" o where ${isRanked(request, request.period)})`;
}

/** Of one kind only those can be parts of each other whose parent is of the same kind. They are few, and each is looked up. */
function nobodyIsPart(request: RankingRequest): Prisma.Sql {
  return Prisma.sql`
    not exists (select from "Subject" part
                 cross join lateral (
                         select from "Observation" o where ${isAbout(Prisma.sql`part.id`, request, request.period)} offset 0) o
                 where part."isNested" and ${isOneOf(Prisma.sql`part.kind`, request.kinds, Prisma.sql`"SubjectKind"`)})`;
}

/** Puts beside those that are shown the ranks that they had in an earlier period. */
function withRanks(request: RankingRequest, earlier: Period | null, name: Prisma.Sql): Prisma.Sql {
  if (earlier === null) return Prisma.empty;
  return Prisma.sql`left join (${earlierRanks(request, earlier)}) ${name} on ${name}.id = shown."subjectId"`;
}

/**
 * The ranks of those that are shown, in an earlier period, among all that have a value in both. So those that were larger are counted as far
 * as they are still there. Most are among the largest now as well, which the index has in one place; a look for each takes far longer.
 */
function earlierRanks(request: RankingRequest, earlier: Period): Prisma.Sql {
  const { period } = request;
  return Prisma.sql`
    with sizes as materialized (
      select o.id, o.size
        from shown
       cross join lateral (
               select o."subjectId" as id, ${SIZE} as size
                 from "Observation" o
                where ${isAbout(Prisma.sql`shown."subjectId"`, request, earlier)} and ${IS_STATED}
               offset 0) o
       where shown."isStated"
    ), larger as materialized (
      select o."subjectId" as id, ${SIZE} as size
        from "Observation" o
       where ${isRanked(request, earlier)} and ${IS_STATED} and ${SIZE} >= (select min(size) from sizes)
    ), "largestNow" as (
      select o."subjectId" as id, ${IS_STATED} as "isStated"
        from "Observation" o
       where ${isRanked(request, period)}
       order by ${SIZE} desc
       limit (select ${LARGEST_NOW}::int * count(*) from larger)
    ), ranked as (
      select id, rank() over (order by size desc) as rank
        from larger
       where (id in (select id from "largestNow" where "isStated")) is true
          or (select true from "Observation" o where ${isAbout(Prisma.sql`larger.id`, request, period)} and ${IS_STATED} limit 1)
    )
    select id, rank from ranked where (id in (select id from sizes)) is true`;
}

/** Whether an observation o is ranked in a period, in the words of the index. */
function isRanked(request: RankingRequest, { text }: Period): Prisma.Sql {
  return Prisma.sql`${isTold(request)} and o.period = ${text} and ${isAboutKind(request.kinds)}`;
}

/** The same of one subject, in the words of the index of each subject's periods. */
function isAbout(subjectId: Prisma.Sql, request: RankingRequest, { kind, end, text }: Period): Prisma.Sql {
  return Prisma.sql`
    o."subjectId" = ${subjectId} and ${isTold(request)} and o.kind = ${kind}::text::"PeriodKind" and o."periodEnd" = ${end}::date
    and o.period = ${text}`;
}
