import { type Metric, Prisma, type SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present } from '../../required.ts';
import { dayAt } from '../values/calendar.ts';
import { groupBy } from '../values/group.ts';
import { NEAR_DAYS } from './pace.ts';
import { type Stated, type StatedRow, statedOf } from './stated.ts';

/** Kinds of which a parent is the whole: a brand's company, a part of a brand, a brand's model. */
const PART_KINDS = ['BRAND', 'MODEL'] as const satisfies readonly SubjectKind[];
const WHOLE_KINDS = ['COMPANY', 'BRAND'] as const satisfies readonly SubjectKind[];

/** What plausibility has to know of a subject. */
export interface SubjectFacts {
  readonly id: number;
  readonly kind: SubjectKind;
  readonly foundedOn: string | null;
  readonly launchedOn: string | null;
  readonly firstDeliveryOn: string | null;
}

/** That one subject is a part of another: always, or while it is a member of an alliance. */
export interface Link {
  readonly partId: number;
  readonly part: string;
  readonly wholeId: number;
  readonly whole: string;
  readonly joinedOn: string | null;
  readonly leftOn: string | null;
}

/** Everything with which new values are compared. */
export interface Known {
  readonly subjects: ReadonlyMap<number, SubjectFacts>;
  readonly links: readonly Link[];
  readonly recorded: readonly Stated[];
}

/** A slot whose value is questioned, with its days. */
export type Questioned = Pick<Stated, 'subjectId' | 'metric' | 'period' | 'start' | 'end'>;

/** Reads what values are compared with, by one statement however many there are. */
export async function readKnown(db: Db, slots: readonly Questioned[], replaced: readonly number[]): Promise<Known> {
  const [row] = await db.$queryRaw<KnownRow[]>`/* readNearClaims */ ${knownOf(slots, replaced)}`;
  return knownFrom(present(row));
}

/** A row of `knownOf`. */
export interface KnownRow {
  readonly subjects: readonly SubjectFacts[];
  readonly links: readonly Link[];
  /** With days as texts. */
  readonly near: readonly (Omit<StatedRow, 'periodStart' | 'periodEnd'> & {
    readonly periodStart: string | null;
    readonly periodEnd: string;
  })[];
}

export function knownFrom({ subjects, links, near }: KnownRow): Known {
  return {
    subjects: new Map(subjects.map((subject) => [subject.id, subject])),
    links,
    recorded: near.flatMap(
      ({ periodStart, periodEnd, ...row }) =>
        statedOf({
          ...row,
          periodStart: periodStart === null ? null : new Date(periodStart),
          periodEnd: new Date(periodEnd),
        }) ?? [],
    ),
  };
}

/**
 * A query for one row: the subjects; their wholes and parts; and the current claims about the year around each value, the totals to date
 * before and after it, and the same period of wholes and parts, one for each slot. Deprecated claims do not count, and where some are
 * preferred, only these do.
 * The figures with the ids of `replaced` are left out. `of` says whether the claims of the subjects themselves are among them.
 */
export function knownOf(
  slots: readonly Questioned[],
  replaced: readonly number[],
  of: 'all' | 'wholes and parts' = 'all',
): Prisma.Sql {
  const ids = [...new Set(slots.map(({ subjectId }) => subjectId))];
  const windows = of === 'all' ? windowsOf(slots) : [];
  return Prisma.sql`
    with links as materialized (
      select part.id as "partId", part.slug as part, whole.id as "wholeId", whole.slug as whole,
             null as "joinedOn", null as "leftOn"
        from (select id from "Subject" where id = any(${ids}::int[])
              union
              select id from "Subject" where "parentId" = any(${ids}::int[])) near
        join "Subject" part on part.id = near.id and part.kind::text = any(${[...PART_KINDS]}::text[])
       -- The offset forces index lookups.
       cross join lateral (select id, slug, kind from "Subject" where "Subject".id = part."parentId" offset 0) whole
       where whole.kind::text = any(${[...WHOLE_KINDS]}::text[])
      union all
      select brand.id, brand.slug, alliance.id, alliance.slug, member."joinedOn", member."leftOn"
        from (select id from "Membership" where "brandId" = any(${ids}::int[])
              union
              select id from "Membership" where "allianceId" = any(${ids}::int[])) near
        join "Membership" member on member.id = near.id
        join "Subject" brand on brand.id = member."brandId"
        join "Subject" alliance on alliance.id = member."allianceId"
    ), slots as materialized (
      select "subjectId", metric::"Metric", period, day::date
        from unnest(${slots.map(({ subjectId }) => subjectId)}::int[], ${slots.map(({ metric }) => metric)}::text[],
                    ${slots.map(({ period }) => period)}::text[], ${slots.map(({ end }) => dayAt(end))}::text[])
             as given("subjectId", metric, period, day)
    ), near as materialized (
      select "subjectId", metric::"Metric", "from"::date, "until"::date
        from unnest(${windows.map(({ subjectId }) => subjectId)}::int[], ${windows.map(({ metric }) => metric)}::text[],
                    ${windows.map(({ from }) => dayAt(from))}::text[], ${windows.map(({ until }) => dayAt(until))}::text[])
             as given("subjectId", metric, "from", "until")
    ), spans as (
      select "subjectId", metric, "from", "until", null as period, false as totals from near
      union all
      select near."subjectId", near.metric, edge.day, edge.day, null, true
        from near
        cross join lateral (
          (select "periodEnd" as day from "Figure" f
            where f."subjectId" = near."subjectId" and f.metric = near.metric and f."periodEnd" < near."from"
              and f."periodStart" is null and f."claimKey" is not null and f.rank <> 'DEPRECATED'
            order by "periodEnd" desc limit 1)
          union all
          (select "periodEnd" from "Figure" f
            where f."subjectId" = near."subjectId" and f.metric = near.metric and f."periodEnd" > near."until"
              and f."periodStart" is null and f."claimKey" is not null and f.rank <> 'DEPRECATED'
            order by "periodEnd" limit 1)
        ) edge
      union all
      -- The slots of wholes and parts: their last day finds them.
      select distinct pair."otherId", slot.metric, slot.day, slot.day, slot.period, false
        from slots slot
        join (select "partId" as id, "wholeId" as "otherId" from links
              union
              select "wholeId", "partId" from links) pair on pair.id = slot."subjectId"
    ), claims as (
      select distinct f.id, f."subjectId", f.metric, f.period, f."periodStart", f."periodEnd", f."withinId", f.rank,
             coalesce(f.value, f.lower, f.upper) as low, coalesce(f.value, f.upper, f.lower) as high, f.lower, f.upper
        from spans
       -- The offset forces index lookups.
       cross join lateral (
         select * from "Figure" own
          where own."subjectId" = spans."subjectId" and own.metric = spans.metric and own."periodEnd" between spans."from" and spans."until"
         offset 0) f
       where (spans.period is null or f.period = spans.period) and (not spans.totals or f."periodStart" is null)
         and f."claimKey" is not null and f.rank <> 'DEPRECATED' and f.id <> all(${[...replaced]}::int[])
         and (f.value is not null or f.lower is not null or f.upper is not null)
    ), counting as (
      select *, bool_or(rank = 'PREFERRED') over (partition by "subjectId", metric, period, "withinId") as chosen from claims
    ), stated as (
      select "subjectId", metric, period, "periodStart", "periodEnd", "withinId",
             min(low) as low, max(high) as high, min(coalesce(lower, 0)) as lower,
             case when bool_and(upper is not null) then max(upper) end as upper
        from counting
       where rank = 'PREFERRED' or not chosen
       group by "subjectId", metric, period, "periodStart", "periodEnd", "withinId"
    )
    select (select coalesce(json_agg(subject), '[]')
              from (select id, kind, "foundedOn", "launchedOn", "firstDeliveryOn" from "Subject" where id = any(${ids}::int[])) subject
           ) as subjects,
           (select coalesce(json_agg(links order by "wholeId", "partId", "joinedOn"), '[]') from links) as links,
           (select coalesce(json_agg(stated), '[]') from stated) as near`;
}

/** Days between which the claims of a subject and a metric are read. */
export interface Window {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly from: number;
  readonly until: number;
}

/**
 * The days around the slots, as few spans as possible. Claims are found by their last day, so the year after a slot is read to the end of
 * those that begin in it and last a year.
 */
export function windowsOf(slots: readonly Questioned[]): readonly Window[] {
  const groups = groupBy(slots, ({ subjectId, metric }) => `${subjectId}|${metric}`);
  return [...groups.values()].flatMap((group) => {
    const windows: Window[] = [];
    const around = group.map(({ subjectId, metric, start, end }) => ({
      ...{ subjectId, metric },
      ...{ from: (start ?? end) - NEAR_DAYS, until: end + 2 * NEAR_DAYS },
    }));
    for (const window of around.sort((a, b) => a.from - b.from)) {
      const last = windows.at(-1);
      if (last === undefined || window.from > last.until) windows.push(window);
      else windows[windows.length - 1] = { ...last, until: Math.max(last.until, window.until) };
    }
    return windows;
  });
}
