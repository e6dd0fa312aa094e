import type pg from 'pg';
import type { Stated } from '../estimates/claims.ts';

/** A figure as the hand-written statement gets it. */
export interface Row extends Stated {
  readonly subjectId: number;
}

/**
 * Writes figures, one observation and one log entry for each, in one statement, as somebody would without Milepost: nothing is checked or
 * worked out, the log has no digests, and positions are taken without a lock.
 */
export async function writeByHand(client: pg.Client, rows: readonly Row[]): Promise<number> {
  const column = <Key extends keyof Row>(key: Key): readonly Row[Key][] => rows.map((row) => row[key]);
  const { rows: written } = await client.query<{ rows: number }>({
    name: 'writeByHand',
    text: `
      /* writeByHand */
      with given as materialized (
        select *, row_number() over () as place
          from unnest($1::int[], $2::text[], $3::date[], $4::date[], $5::float8[]) as r("subjectId", period, first, last, value)),
      figures as (
        insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId",
                              "knownFrom", "claimKey")
        select "subjectId", 'DELIVERIES', period, first, last, value, value, value, 'EXACT', 1, now(),
               concat_ws('|', 1, "subjectId", 'DELIVERIES', period, '')
          from given
         order by place
        returning id, "subjectId", period, "periodStart", "periodEnd", value),
      observations as (
        insert into "Observation" ("subjectId", metric, period, kind, "periodStart", "periodEnd", slot, value, lower, upper, qualifier,
                                   method, "bestId", agreement, "decidedBy", origins, resolution, missing)
        select "subjectId", 'DELIVERIES', period, case when length(period) = 7 then 'MONTH' else 'DAY' end::"PeriodKind", "periodStart",
               "periodEnd", concat_ws('|', "subjectId", 'DELIVERIES', period, ''), value, value, value, 'EXACT', 'ASSERTED', id, 'SOLE',
               'ONLY', 1, 'The only claim.', '{}'
          from figures
            on conflict (slot) do update
           set value = excluded.value, lower = excluded.lower, upper = excluded.upper, "bestId" = excluded."bestId"
        returning 1),
      entries as (
        insert into "Change" (position, kind, "aboutId", "subjectId", action, "lineIds", observation, digest)
        select (select coalesce(max(position), 0) from "Change") + row_number() over (order by id), 'FIGURE', id, "subjectId", 'RECORDED',
               array["subjectId"], jsonb_build_object('value', value, 'period', period), ''::bytea
          from figures
        returning 1)
      select ((select count(*) from figures) + (select count(*) from observations) + (select count(*) from entries))::int as rows`,
    values: [column('subjectId'), column('period'), column('first'), column('last'), column('value')],
  });
  return written[0]?.rows ?? 0;
}
