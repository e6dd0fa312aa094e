import type { Day, PartialDate } from './calendar.ts';
import {
  addDays,
  addMonths,
  addYears,
  daysBetween,
  FIRST_DAY,
  firstDayOfMonth,
  lastDayOfMonth,
  mondayOf,
  monthOf,
  monthsBetween,
  parseDay,
  parsePartialDate,
} from './calendar.ts';

/** The formats `parsePeriod` reads, for the hint in an error. */
export const PERIOD_FORMATS =
  'a month 2025-12, a quarter 2025-Q3, a year 2025, an ISO week 2025-W12, a day 2026-01-13, ' +
  'a range 2025-01/2025-09 (both ends inclusive) or everything to a day ../2026-01-13';

const QUARTER_FORM = /^(\d{4})-Q([1-4])$/;
const WEEK_FORM = /^(\d{4})-W(\d{2})$/;
const TO_DATE_START = '..';

const MONTHS_IN = { YEAR: 12, QUARTER: 3, MONTH: 1 } as const;
const TILES = ['YEAR', 'QUARTER', 'MONTH'] as const;

/** The lengths of period that follow each other without a gap; ISO weeks belong to no month, quarter or year. */
export type Granularity = 'WEEK' | 'MONTH' | 'QUARTER' | 'YEAR';

/** RANGE is any run of days that has no shorter name; TO_DATE is from a subject's start to a day. */
export type PeriodKind = 'DAY' | Granularity | 'RANGE' | 'TO_DATE';

/** A span of Shanghai days, both ends inclusive; `text` is its one canonical name and `start` is null only for TO_DATE. */
export interface Period {
  readonly text: string;
  readonly kind: PeriodKind;
  readonly start: Day | null;
  readonly end: Day;
}

type Span = Pick<PartialDate, 'first' | 'last'>;

/** Reads any of `PERIOD_FORMATS`, in either case, into its canonical period; null for anything else. */
export function parsePeriod(text: string): Period | null {
  const [from = '', to, ...rest] = text.trim().toUpperCase().split('/');
  if (rest.length > 0) return null;
  if (to === undefined) {
    const span = parseSpan(from) ?? parseWeek(from);
    return span && periodFromDays(span.first, span.last);
  }
  const end = parseSpan(to)?.last;
  if (end === undefined) return null;
  if (from === TO_DATE_START) return toDate(end);
  const start = parseSpan(from)?.first;
  return start === undefined || start > end ? null : periodFromDays(start, end);
}

/** The period of the days from `start` to `end`, both inclusive, under its shortest name; throws RangeError when reversed. */
export function periodFromDays(start: Day, end: Day): Period {
  if (end < start) throw new RangeError(`A period cannot run from "${start}" back to "${end}"`);
  return { ...nameOf(start, end), start, end };
}

/** The period from a subject's start to a day, that day included. */
export function toDate(day: Day): Period {
  return { text: `${TO_DATE_START}/${day}`, kind: 'TO_DATE', start: null, end: day };
}

/** The period of the same length that ends the day before; null for a to-date and before 1900. */
export function previousPeriod(period: Period): Period | null {
  const { start, end } = period;
  if (start === null) return null;
  const previousStart = hasWholeMonths(start, end)
    ? addMonths(start, -monthCount(start, end))
    : addDays(start, -(daysBetween(start, end) + 1));
  return previousStart < FIRST_DAY ? null : periodFromDays(previousStart, addDays(start, -1));
}

/** The period of the same length that begins the day after; null for a to-date. */
export function nextPeriod(period: Period): Period | null {
  const { start, end } = period;
  if (start === null) return null;
  const nextStart = addDays(end, 1);
  const nextEnd = hasWholeMonths(start, end)
    ? lastDayOfMonth(addMonths(nextStart, monthCount(start, end) - 1))
    : addDays(end, daysBetween(start, end) + 1);
  return periodFromDays(nextStart, nextEnd);
}

/** The same period one year earlier; null for week 53 of a year before that has none, and before 1900. */
export function yearAgo(period: Period): Period | null {
  const { start, end } = period;
  if (period.kind === 'WEEK') return parsePeriod(`${Number(period.text.slice(0, 4)) - 1}${period.text.slice(4)}`);
  const earlierEnd = addYears(end, -1);
  if (earlierEnd < FIRST_DAY) return null;
  if (start === null) return toDate(earlierEnd);
  const earlierStart = addYears(start, -1);
  if (earlierStart < FIRST_DAY) return null;
  // The last day of February 2025 answers to the last day of February 2024, not to its 28th.
  return periodFromDays(earlierStart, hasWholeMonths(start, end) ? lastDayOfMonth(earlierEnd) : earlierEnd);
}

/** Every period of a granularity that touches the days from `from` to `to`, in order; none when reversed. */
export function periodsBetween(granularity: Granularity, from: Day, to: Day): Period[] {
  const periods: Period[] = [];
  for (let day = from; day <= to; ) {
    const period = periodAround(granularity, day);
    periods.push(period);
    day = addDays(period.end, 1);
  }
  return periods;
}

/** The months a period consists of, in order; null unless its edges are those of months. */
export function monthsOf(period: Period): Period[] | null {
  const { start, end } = period;
  if (start === null || !hasWholeMonths(start, end)) return null;
  return periodsBetween('MONTH', start, end);
}

/** The ways in which years, quarters and months tile a longer period exactly, coarsest first; none for months and for days. */
export function tilingsOf(period: Period): readonly (readonly Period[])[] {
  const { start, end } = period;
  if (start === null || !hasWholeMonths(start, end)) return [];
  const finer = TILES.filter((granularity) => MONTHS_IN[granularity] < monthCount(start, end));
  const tilings = finer.map((_, coarsest) => tile(finer.slice(coarsest), start, end));
  // Where the coarser period fits nowhere, its tiling is the next one over again.
  return tilings.filter((tiling, index) => tiling.length !== tilings[index + 1]?.length);
}

function parseSpan(text: string): Span | null {
  const [, year, quarter] = QUARTER_FORM.exec(text) ?? [];
  if (year === undefined) return parsePartialDate(text);
  const first = parseDay(`${year}-${String(Number(quarter) * 3 - 2).padStart(2, '0')}-01`);
  return first === null ? null : { first, last: lastDayOfMonth(addMonths(first, 2)) };
}

function parseWeek(text: string): Span | null {
  const [, year, week] = WEEK_FORM.exec(text) ?? [];
  if (year === undefined) return null;
  // January 4 is always in week 1.
  const inFirstWeek = parseDay(`${year}-01-04`);
  if (inFirstWeek === null) return null;
  const first = addDays(mondayOf(inFirstWeek), (Number(week) - 1) * 7);
  // Week 0 and a week 53 the year does not have belong to a neighbouring year and have another name.
  return weekName(first) === text ? { first, last: addDays(first, 6) } : null;
}

function nameOf(start: Day, end: Day): Pick<Period, 'text' | 'kind'> {
  if (start === end) return { text: start, kind: 'DAY' };
  if (hasWholeMonths(start, end)) return nameOfMonths(start, end);
  if (mondayOf(start) === start && daysBetween(start, end) === 6) return { text: weekName(start), kind: 'WEEK' };
  return { text: `${start}/${end}`, kind: 'RANGE' };
}

function nameOfMonths(start: Day, end: Day): Pick<Period, 'text' | 'kind'> {
  const months = monthCount(start, end);
  const startsYear = monthOf(start) === 1;
  if (months === 12 && startsYear) return { text: start.slice(0, 4), kind: 'YEAR' };
  if (months === 3 && monthOf(start) % 3 === 1) return { text: quarterName(start), kind: 'QUARTER' };
  if (months === 1) return { text: start.slice(0, 7), kind: 'MONTH' };
  const length = months % 12 === 0 && startsYear ? 4 : 7;
  return { text: `${start.slice(0, length)}/${end.slice(0, length)}`, kind: 'RANGE' };
}

function quarterName(day: Day): string {
  return `${day.slice(0, 4)}-Q${Math.ceil(monthOf(day) / 3)}`;
}

function weekName(monday: Day): string {
  // The year an ISO week counts in is that of its Thursday.
  const thursday = addDays(monday, 3);
  const week = Math.floor(daysBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / 7) + 1;
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`;
}

function periodAround(granularity: Granularity, day: Day): Period {
  if (granularity === 'WEEK') return periodFromDays(mondayOf(day), addDays(mondayOf(day), 6));
  const months = MONTHS_IN[granularity];
  const start = addMonths(firstDayOfMonth(day), -((monthOf(day) - 1) % months));
  return periodFromDays(start, lastDayOfMonth(addMonths(start, months - 1)));
}

function tile(granularities: readonly Granularity[], start: Day, end: Day): Period[] {
  const tiles: Period[] = [];
  for (let day = start; day <= end; ) {
    const candidates = granularities.map((granularity) => periodAround(granularity, day));
    const fitting = candidates.find((period) => period.start === day && period.end <= end);
    if (fitting === undefined) throw new RangeError(`No month starts on "${day}" and ends by "${end}"`);
    tiles.push(fitting);
    day = addDays(fitting.end, 1);
  }
  return tiles;
}

function hasWholeMonths(start: Day, end: Day): boolean {
  return start === firstDayOfMonth(start) && end === lastDayOfMonth(end);
}

function monthCount(start: Day, end: Day): number {
  return monthsBetween(start, end) + 1;
}
