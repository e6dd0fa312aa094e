import type { Metric } from '../values/metric.ts';

/** What makers and the press use for one another when they name a goal, in the order in which progress looks for data. */
const SOLD: readonly Metric[] = ['DELIVERIES', 'SALES', 'WHOLESALE', 'RETAIL'];
/** These count all of a subject's vehicles too, so without data of their own their progress is what was sold. */
const COUNTED_LIKE_SOLD: ReadonlySet<Metric> = new Set([...SOLD, 'PRODUCTION', 'REGISTRATIONS']);

/** The metrics that a source can mean by a target of this one. */
export function sameGoalAs(metric: Metric): readonly Metric[] {
  return SOLD.includes(metric) ? SOLD : [metric];
}

/** The metrics whose data shows the progress of a target, the first one first. */
export function measuresOf(metric: Metric): readonly Metric[] {
  return COUNTED_LIKE_SOLD.has(metric) ? [...new Set([metric, ...SOLD])] : [metric];
}

/** The place of a metric among those that sources use for one another; the same for all others. */
export function orderOf(metric: Metric): number {
  return SOLD.indexOf(metric);
}
