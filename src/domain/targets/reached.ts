import type { Target } from '../../database/generated/client.ts';
import { present } from '../../required.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { latestTotalOf, type Observed, observationOf } from '../estimates/observation.ts';
import { type Day, dayAt, LAST_DAY } from '../values/calendar.ts';
import type { Interval } from '../values/interval.ts';
import { isAdditive } from '../values/metric.ts';
import { type Period, periodFromDays, toDate, yearAgo } from '../values/period.ts';
import type { Goal as Numbers } from './claims.ts';

/** What is to be reached. */
export type Aimed = Numbers & Pick<Target, 'deadline'>;

/** The number to reach. Its bounds differ from the value if it depends on a base that has bounds. */
export interface Goal extends Interval {
  readonly value: number;
}

/** The amount reached so far. */
export interface Reached {
  readonly observed: Observed;
  readonly until: Day;
  /** Whether nothing more can be reached, or what is known decides. */
  readonly complete: boolean;
}

/** The days of a target, both inclusive. */
export interface Span {
  readonly start: Day;
  readonly end: Day;
}

/**
 * The target's number: that of a range is its lower end. A growth target becomes a number on the value of the year before, with the least
 * growth aimed at. Null if that base is unknown.
 */
export function goalOf(
  { value, lower, growthMinPercent, growthMaxPercent }: Aimed,
  history: MetricHistory,
  period: Period | null,
): Goal | null {
  const number = value ?? lower;
  if (number !== null) return { value: number, lower: number, upper: number };
  const growth = leastGrowthOf({ value, lower, growthMinPercent, growthMaxPercent });
  const before = period === null ? null : yearAgo(period);
  const base = before === null ? null : observationOf(history, before);
  if (growth === null || base === null || base.value === null) return null;
  const grown = (from: number) => (from * (100 + growth)) / 100;
  return {
    value: grown(base.value),
    lower: base.lower === null ? null : grown(base.lower),
    upper: base.upper === null ? null : grown(base.upper),
  };
}

/** The least growth of a growth target, in percent; null for a target of a number. */
export function leastGrowthOf({
  value,
  lower,
  growthMinPercent,
  growthMaxPercent,
}: Pick<Aimed, 'value' | 'lower' | 'growthMinPercent' | 'growthMaxPercent'>): number | null {
  return value === null && lower === null ? (growthMinPercent ?? growthMaxPercent) : null;
}

/** The longest span from the first day with a complete value; the whole one, also with gaps, if what is known of it decides. */
export function reachedIn(history: MetricHistory, { start, end }: Span, goal: Goal | null): Reached | null {
  const whole = observationOf(history, periodFromDays(start, end));
  if (known(whole) !== null) return { observed: present(whole), until: end, complete: true };
  if (!isAdditive(history.metric)) return null;
  const ends = history.days.map(dayAt).filter((day) => day >= start && day < end);
  if (whole !== null && goal !== null && isDecided(whole, goal))
    return { observed: whole, until: ends.at(-1) ?? end, complete: true };
  for (const until of ends.reverse()) {
    const observed = known(observationOf(history, periodFromDays(start, until)));
    if (observed !== null) return { observed, until, complete: false };
  }
  return null;
}

/**
 * For a target without a period to add up: the newest to-date value by its last day, if there is one a complete one; the one to that day, also
 * with gaps, if what is known of it decides.
 */
export function reachedBy(history: MetricHistory, last: Day | null, goal: Goal | null): Reached | null {
  const newest = latestTotalOf(history, last ?? LAST_DAY);
  if (newest === null) return null;
  const atLast = last === null ? null : observationOf(history, toDate(last));
  if (atLast !== null && goal !== null && isDecided(atLast, goal))
    return { observed: atLast, until: newest.period.end, complete: true };
  const observed = latestTotalOf(history, last ?? LAST_DAY, (total) => known(total) !== null) ?? newest;
  return { observed, until: observed.period.end, complete: observed.period.end === last };
}

/** What is known of a period, if it is known without a gap. */
export function known(observed: Observed | null): Observed | null {
  return observed === null || observed.missing.length > 0 ? null : observed;
}

/** Whether as much was certainly reached. */
export function isMet({ lower }: Interval, goal: Goal): boolean {
  return lower !== null && goal.upper !== null && lower >= goal.upper;
}

/** Whether less was certainly reached. */
export function isMissed({ upper }: Interval, goal: Goal): boolean {
  return upper !== null && goal.lower !== null && upper < goal.lower;
}

function isDecided(reached: Interval, goal: Goal): boolean {
  return isMet(reached, goal) || isMissed(reached, goal);
}
