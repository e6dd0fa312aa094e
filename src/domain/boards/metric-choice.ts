import type { Metric } from '../../database/generated/client.ts';
import type { Observed } from '../estimates/observation.ts';
import { groupBy } from '../values/group.ts';
import { METRICS, unitOf } from '../values/metric.ts';
import { collectProblems } from '../values/problems.ts';

/**
 * The metrics of a question, each once: the list if there is one, or else the single one. Throws BadInput (path metrics) for an empty or
 * too long list, and for metrics that are not in the same unit, since nothing can be instead of a number in another one.
 */
export function askedMetrics(
  metric: Metric,
  metrics: readonly Metric[] | null | undefined,
  /** A metric with which they have to be in one unit. Not given: with each other. */
  like: Metric = metrics?.[0] ?? metric,
): readonly [Metric, ...Metric[]] {
  if (metrics == null) return [metric];
  const problems = collectProblems();
  const [first = metric, ...others] = new Set(metrics);
  if (metrics.length === 0) problems.add('INVALID_INPUT', 'metrics', 'The list is empty; name at least one metric.');
  if (metrics.length > METRICS.length)
    problems.add('TOO_MANY', 'metrics', `${metrics.length} metrics were sent; there are only ${METRICS.length}.`);
  const other = [first, ...others].find((one) => unitOf(one) !== unitOf(like));
  if (other !== undefined)
    problems.add(
      'INVALID_UNIT',
      'metrics',
      `${like} is in ${unitOf(like)} and ${other} in ${unitOf(other)}; all must be in the same unit.`,
    );
  problems.throwIfAny();
  return [first, ...others];
}

/**
 * Of what is known of one period in several metrics, in their order: the first that has a value or about which there are claims, or else
 * the first with a lower bound above 0, which follows from other periods, parts or wholes. Null if there is none.
 */
export function firstKnown(observed: readonly (Observed | null)[]): Observed | null {
  const known = observed.filter((one) => one !== null);
  return known.find(isStated) ?? known.find(isBounded) ?? known[0] ?? null;
}

/** The first that is known of each period, by their last days. */
export function firstKnownOfEach(byMetric: readonly (readonly Observed[])[]): readonly Observed[] {
  if (byMetric.length === 1) return byMetric[0] ?? [];
  const byPeriod = groupBy(byMetric.flat(), ({ period }) => period.text);
  const chosen = [...byPeriod.values()].flatMap((some) => firstKnown(some) ?? []);
  return chosen.sort((a, b) => (a.period.end < b.period.end ? -1 : 1));
}

function isStated({ value, lower, decidedBy }: Observed): boolean {
  return value !== null || (decidedBy !== null && (lower ?? 0) > 0);
}

function isBounded({ lower }: Observed): boolean {
  return (lower ?? 0) > 0;
}
