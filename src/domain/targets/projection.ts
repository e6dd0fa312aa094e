import { present } from '../../required.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { addDays, type Day, daysBetween, LAST_DAY, minDay } from '../values/calendar.ts';
import type { BoundedValue, Interval } from '../values/interval.ts';
import { isWhole } from '../values/metric.ts';
import { parsePeriod, previousPeriod } from '../values/period.ts';
import { listOf } from '../values/text.ts';
import { known, type Reached, type Span } from './reached.ts';
import { dayAsIn, type Share, sharesBefore, YEARS } from './seasons.ts';

/** So many of the newest reported months say how it goes on. */
const MONTHS = 3;

/** A total that is expected, with bounds. */
export interface Projection extends BoundedValue {
  readonly value: number;
  readonly method: string;
}

/** The newest months, with their units a day. */
interface Pace {
  readonly mean: number;
  readonly slowest: number;
  readonly fastest: number;
  readonly months: readonly string[];
}

/**
 * The day on which the rest is reached if it goes on as the projected total does: as in the year before, or at the mean pace of the last three
 * reported months. Null if both are unknown, or the day is after the target's last one.
 */
export function projectedDay(
  history: MetricHistory,
  { observed, until }: Reached,
  remaining: number,
  { span, last }: { readonly span: Span | null; readonly last: Day | null },
): Day | null {
  const [before] = span === null || observed.value === null ? [] : sharesBefore(history, span, until);
  if (before !== undefined) return dayAsIn(history, before, remaining / present(observed.value));
  const pace = paceAt(history, until);
  if (pace === null || pace.mean === 0) return null;
  const left = Math.ceil(remaining / pace.mean);
  return left <= daysBetween(until, minDay(last ?? LAST_DAY, LAST_DAY)) ? addDays(until, left) : null;
}

/**
 * The total of the whole span if what is reached is the same share of it as in the year before, with the bounds of the shares of three years;
 * where fewer are known, with bounds that also cover the pace of the last three months. By that pace alone if the year before is not known. Null if both are unknown,
 * or nothing is left to come.
 */
export function projectedTotal(history: MetricHistory, span: Span, reached: Reached): Projection | null {
  const { observed, until, complete } = reached;
  if (complete || observed.value === null) return null;
  const [last, ...earlier] = sharesBefore(history, span, until);
  const pace = paceAt(history, until);
  const byPace = pace === null ? null : boundsAt(observed, pace, daysBetween(until, span.end));
  if (last === undefined) {
    if (pace === null || byPace === null) return null;
    const value = observed.value + pace.mean * daysBetween(until, span.end);
    return rounded(
      history,
      { ...byPace, value },
      `${atPace(pace, 'At the mean pace')} at that of the slowest and of the fastest.`,
    );
  }
  const value = observed.value / last.share;
  const asThen = `As in ${last.year.text}, of whose total ${percent(last.share)} was ${last.part.text}`;
  const shares = [last, ...earlier];
  if (shares.length === YEARS) {
    const bounds = boundsBy(observed, shares);
    return rounded(
      history,
      { ...bounds, value },
      `${asThen}; the bounds as in ${listOf(shares.map(({ year }) => year.text).reverse())}.`,
    );
  }
  if (pace === null || byPace === null) return rounded(history, { lower: null, upper: null, value }, `${asThen}.`);
  return rounded(
    history,
    { ...hullOf(boundsBy(observed, [last]), byPace), value },
    `${asThen}; the bounds cover that and the pace of the slowest and of the fastest of ${listOf(pace.months)}.`,
  );
}

/** Null if one of the last three months before the end of a day is not known, or the day is not the last of its month. */
function paceAt(history: MetricHistory, until: Day): Pace | null {
  const months: Observed[] = [];
  let month = parsePeriod(until.slice(0, 7));
  if (month?.end !== until) return null;
  while (month !== null && months.length < MONTHS) {
    const observed = known(observationOf(history, month));
    if (observed === null || observed.value === null) return null;
    months.unshift(observed);
    month = previousPeriod(month);
  }
  const [sum, days] = [sumOf(months.map(({ value }) => present(value))), sumOf(months.map(daysIn))];
  const paces = months.map((observed) => present(observed.value) / daysIn(observed));
  return {
    mean: sum / days,
    slowest: Math.min(...paces),
    fastest: Math.max(...paces),
    months: months.map(({ period }) => period.text),
  };
}

function boundsAt({ lower, upper }: Observed, { slowest, fastest }: Pace, days: number) {
  return {
    lower: lower === null ? null : lower + slowest * days,
    upper: upper === null ? null : upper + fastest * days,
  };
}

function boundsBy({ lower, upper }: Observed, shares: readonly Share[]) {
  const all = shares.map(({ share }) => share);
  return {
    lower: lower === null ? null : lower / Math.max(...all),
    upper: upper === null ? null : upper / Math.min(...all),
  };
}

/** The narrowest bounds around both. Null where one of them is not bounded. */
function hullOf(a: Interval, b: Interval) {
  return {
    lower: a.lower === null || b.lower === null ? null : Math.min(a.lower, b.lower),
    upper: a.upper === null || b.upper === null ? null : Math.max(a.upper, b.upper),
  };
}

function rounded(
  { metric }: MetricHistory,
  { value, lower, upper }: BoundedValue & { readonly value: number },
  method: string,
): Projection {
  const round = (number: number) => (isWhole(metric) ? Math.round(number) : number);
  return {
    value: round(value),
    lower: lower === null ? null : round(lower),
    upper: upper === null ? null : round(upper),
    method,
  };
}

function atPace({ months }: Pace, how: string): string {
  return `${how} of ${listOf(months)}; the bounds`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

function daysIn({ period: { start, end } }: Observed): number {
  return daysBetween(present(start), end) + 1;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
