import type { Observed } from '../estimates/observation.ts';
import { addDays, type Day, daysBetween, LAST_DAY, monthsBetween } from '../values/calendar.ts';
import { thresholdAfter } from './crossing.ts';

/** So many of the newest months say how fast or slow it can go on. */
const MONTHS = 12;
/** Fewer known months say nothing. */
const LEAST_MONTHS = 3;

/** When the next number will be passed if the months to come are like the last ones. */
export interface NextMilestone {
  readonly threshold: number;
  /** Null: it can have been passed already. */
  readonly earliest: Day | null;
  /** Null: not within the calendar, or never at the slowest pace. */
  readonly latest: Day | null;
  readonly method: string;
}

/**
 * The next number at which milestones are detected, and the days on which it is passed: at the pace of the fastest and of the slowest of the
 * last twelve months that are known, from the bounds of the newest total. Null if fewer than three months are known, or no total.
 */
export function nextMilestoneOf(total: Observed | null, months: readonly Observed[]): NextMilestone | null {
  if (total === null) return null;
  const { end } = total.period;
  const counted = months.filter(({ value, period }) => value !== null && period.end <= end);
  // The months before the first delivery say nothing about those after it.
  const begun = counted.slice(counted.findIndex(({ value }) => (value ?? 0) > 0));
  const known = begun.filter(({ period }) => monthsBetween(period.end, end) < MONTHS);
  const [first, last] = [known[0], known.at(-1)];
  const threshold = thresholdAfter(total.lower ?? 0);
  if (first === undefined || last === undefined || known.length < LEAST_MONTHS || threshold === null) return null;
  const paces = known.map(paceOf);
  const dayAt = (missing: number, pace: number): Day | null => {
    const days = Math.ceil(missing / pace);
    return days <= daysBetween(end, LAST_DAY) ? addDays(end, days) : null;
  };
  const isPassed = total.upper === null || total.upper >= threshold;
  return {
    threshold,
    earliest: isPassed ? null : dayAt(threshold - (total.upper ?? 0), Math.max(...paces)),
    latest: dayAt(threshold - (total.lower ?? 0), Math.min(...paces)),
    method: `From the total to ${end}, at the pace of the fastest and of the slowest of ${known.length} known months, ${first.period.text} to ${last.period.text}.`,
  };
}

/** Units a day. */
function paceOf({ value, period: { start, end } }: Observed): number {
  return (value ?? 0) / (start === null ? 1 : daysBetween(start, end) + 1);
}
