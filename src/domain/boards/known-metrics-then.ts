import type { Db } from '../../database/handle.ts';
import { eachFamily } from '../catalog/each-family.ts';
import { type Kept, keptOf } from '../estimates/kept.ts';
import { workOutSharesThen, workOutThen } from '../estimates/known-then.ts';
import type { RecordedClaim } from '../estimates/recorded-rows.ts';
import { monthsBetween } from '../values/calendar.ts';
import { groupBy } from '../values/group.ts';
import { METRICS, type Metric } from '../values/metric.ts';
import { headlinesOf, type KnownMetric } from './known-metrics.ts';

/** So many of the newest months say in which metric a subject is reported. */
const MONTHS = 24;

/** What was known of subjects at an instant. */
export interface MetricsThen {
  readonly metrics: readonly KnownMetric[];
  /** The metric in which each was reported monthly. */
  readonly headlines: ReadonlyMap<number, Metric>;
}

/** In which metrics what was known of subjects at an instant: `readKnownMetrics` and `readHeadlineMetrics` of then, worked out family by family. */
export async function readMetricsThen(db: Db, subjectIds: readonly number[], asOf: Date): Promise<MetricsThen> {
  const metrics: KnownMetric[] = [];
  const months: Kept[] = [];
  const among = new Set(subjectIds);
  for await (const relatives of eachFamily(db, subjectIds)) {
    const counted = await workOutThen(db, relatives, { asOf, metrics: null });
    const shares = await workOutSharesThen(db, relatives, { asOf, metrics: null });
    const histories = [
      ...[...counted.histories.values()].flatMap((ofMetric) => [...ofMetric.values()]),
      ...shares.histories,
    ];
    const known = histories
      .filter(({ subjectId }) => among.has(subjectId))
      .flatMap((history) => [...keptOf(history).values()])
      .filter(({ value, decidedBy }) => value !== null || decidedBy !== null);
    const current = [...counted.claims, ...shares.claims].filter(({ isCurrent }) => isCurrent);
    metrics.push(...metricsOf(known, current));
    months.push(...known.filter(({ kind, withinId }) => kind === 'MONTH' && withinId === null));
  }
  return { metrics, headlines: headlinesOf(countsOf(months)) };
}

function metricsOf(known: readonly Kept[], claims: readonly RecordedClaim[]): readonly KnownMetric[] {
  const claimsBy = groupBy(claims, ({ subjectId, metric }) => `${subjectId}|${metric}`);
  return [...groupBy(known, ({ subjectId, metric }) => `${subjectId}|${metric}`)]
    .map(([key, rows]) => {
      const [{ subjectId, metric }] = rows as [Kept];
      const first = [...rows].sort((a, b) => timeOf(a.periodStart) - timeOf(b.periodStart) || endOf(a) - endOf(b))[0];
      const last = [...rows].sort((a, b) => endOf(b) - endOf(a) || startBefore(b) - startBefore(a))[0];
      const [from, to] = [first?.period ?? '', last?.period ?? ''];
      return { subjectId, metric, from, to, observations: rows.length, claims: claimsBy.get(key)?.length ?? 0 };
    })
    .sort((a, b) => a.subjectId - b.subjectId || METRICS.indexOf(a.metric) - METRICS.indexOf(b.metric));
}

/** A total to date begins after everything else. */
function timeOf(start: Date | null): number {
  return start?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

/** It is longer than everything else. */
function startBefore({ periodStart }: Kept): number {
  return periodStart?.getTime() ?? Number.MIN_SAFE_INTEGER;
}

function endOf({ periodEnd }: Kept): number {
  return periodEnd.getTime();
}

/** How many of the newest months of each subject have claims and values, by metric. */
function countsOf(months: readonly Kept[]) {
  return [...groupBy(months, ({ subjectId }) => subjectId)].flatMap(([subjectId, ofSubject]) => {
    const newest = dayOf(ofSubject.reduce((a, b) => (endOf(a) < endOf(b) ? b : a)));
    const recent = ofSubject.filter((month) => monthsBetween(dayOf(month), newest) < MONTHS);
    return [...groupBy(recent, ({ metric }) => metric)].map(([metric, rows]) => ({
      subjectId,
      metric,
      claimed: rows.filter(({ decidedBy }) => decidedBy !== null).length,
      known: rows.length,
    }));
  });
}

function dayOf({ periodEnd }: Kept): string {
  return periodEnd.toISOString().slice(0, 10);
}
