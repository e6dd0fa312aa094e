import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { areAllMembers, IS_STATED, isTold, wholesOf } from './board-parts.ts';
import type { LeaderboardData } from './leaderboard.ts';

/** The most subjects without a value that are named. */
const MOST_MISSING = 100;

/** Everybody who could be on a leaderboard: who has ever had a value in one of its metrics. */
export interface Population {
  readonly size: number;
  /** The ids of those of whom nothing is known in its period, at most 100, in the order in which they were created. */
  readonly missingIds: readonly number[];
}

/**
 * Reads who could be on a leaderboard and is not. Without parts: not those who are counted in one that is listed, or in another missing
 * one, and not those of whom nothing is ever known but through their parts. One statement.
 */
export async function readPopulation(db: Db, board: LeaderboardData): Promise<Population> {
  const { period, kinds, knownIds, withoutParts, listedIds } = board;
  const listed = [...(listedIds ?? [])];
  const rows = await db.$queryRaw<{ size: number; missingIds: number[] }[]>`
    /* readPopulation */
    with recursive population as (
      select s.id, s.kind
        from "Subject" s
       where s.kind::text = any(${[...kinds]}::text[])
         and exists (select from "Observation" o
                      where o."subjectId" = s.id and ${isTold(board)} and (not ${withoutParts}::boolean or ${IS_STATED}))
    ), absent as (
      select p.id, p.kind
        from population p
       where not case when ${knownIds === null}::boolean
                      then exists (select from "Observation" o where o."subjectId" = p.id and o.period = ${period.text} and ${isTold(board)})
                      else p.id = any(${[...(knownIds ?? [])]}::int[])
                  end
    ), above(part, whole) as (
      select a.id, pair.whole
        from absent a
       cross join lateral ${wholesOf(Prisma.sql`a.id`, kinds, period.end)} pair
       where ${withoutParts}::boolean
       union
      select above.part, pair.whole from above cross join lateral ${wholesOf(Prisma.sql`above.whole`, kinds, period.end)} pair
    ), missing as (
      select a.id
        from absent a
       where not exists (select from above
                          where above.part = a.id
                            and (above.whole = any(${listed}::int[]) or above.whole in (select id from absent)))
         and not exists (select from "Subject" alliance
                          where ${withoutParts}::boolean and a.kind = 'COMPANY' and alliance.kind = 'ALLIANCE'
                            and (alliance.id = any(${listed}::int[]) or alliance.id in (select id from absent))
                            and ${areAllMembers(Prisma.sql`a.id`, Prisma.sql`alliance.id`, period.end)})
    )
    select case when ${withoutParts}::boolean
                then ${listed.length}::int + (select count(*)::int from missing)
                else (select count(*)::int from population)
            end as size,
           coalesce((select array_agg(id order by id) from missing)[1:${MOST_MISSING}::int], '{}') as "missingIds"`;
  return rows[0] ?? { size: 0, missingIds: [] };
}
