import type { Metric, Subject } from '../database/generated/client.ts';
import { addDays, type Day, parsePartialDate } from './calendar.ts';
import type { Observed } from './derivation.ts';

const FIRST_THRESHOLDS = [10_000, 50_000, 100_000, 500_000] as const;
const MILLION = 1_000_000;
/** More than anybody counts: a slip of units must not become millions of milestones. */
const MOST_MILLIONS = 1_000;

/** What to-date values say about a threshold. */
export type Evidence =
  | { readonly kind: 'CROSSED'; readonly windowFrom: Day | null; readonly windowUntil: Day }
  | { readonly kind: 'BELOW' }
  | { readonly kind: 'UNKNOWN' };

/** The numbers that count as milestones: 10,000, 50,000, 100,000, 500,000, 1,000,000 and each further million up to a billion. */
export function thresholdsUpTo(highest: number): readonly number[] {
  const count = Math.min(Math.floor(highest / MILLION), MOST_MILLIONS);
  const millions = Array.from({ length: count }, (_, index) => (index + 1) * MILLION);
  return [...FIRST_THRESHOLDS.filter((threshold) => threshold <= highest), ...millions];
}

/**
 * Crossed, when a lower bound reaches the threshold and no later value contradicts it: between the last day that was certainly below and the first that was certainly not.
 * Below, when a value on or after the claimed day, or any if no day is claimed, is certainly below.
 */
export function evidenceOf(
  points: readonly Observed[],
  threshold: number,
  claimedOn: string | null,
  subject: Pick<Subject, 'firstDeliveryOn'>,
  metric: Metric,
): Evidence {
  const isBelow = ({ upper }: Observed) => upper !== null && upper < threshold;
  const below = points.filter(isBelow).map(({ period }) => period.end);
  const lastBelow = below.at(-1);
  const crossing = points.find(
    ({ lower, period }) => lower !== null && lower >= threshold && (lastBelow ?? '') < period.end,
  );
  if (crossing !== undefined) {
    const windowFrom = lastBelow === undefined ? beginning(subject, metric) : addDays(lastBelow, 1);
    return {
      kind: 'CROSSED',
      windowFrom: windowFrom !== null && windowFrom > crossing.period.end ? null : windowFrom,
      windowUntil: crossing.period.end,
    };
  }
  const claimed = claimedOn === null ? null : (parsePartialDate(claimedOn)?.last ?? null);
  return lastBelow !== undefined && (claimed === null || lastBelow >= claimed)
    ? { kind: 'BELOW' }
    : { kind: 'UNKNOWN' };
}

/** Nothing was delivered before the first delivery; of other metrics no beginning is known. */
function beginning({ firstDeliveryOn }: Pick<Subject, 'firstDeliveryOn'>, metric: Metric): Day | null {
  return metric !== 'DELIVERIES' || firstDeliveryOn === null
    ? null
    : (parsePartialDate(firstDeliveryOn)?.first ?? null);
}
