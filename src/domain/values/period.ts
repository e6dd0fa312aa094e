import type { Day, PartialDate } from './calendar.ts';
import {
  addDays,
  addMonths,
  addYears,
  daysBetween,
  FIRST_DAY,
  firstDayOfMonth,
  LAST_DAY,
  lastDayOfMonth,
  maxDay,
  minDay,
  mondayOf,
  monthOf,
  monthsBetween,
  parseDay,
  parsePartialDate,
  yearOf,
} from './calendar.ts';
import { remember } from './remember.ts';

/** The formats `parsePeriod` reads, for the hint in an error. */
export const PERIOD_FORMATS =
  'a month 2025-12, a quarter 2025-Q3, a half 2025-H1, a year 2025, an ISO week 2025-W12, a day 2026-01-13, ' +
  'a range 2025-01/2025-09 (both ends inclusive) or everything to a day ../2026-01-13, all within the calendar';

const PART_FORM = /^(\d{4})-(Q[1-4]|H[12])$/;
const WEEK_FORM = /^(\d{4})-W(\d{2})$/;
const TO_DATE_START = '..';

const MONTHS_IN = { YEAR: 12, HALF: 6, QUARTER: 3, MONTH: 1 } as const;
const TILES = ['YEAR', 'HALF', 'QUARTER', 'MONTH'] as const;

/** Tilings are made once, because every write needs the same ones again. */
const tilingsMade = new Map<string, readonly (readonly Period[])[]>();
/** The number of periods whose tilings are remembered. */
const MOST_TILINGS = 5_000;

/** The granularities whose periods follow each other without a gap. ISO weeks do not tile months, quarters, halves or years. */
export type Granularity = 'WEEK' | 'MONTH' | 'QUARTER' | 'HALF' | 'YEAR';

/** What a series goes by. YEAR_TO_DATE: for each month the days from 1 January to its end, which overlap. */
export type SeriesGranularity = Granularity | 'YEAR_TO_DATE';

/** RANGE is any span of days without a shorter name; TO_DATE is from a subject's start to a day. */
export type PeriodKind = 'DAY' | Granularity | 'RANGE' | 'TO_DATE';

/** A span of Shanghai days, both ends inclusive. `text` is its only canonical name, and `start` is null only for TO_DATE. */
export interface Period {
  readonly text: string;
  readonly kind: PeriodKind;
  readonly start: Day | null;
  readonly end: Day;
}

/** Days from the first to the last, both inclusive. */
export type DaySpan = Pick<PartialDate, 'first' | 'last'>;

/** Parses any of `PERIOD_FORMATS`, in any case, into its canonical period; null for anything else. Those of a hundred years are remembered. */
export const parsePeriod: (text: string) => Period | null = remember(5_000, readPeriod);

/** The period of the days from `start` to `end`, both inclusive, with its shortest name; throws RangeError if they are reversed. */
export function periodFromDays(start: Day, end: Day): Period {
  if (end < start) throw new RangeError(`A period cannot run from "${start}" back to "${end}"`);
  return { ...nameOf(start, end), start, end };
}

/** The period from a subject's start to a day, that day included. */
export function toDate(day: Day): Period {
  return { text: `${TO_DATE_START}/${day}`, kind: 'TO_DATE', start: null, end: day };
}

/** Whether the first day of the period is not after today; of a to-date, whose first day is not known, the last one. */
export function hasBegun({ start, end }: Period, today: Day): boolean {
  return (start ?? end) <= today;
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
  // A year before the last day of February 2025 is the last day of February 2024, not the 28th.
  return periodFromDays(earlierStart, hasWholeMonths(start, end) ? lastDayOfMonth(earlierEnd) : earlierEnd);
}

/** Every period of a granularity that touches the days from `from` to `to`, in order; none when reversed. */
export function periodsBetween(granularity: SeriesGranularity, from: Day, to: Day): Period[] {
  const periods: Period[] = [];
  for (let day = from; day <= to; ) {
    const period = periodAround(granularity, day);
    periods.push(period);
    day = addDays(period.end, 1);
  }
  return periods;
}

/** The number of periods that `periodsBetween` would build, by arithmetic alone. */
export function countPeriods(granularity: SeriesGranularity, from: Day, to: Day): number {
  if (to < from) return 0;
  if (granularity === 'WEEK') return Math.floor(daysBetween(mondayOf(from), to) / 7) + 1;
  const months = granularity === 'YEAR_TO_DATE' ? 1 : MONTHS_IN[granularity];
  const place = (day: Day) => Math.floor((yearOf(day) * 12 + monthOf(day) - 1) / months);
  return place(to) - place(from) + 1;
}

/** How many months the days from `start` to `end` consist of; null unless they begin and end with a month. */
export function monthsIn(start: Day, end: Day): number | null {
  return hasWholeMonths(start, end) ? monthCount(start, end) : null;
}

/** Whether the edges of a period are those of months. */
export function consistsOfMonths(period: Period): period is Period & { readonly start: Day } {
  return period.start !== null && hasWholeMonths(period.start, period.end);
}

/** The months a period consists of, in order; null unless its edges are those of months. */
export function monthsOf(period: Period): Period[] | null {
  return consistsOfMonths(period) ? periodsBetween('MONTH', period.start, period.end) : null;
}

/**
 * The ways in which years, halves, quarters and months tile a longer period exactly, the coarsest first; none for months and days.
 * If only some days are known, all years before those of the known days are one tile, and all years after them another. So a period of any
 * length has few tiles. A period outside of these years has no tilings.
 */
export function tilingsOf(
  period: Period,
  known: DaySpan = { first: FIRST_DAY, last: LAST_DAY },
): readonly (readonly Period[])[] {
  if (!consistsOfMonths(period)) return [];
  const { start, end } = period;
  const first = maxDay(start, `${known.first.slice(0, 4)}-01-01`);
  const last = minDay(end, `${known.last.slice(0, 4)}-12-31`);
  if (first > last) return [];
  const before = start < first ? [periodFromDays(start, addDays(first, -1))] : [];
  const after = last < end ? [periodFromDays(addDays(last, 1), end)] : [];
  const key = `${start}|${end}|${first}|${last}`;
  const made = tilingsMade.get(key);
  if (made !== undefined) return made;
  const finer = TILES.filter((granularity) => MONTHS_IN[granularity] < monthCount(start, end));
  const tilings = finer.map((_, coarsest) => [...before, ...tile(finer.slice(coarsest), first, last), ...after]);
  // If the coarser period fits nowhere, its tiling equals the next one.
  const distinct = tilings.filter((tiling, index) => tiling.length !== tilings[index + 1]?.length);
  if (tilingsMade.size >= MOST_TILINGS) tilingsMade.clear();
  tilingsMade.set(key, distinct);
  return distinct;
}

function readPeriod(text: string): Period | null {
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

function parseSpan(text: string): DaySpan | null {
  const [, year, part = ''] = PART_FORM.exec(text) ?? [];
  if (year === undefined) return parsePartialDate(text);
  const months = part.startsWith('Q') ? MONTHS_IN.QUARTER : MONTHS_IN.HALF;
  const january = parseDay(`${year}-01-01`);
  if (january === null) return null;
  const end = addMonths(january, Number(part.slice(1)) * months - 1);
  return { first: addMonths(end, 1 - months), last: lastDayOfMonth(end) };
}

function parseWeek(text: string): DaySpan | null {
  const [, year, week] = WEEK_FORM.exec(text) ?? [];
  if (year === undefined) return null;
  // January 4 is always in week 1.
  const inFirstWeek = parseDay(`${year}-01-04`);
  if (inFirstWeek === null) return null;
  const first = addDays(mondayOf(inFirstWeek), (Number(week) - 1) * 7);
  // Week 0, and week 53 in a year without one, belong to a neighbouring year under another name.
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
  if (months === 6 && monthOf(start) % 6 === 1) return { text: partName(start, 'H', 6), kind: 'HALF' };
  if (months === 3 && monthOf(start) % 3 === 1) return { text: partName(start, 'Q', 3), kind: 'QUARTER' };
  if (months === 1) return { text: start.slice(0, 7), kind: 'MONTH' };
  const length = months % 12 === 0 && startsYear ? 4 : 7;
  return { text: `${start.slice(0, length)}/${end.slice(0, length)}`, kind: 'RANGE' };
}

function partName(day: Day, letter: 'H' | 'Q', months: number): string {
  return `${day.slice(0, 4)}-${letter}${Math.ceil(monthOf(day) / months)}`;
}

function weekName(monday: Day): string {
  // An ISO week belongs to the year of its Thursday.
  const thursday = addDays(monday, 3);
  const week = Math.floor(daysBetween(`${thursday.slice(0, 4)}-01-01`, thursday) / 7) + 1;
  return `${thursday.slice(0, 4)}-W${String(week).padStart(2, '0')}`;
}

function periodAround(granularity: SeriesGranularity, day: Day): Period {
  if (granularity === 'WEEK') return periodFromDays(mondayOf(day), addDays(mondayOf(day), 6));
  if (granularity === 'YEAR_TO_DATE') return periodFromDays(`${day.slice(0, 4)}-01-01`, lastDayOfMonth(day));
  const months = MONTHS_IN[granularity];
  const start = addMonths(firstDayOfMonth(day), -((monthOf(day) - 1) % months));
  return periodFromDays(start, lastDayOfMonth(addMonths(start, months - 1)));
}

function tile(granularities: readonly (typeof TILES)[number][], start: Day, end: Day): Period[] {
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
