import { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { readJson } from '../../database/read-json.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { type PlacedValues, placedAsJson, placedIn } from '../estimates/reading.ts';
import { dayAt } from '../values/calendar.ts';
import { METRICS, type Metric } from '../values/metric.ts';
import { periodsBetween, type SeriesGranularity } from '../values/period.ts';

/** Of metrics with as many months, the first of these; after them in the order of the public schema. */
const FIRST: readonly Metric[] = ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL'];

/** What is known of a subject in one metric. An observation counts if it has a value, or if there are claims about it. */
export interface KnownMetric {
  readonly subjectId: number;
  readonly metric: Metric;
  /** The period that begins first, the shortest of several. */
  readonly from: string;
  /** The period that ends last, the shortest of several. */
  readonly to: string;
  readonly observations: number;
  /** The claims that are current. */
  readonly claims: number;
}

/** A metric of a subject. */
interface OfSubject {
  readonly subjectId: number;
  readonly metric: Metric;
}

/** What is known of subjects, in the order of the metrics. One statement, however many subjects there are. */
export async function readKnownMetrics(db: Db, subjectIds: readonly number[]): Promise<readonly KnownMetric[]> {
  return db.$queryRaw<KnownMetric[]>`
    /* readKnownMetrics */
    with observed as (
      select "subjectId", metric, count(*)::int as observations,
             (array_agg(period order by "periodStart" nulls last, "periodEnd"))[1] as "from",
             (array_agg(period order by "periodEnd" desc, "periodStart" desc nulls last))[1] as "to"
        from "Observation"
       where "subjectId" = any(${[...subjectIds]}::int[]) and (value is not null or "decidedBy" is not null)
       group by "subjectId", metric
    ), claimed as (
      select "subjectId", metric, count(*)::int as claims
        from "Figure"
       where "subjectId" = any(${[...subjectIds]}::int[]) and "claimKey" is not null
       group by "subjectId", metric
    )
    select o."subjectId", o.metric, o."from", o."to", o.observations, coalesce(c.claims, 0) as claims
      from observed o
      left join claimed c using ("subjectId", metric)
     order by o."subjectId", o.metric`;
}

/**
 * The metric in which each subject is reported monthly: that with claims about the most of the 24 months to the newest one that is known
 * of it, or with the most values where that is undecided. Subjects without a known month are left out. One statement.
 */
export async function readHeadlineMetrics(db: Db, subjectIds: readonly number[]): Promise<ReadonlyMap<number, Metric>> {
  const rows = await db.$queryRaw<(OfSubject & { claimed: number; known: number })[]>`
    /* readHeadlineMetrics */
    with months as (
      select "subjectId", metric, "periodEnd", "decidedBy" is not null as "isClaimed",
             max("periodEnd") over (partition by "subjectId") as newest
        from "Observation"
       where "subjectId" = any(${[...subjectIds]}::int[]) and kind = 'MONTH' and "withinId" is null
         and (value is not null or "decidedBy" is not null)
    )
    select "subjectId", metric, (count(*) filter (where "isClaimed"))::int as claimed, count(*)::int as known
      from months
     where "periodEnd" >= date_trunc('month', newest::timestamp) - interval '23 months'
     group by "subjectId", metric`;
  return headlinesOf(rows);
}

/** The first of each subject by the number of months with claims, then of those with values. */
export function headlinesOf(
  rows: readonly (OfSubject & { readonly claimed: number; readonly known: number })[],
): ReadonlyMap<number, Metric> {
  const inOrder = [...rows].sort(
    (a, b) => b.claimed - a.claimed || b.known - a.known || placeOf(a.metric) - placeOf(b.metric),
  );
  // The first of each subject is written last.
  return new Map(inOrder.reverse().map(({ subjectId, metric }) => [subjectId, metric]));
}

/**
 * What is kept of the newest period of a length that has a value, or about which there are claims, for each subject and metric of which
 * there is one. One statement, however many there are.
 */
export async function readLatest(
  db: Db,
  wanted: readonly (OfSubject & { readonly granularity: SeriesGranularity })[],
): Promise<readonly Observed[]> {
  const rows = await readJson<readonly PlacedValues[]>(
    db,
    Prisma.sql`
    /* readLatest */
    select coalesce(json_agg(${placedAsJson()}), '[]')::text as json
      from unnest(${wanted.map(({ subjectId }) => subjectId)}::int[], ${wanted.map(({ metric }) => metric)}::text[],
                  ${wanted.map(({ granularity }) => granularity)}::text[]) as w("subjectId", metric, kind)
     cross join lateral (
             select *
               from "Observation" o
              where o."subjectId" = w."subjectId" and o.metric = w.metric::"Metric" and o.kind = w.kind::"PeriodKind"
                and o."withinId" is null and (o.value is not null or o."decidedBy" is not null)
              order by o."periodEnd" desc
              limit 1) o`,
  );
  return rows.map((row) => placedIn(row));
}

/** The same of a history, for periods that are not kept and for what was known at an instant. Null if there is none. */
export function latestIn(history: MetricHistory, granularity: SeriesGranularity): Observed | null {
  if (history.known === null) return null;
  const { first, last } = history.known;
  for (const period of periodsBetween(granularity, dayAt(first), dayAt(last)).reverse()) {
    const observed = observationOf(history, period);
    if (observed !== null && (observed.value !== null || observed.decidedBy !== null)) return observed;
  }
  return null;
}

function placeOf(metric: Metric): number {
  const place = FIRST.indexOf(metric);
  return place === -1 ? FIRST.length + METRICS.indexOf(metric) : place;
}
