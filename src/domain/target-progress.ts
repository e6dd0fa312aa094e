import type { Target } from '../database/generated/client.ts';
import { addDays, type Day, daysBetween, LAST_DAY, lastDayOfMonth, monthsBetween } from './calendar.ts';
import { deriveObservation, type Ledger, type Observed, toDatePoints } from './derivation.ts';
import type { Interval } from './interval.ts';
import { isAdditive } from './metric.ts';
import { type Period, parsePeriod, periodFromDays, previousPeriod, yearAgo } from './period.ts';

const AHEAD = 1.05;
const BEHIND = 0.95;
/** The pace is projected from this many reported months. */
const PROJECTED_MONTHS = 3;

export type VerdictName = 'MET' | 'MISSED' | 'AHEAD' | 'ON_TRACK' | 'BEHIND' | 'UNDETERMINED' | 'NO_DATA';

/** How far a target has come. */
export interface ProgressOf {
  readonly achieved: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Achieved part of the target: 1 is all of it. */
  readonly ratio: number | null;
  readonly remaining: number | null;
  readonly dataUntil: Day | null;
  readonly requiredPerMonth: number | null;
  readonly requiredPerDay: number | null;
  /** The ratio over the part of the time that has passed with data: 1 is exactly on pace. */
  readonly paceIndex: number | null;
  readonly verdict: VerdictName;
  readonly projectedOn: Day | null;
}

/** What is to be reached, with what it may be when it hangs on a base that is known within bounds only. */
interface Goal extends Interval {
  readonly value: number;
}

/** What was reached so far. */
interface Reached {
  readonly observed: Observed;
  readonly until: Day;
  readonly complete: boolean;
}

/**
 * How far a target has come on what its ledger knows: the tiled total over its period as far as it is reported without a gap.
 * What is left is spread over the time after the last report, not after today.
 */
export function progressOf(target: Target, ledger: Ledger): ProgressOf {
  const period = target.period === null ? null : parsePeriod(target.period);
  const goal = goalOf(target, ledger, period);
  const span = period !== null && period.start !== null ? { start: period.start, end: period.end } : null;
  const reached = span === null ? reachedBy(target, ledger, period) : reachedIn(ledger, span);
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
    projectedOn: remaining === 0 ? null : projectedOn(ledger, reached.until, remaining),
  };
}

const NO_PACE = { requiredPerMonth: null, requiredPerDay: null };
const NOTHING: Omit<ProgressOf, 'verdict'> = {
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

function amountOf(reached: Reached | null): Pick<ProgressOf, 'achieved' | 'lower' | 'upper' | 'dataUntil'> {
  if (reached === null) return { achieved: null, lower: null, upper: null, dataUntil: null };
  const { value, lower, upper } = reached.observed;
  return { achieved: value ?? lower, lower, upper, dataUntil: reached.until };
}

/** The number itself; a growth becomes one on the value of the year before, at the least growth aimed at. Null where that base is not known. */
function goalOf(
  { value, growthMinPercent, growthMaxPercent }: Target,
  ledger: Ledger,
  period: Period | null,
): Goal | null {
  if (value !== null) return { value, lower: value, upper: value };
  const growth = growthMinPercent ?? growthMaxPercent;
  const before = period === null ? null : yearAgo(period);
  const base = before === null ? null : deriveObservation(ledger, before);
  if (growth === null || base === null || base.value === null) return null;
  const grown = (number: number) => (number * (100 + growth)) / 100;
  return {
    value: grown(base.value),
    lower: base.lower === null ? null : grown(base.lower),
    upper: base.upper === null ? null : grown(base.upper),
  };
}

/** The longest stretch from the first day on of which everything is known. */
function reachedIn(ledger: Ledger, { start, end }: { readonly start: Day; readonly end: Day }): Reached | null {
  const whole = known(deriveObservation(ledger, periodFromDays(start, end)));
  if (whole !== null) return { observed: whole, until: end, complete: true };
  if (!isAdditive(ledger.metric)) return null;
  const ends = [ledger, ...ledger.brands]
    .flatMap(({ asserted }) => [...asserted.keys()])
    .flatMap((text) => {
      const period = parsePeriod(text);
      return period?.start != null && period.start >= start && period.end < end ? [period.end] : [];
    });
  for (const until of [...new Set(ends)].sort().reverse()) {
    const observed = known(deriveObservation(ledger, periodFromDays(start, until)));
    if (observed !== null) return { observed, until, complete: false };
  }
  return null;
}

/** For a target without a period to add up, the newest state by its deadline. */
function reachedBy({ deadline }: Target, ledger: Ledger, period: Period | null): Reached | null {
  const last = period?.end ?? deadline?.toISOString().slice(0, 10) ?? null;
  const points = toDatePoints(ledger).filter((point) => last === null || point.period.end <= last);
  const newest = points.at(-1);
  return newest === undefined
    ? null
    : { observed: newest, until: newest.period.end, complete: newest.period.end === last };
}

function known(observed: Observed | null): Observed | null {
  return observed === null || observed.missing.length > 0 ? null : observed;
}

function verdictOf(
  { observed: { lower, upper }, complete }: Reached,
  goal: Goal,
  paceIndex: number | null,
): VerdictName {
  if (lower !== null && goal.upper !== null && lower >= goal.upper) return 'MET';
  if (complete) return upper !== null && goal.lower !== null && upper < goal.lower ? 'MISSED' : 'UNDETERMINED';
  if (paceIndex === null) return 'UNDETERMINED';
  return paceIndex >= AHEAD ? 'AHEAD' : paceIndex < BEHIND ? 'BEHIND' : 'ON_TRACK';
}

/** What is left, spread over the months and days of the period after the last report. */
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

/** The part of the period that has passed at the end of a day, in months as far as they are whole. */
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

/** The day on which the rest is done at the mean pace of the last three reported months; null where these are not known, and beyond the calendar. */
function projectedOn(ledger: Ledger, until: Day, remaining: number): Day | null {
  let month = parsePeriod(until.slice(0, 7));
  if (month === null || month.end !== until) return null;
  let sum = 0;
  let days = 0;
  for (let count = 0; count < PROJECTED_MONTHS; count += 1) {
    const value = month === null ? null : (known(deriveObservation(ledger, month))?.value ?? null);
    if (month === null || month.start === null || value === null) return null;
    sum += value;
    days += daysBetween(month.start, month.end) + 1;
    month = previousPeriod(month);
  }
  const left = Math.ceil((remaining * days) / sum);
  return left <= daysBetween(until, LAST_DAY) ? addDays(until, left) : null;
}
