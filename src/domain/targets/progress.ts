import type { Target } from '../../database/generated/client.ts';
import { present } from '../../required.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { latestTotalOf, type Observed, observationOf } from '../estimates/observation.ts';
import { addDays, type Day, dayAt, daysBetween, LAST_DAY, lastDayOfMonth, monthsBetween } from '../values/calendar.ts';
import type { Interval } from '../values/interval.ts';
import { isAdditive } from '../values/metric.ts';
import { type Period, parsePeriod, periodFromDays, previousPeriod, toDate, yearAgo } from '../values/period.ts';

const AHEAD = 1.05;
const BEHIND = 0.95;
/** The projection uses this many reported months. */
const PROJECTED_MONTHS = 3;

export type VerdictName = 'MET' | 'MISSED' | 'AHEAD' | 'ON_TRACK' | 'BEHIND' | 'UNDETERMINED' | 'NO_DATA';

/** The progress of a target. */
export interface Progress {
  readonly achieved: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** The achieved share of the target: 1 is all of it. */
  readonly ratio: number | null;
  readonly remaining: number | null;
  readonly dataUntil: Day | null;
  readonly requiredPerMonth: number | null;
  readonly requiredPerDay: number | null;
  /** The ratio divided by the share of time for which there is data: 1 is exactly on pace. */
  readonly paceIndex: number | null;
  readonly verdict: VerdictName;
  readonly projectedOn: Day | null;
}

/** The number to reach. Its bounds differ from the value if it depends on a base that has bounds. */
interface Goal extends Interval {
  readonly value: number;
}

/** The amount reached so far. */
interface Reached {
  readonly observed: Observed;
  readonly until: Day;
  /** Whether nothing more can be reached, or what is known decides. */
  readonly complete: boolean;
}

/**
 * The progress of a target by its history: the total over its period as far as it is reported without a gap, or as far as anything is known
 * if that decides.
 * The remainder is spread over the time after the last report, not after today.
 */
export function progressOf(target: Target, history: MetricHistory): Progress {
  const period = target.period === null ? null : parsePeriod(target.period);
  const goal = goalOf(target, history, period);
  const span = period !== null && period.start !== null ? { start: period.start, end: period.end } : null;
  const reached = span === null ? reachedBy(target, history, period, goal) : reachedIn(history, span, goal);
  if (goal === null) return { ...NOTHING, ...amountOf(reached), verdict: 'NO_DATA' };
  const remaining = Math.max(0, goal.value - (amountOf(reached).achieved ?? 0));
  const pace = span === null ? NO_PACE : requiredPace(remaining, span, reached?.until ?? null);
  if (reached === null) return { ...NOTHING, ...pace, remaining, verdict: 'NO_DATA' };
  const { achieved } = amountOf(reached);
  const ratio = achieved === null ? null : achieved / goal.value;
  const paceIndex = span === null || ratio === null ? null : ratio / elapsedShare(span, reached.until);
  return {
    ...amountOf(reached),
    ratio,
    remaining,
    ...pace,
    paceIndex,
    verdict: verdictOf(reached, goal, paceIndex),
    projectedOn: remaining === 0 ? null : projectedOn(history, reached.until, remaining),
  };
}

const NO_PACE = { requiredPerMonth: null, requiredPerDay: null };
const NOTHING: Omit<Progress, 'verdict'> = {
  ...NO_PACE,
  achieved: null,
  lower: null,
  upper: null,
  ratio: null,
  remaining: null,
  dataUntil: null,
  paceIndex: null,
  projectedOn: null,
};

function amountOf(reached: Reached | null): Pick<Progress, 'achieved' | 'lower' | 'upper' | 'dataUntil'> {
  if (reached === null) return { achieved: null, lower: null, upper: null, dataUntil: null };
  const { value, lower, upper } = reached.observed;
  return { achieved: value ?? lower, lower, upper, dataUntil: reached.until };
}

/**
 * The target's number. A growth target becomes a number on the value of the year before, with the least growth aimed at. Null if that
 * base is unknown.
 */
function goalOf(
  { value, growthMinPercent, growthMaxPercent }: Target,
  history: MetricHistory,
  period: Period | null,
): Goal | null {
  if (value !== null) return { value, lower: value, upper: value };
  const growth = growthMinPercent ?? growthMaxPercent;
  const before = period === null ? null : yearAgo(period);
  const base = before === null ? null : observationOf(history, before);
  if (growth === null || base === null || base.value === null) return null;
  const grown = (number: number) => (number * (100 + growth)) / 100;
  return {
    value: grown(base.value),
    lower: base.lower === null ? null : grown(base.lower),
    upper: base.upper === null ? null : grown(base.upper),
  };
}

/** The longest span from the first day with a complete value; the whole one, also with gaps, if what is known of it decides. */
function reachedIn(
  history: MetricHistory,
  { start, end }: { readonly start: Day; readonly end: Day },
  goal: Goal | null,
): Reached | null {
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
 * For a target without a period to add up: the newest to-date value by its deadline, if there is one a complete one; the one to the deadline,
 * also with gaps, if what is known of it decides.
 */
function reachedBy(
  { deadline }: Target,
  history: MetricHistory,
  period: Period | null,
  goal: Goal | null,
): Reached | null {
  const last = period?.end ?? deadline?.toISOString().slice(0, 10) ?? null;
  const newest = latestTotalOf(history, last ?? LAST_DAY);
  if (newest === null) return null;
  const atLast = last === null ? null : observationOf(history, toDate(last));
  if (atLast !== null && goal !== null && isDecided(atLast, goal))
    return { observed: atLast, until: newest.period.end, complete: true };
  const observed = latestTotalOf(history, last ?? LAST_DAY, (total) => known(total) !== null) ?? newest;
  return { observed, until: observed.period.end, complete: observed.period.end === last };
}

function known(observed: Observed | null): Observed | null {
  return observed === null || observed.missing.length > 0 ? null : observed;
}

function verdictOf(
  { observed: { lower, upper }, complete }: Reached,
  goal: Goal,
  paceIndex: number | null,
): VerdictName {
  if (isMet({ lower, upper }, goal)) return 'MET';
  if (complete) return isMissed({ lower, upper }, goal) ? 'MISSED' : 'UNDETERMINED';
  if (paceIndex === null) return 'UNDETERMINED';
  return paceIndex >= AHEAD ? 'AHEAD' : paceIndex < BEHIND ? 'BEHIND' : 'ON_TRACK';
}

function isDecided(reached: Interval, goal: Goal): boolean {
  return isMet(reached, goal) || isMissed(reached, goal);
}

function isMet({ lower }: Interval, goal: Goal): boolean {
  return lower !== null && goal.upper !== null && lower >= goal.upper;
}

function isMissed({ upper }: Interval, goal: Goal): boolean {
  return upper !== null && goal.lower !== null && upper < goal.lower;
}

/** The remainder, spread over the months and days of the period after the last report. */
function requiredPace(
  remaining: number,
  { start, end }: { readonly start: Day; readonly end: Day },
  until: Day | null,
) {
  const from = until === null ? start : addDays(until, 1);
  if (from > end) return NO_PACE;
  return {
    requiredPerMonth: remaining / monthsIn(from, end),
    requiredPerDay: remaining / (daysBetween(from, end) + 1),
  };
}

/** The share of the period that has passed at the end of a day, in months; an incomplete month counts by its days. */
function elapsedShare({ start, end }: { readonly start: Day; readonly end: Day }, until: Day): number {
  return monthsIn(start, until) / monthsIn(start, end);
}

/** The months from one day to another, both inclusive; an incomplete one counts by its days. */
function monthsIn(from: Day, to: Day): number {
  return monthsBetween(from, to) + dayOfMonth(to) / daysInMonth(to) - (dayOfMonth(from) - 1) / daysInMonth(from);
}

function daysInMonth(day: Day): number {
  return dayOfMonth(lastDayOfMonth(day));
}

function dayOfMonth(day: Day): number {
  return Number(day.slice(8));
}

/**
 * The day on which the target is reached at the mean pace of the last three reported months; null if these are unknown, or the day is
 * beyond the calendar.
 */
function projectedOn(history: MetricHistory, until: Day, remaining: number): Day | null {
  let month = parsePeriod(until.slice(0, 7));
  if (month === null || month.end !== until) return null;
  let sum = 0;
  let days = 0;
  for (let count = 0; count < PROJECTED_MONTHS; count += 1) {
    const value = month === null ? null : (known(observationOf(history, month))?.value ?? null);
    if (month === null || month.start === null || value === null) return null;
    sum += value;
    days += daysBetween(month.start, month.end) + 1;
    month = previousPeriod(month);
  }
  const left = Math.ceil((remaining * days) / sum);
  return left <= daysBetween(until, LAST_DAY) ? addDays(until, left) : null;
}
