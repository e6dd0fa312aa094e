import type { Db } from '../../database/handle.ts';
import type { LeaderboardData } from './leaderboard.ts';

/** The most subjects without a value that are named. */
const MOST_MISSING = 100;

/** Everybody who could be on a leaderboard: who has ever had a value in its metric. */
export interface Population {
  readonly size: number;
  /** The ids of those of whom nothing is known in its period, at most 100, in the order in which they were created. */
  readonly missingIds: readonly number[];
}

/** Reads who could be on a leaderboard and is not. One statement. */
export async function readPopulation(
  db: Db,
  { metric, period, kinds, rankedIds }: Pick<LeaderboardData, 'metric' | 'period' | 'kinds' | 'rankedIds'>,
): Promise<Population> {
  const rows = await db.$queryRaw<{ size: number; missingIds: number[] }[]>`
    /* readPopulation */
    with population as (
      select s.id
        from "Subject" s
       where s.kind::text = any(${[...kinds]}::text[])
         and exists (select from "Observation" o
                      where o."subjectId" = s.id and o.metric = ${metric}::"Metric" and o."withinId" is null and not o."isAnotherName"
                        and (o.value is not null or o.lower > 0))
    )
    select count(*)::int as size,
           coalesce((array_agg(p.id order by p.id) filter (where not
             case when ${rankedIds === null}::boolean
                  then exists (select from "Observation" o
                                where o."subjectId" = p.id and o.metric = ${metric}::"Metric" and o.period = ${period.text}
                                  and o."withinId" is null and (o.value is not null or o.lower > 0))
                  else p.id = any(${[...(rankedIds ?? [])]}::int[])
              end))[1:${MOST_MISSING}::int], '{}') as "missingIds"
      from population p`;
  return rows[0] ?? { size: 0, missingIds: [] };
}
