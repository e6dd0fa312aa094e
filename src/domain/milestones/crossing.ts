import type { Curve } from '../estimates/family.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { type Day, dayAt, parsePartialDate } from '../values/calendar.ts';

const MILLION = 1_000_000;
/**
 * The numbers at which figures show a milestone: 10,000, 50,000, 100,000, 500,000, each million to ten, and each ten million after. The
 * billion is above any real value: a wrong unit must not create more of them.
 */
const THRESHOLDS: readonly number[] = [
  ...[10_000, 50_000, 100_000, 500_000],
  ...Array.from({ length: 9 }, (_, index) => (index + 1) * MILLION),
  ...Array.from({ length: 100 }, (_, index) => (index + 1) * 10 * MILLION),
];

/** The relation of to-date values to a threshold. */
export type Crossing =
  | { readonly kind: 'CROSSED'; readonly windowFrom: Day | null; readonly windowUntil: Day }
  /** It cannot have been reached on the claimed day: that is before or after the days in which it must have been. */
  | { readonly kind: 'ELSEWHERE'; readonly windowFrom: Day | null; readonly windowUntil: Day | null }
  | { readonly kind: 'UNKNOWN' };

/** The thresholds that a value has reached, up to a billion. */
export function thresholdsUpTo(highest: number): readonly number[] {
  return THRESHOLDS.filter((threshold) => threshold <= highest);
}

/** The next threshold above a value. Null: there is none. */
export function thresholdAfter(value: number): number | null {
  return THRESHOLDS.find((threshold) => threshold > value) ?? null;
}

/** Whether figures decide about a number: at a threshold, and at any number that a source named. */
export function isWatched(threshold: number, claims: readonly unknown[]): boolean {
  return claims.length > 0 || THRESHOLDS.includes(threshold);
}

/** The most that was certainly counted of a subject, without what milestones announce. */
export function highestOf({ unannounced, known }: MetricHistory): number {
  return unannounced === null || known === null ? 0 : unannounced.boundsOf(null, known.last).lower;
}

/**
 * The days in which a number was reached: from the first day on which the bounds allow it to the first on which they require it. What
 * milestones announce plays no part, because nothing confirms itself. CROSSED if they require it by any day.
 */
export function crossingOf(history: MetricHistory, threshold: number, claimedOn: string | null): Crossing {
  const { unannounced: curve, days } = history;
  const last = days.at(-1);
  if (curve === null || last === undefined) return { kind: 'UNKNOWN' };
  const reached = firstOf(days, (day) => curve.boundsOf(null, day).lower >= threshold);
  const allowed = firstAllowed(curve, days, threshold);
  const windowFrom = allowed === null ? null : dayAt(allowed);
  const windowUntil = reached === null ? null : dayAt(reached);
  const claimed = claimedOn === null ? null : parsePartialDate(claimedOn);
  const isBefore = claimed !== null && windowFrom !== null && claimed.last < windowFrom;
  const isAfter = claimed !== null && windowUntil !== null && claimed.first > windowUntil;
  const isBelow = claimed === null && windowUntil === null && isAlwaysBelow(curve, last, threshold);
  if (isBefore || isAfter || isBelow) return { kind: 'ELSEWHERE', windowFrom, windowUntil };
  return windowUntil === null ? { kind: 'UNKNOWN' } : { kind: 'CROSSED', windowFrom, windowUntil };
}

/** The first day on which the bounds allow a threshold, if before it they do not. */
function firstAllowed(curve: Curve, days: readonly number[], threshold: number): number | null {
  const isBelow = (day: number): boolean => {
    const { upper } = curve.boundsOf(null, day);
    return upper !== null && upper < threshold;
  };
  const first = firstOf(days, (day) => !isBelow(day));
  const at = first === null ? days.length : days.indexOf(first);
  const lastBelow = days[at - 1];
  return lastBelow === undefined ? null : lastBelow + 1;
}

function isAlwaysBelow(curve: Curve, last: number, threshold: number): boolean {
  const { upper } = curve.boundsOf(null, last);
  return upper !== null && upper < threshold;
}

/** The first of sorted days for which a condition holds that then holds for all later ones. */
function firstOf(days: readonly number[], holds: (day: number) => boolean): number | null {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(days[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return days[low] ?? null;
}
