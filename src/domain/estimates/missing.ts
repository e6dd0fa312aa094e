import { addDays, type Day, dayAt, dayNumber, daysBetween, maxDay, minDay, yearOf } from '../values/calendar.ts';
import { type Period, periodFromDays, periodsBetween, toDate } from '../values/period.ts';
import type { MetricHistory } from './history.ts';
import { knownDaysOf } from './known-days.ts';
import { spanOf } from './spans.ts';
import { gapsBesideStated, statedTilesOf } from './stated-tiles.ts';

/** Which periods of a longer one are stated, and which follow from others, by their text. */
const told = new WeakMap<MetricHistory, Map<string, boolean>>();

const tiles = new Map<string, readonly Period[]>();
/** So many years in a row are named one by one. */
const MOST_YEARS = 10;
/** The number of spans whose tiles are remembered. */
const MOST_TILES = 20_000;

/**
 * The periods in a longer one that nobody states and that do not follow from others: without them nothing more can be said. As long as
 * possible: a year and not its months.
 */
export function missingIn(history: MetricHistory, period: Period): readonly Period[] {
  if (period.start !== null) return gapsBetween(history, period.start, period.end);
  const { through } = spanOf(period);
  const from = history.totalDays.findLast((day) => day <= through);
  if (from !== undefined) return gapsBetween(history, addDays(dayAt(from), 1), period.end);
  const before = addDays(dayAt(history.known?.first ?? through), -1);
  const beginning = toDate(before);
  const gaps = gapsBetween(history, addDays(before, 1), period.end);
  return isTold(history, beginning) ? gaps : [beginning, ...gaps];
}

/** The gaps of the days between two; all years before the first known one are one gap, and all after the last one are one. */
function gapsBetween(history: MetricHistory, start: Day, end: Day): readonly Period[] {
  const days = knownDaysOf(history);
  if (start > end) return [];
  if (days === null || isTold(history, periodFromDays(start, end)))
    return days === null ? [periodFromDays(start, end)] : [];
  const first = `${days.first.slice(0, 4)}-01-01`;
  const last = `${days.last.slice(0, 4)}-12-31`;
  const outside = (from: Day, to: Day): readonly Period[] => (from <= to ? [periodFromDays(from, to)] : []);
  return [
    ...outside(start, minDay(end, addDays(first, -1))),
    ...gapsInKnownYears(history, maxDay(start, first), minDay(end, last)),
    ...outside(maxDay(start, addDays(last, 1)), end),
  ];
}

/** The calendar's gaps. Where runs of months are stated that are no calendar period, such as nine months, there is less to name. */
function gapsInKnownYears(history: MetricHistory, start: Day, end: Day): readonly Period[] {
  const gaps = calendarGaps(history, start, end);
  if (gaps.length === 0) return gaps;
  const span = { after: dayNumber(start) - 1, through: dayNumber(end) };
  const besideStated = gapsBesideStated(history, span).flatMap(({ after, through }) =>
    calendarGaps(history, dayAt(after + 1), dayAt(through)),
  );
  return daysIn(besideStated) < daysIn(gaps) ? besideStated : gaps;
}

function calendarGaps(history: MetricHistory, start: Day, end: Day): readonly Period[] {
  const gaps: Period[] = [];
  for (let year = yearOf(start); year <= yearOf(end); year += 1) {
    const [first, last] = [`${year}-01-01`, `${year}-12-31`];
    if (start <= first && last <= end) gaps.push(...gapsOfYear(history, year));
    else gaps.push(...gapsWithin(history, periodFromDays(maxDay(first, start), minDay(last, end)), FINER.YEAR));
  }
  return withYearsTogether(gaps);
}

/** The gaps of whole years, by year. Many questions are about the same ones. */
const ofYears = new WeakMap<MetricHistory, Map<number, readonly Period[]>>();

function gapsOfYear(history: MetricHistory, year: number): readonly Period[] {
  const known = ofYears.get(history) ?? new Map<number, readonly Period[]>();
  ofYears.set(history, known);
  const before = known.get(year);
  if (before !== undefined) return before;
  const gaps = gapsWithin(history, periodFromDays(`${year}-01-01`, `${year}-12-31`), FINER.YEAR);
  known.set(year, gaps);
  return gaps;
}

/** The same gaps; more years in a row than anybody wants to read are one gap. */
function withYearsTogether(gaps: readonly Period[]): readonly Period[] {
  if (gaps.length <= MOST_YEARS) return gaps;
  const together: Period[] = [];
  for (let at = 0; at < gaps.length; ) {
    let next = at + 1;
    while (isYearAfter(gaps[next], gaps[next - 1])) next += 1;
    const [first, last] = [gaps[at] as Period, gaps[next - 1] as Period];
    if (next - at > MOST_YEARS && first.start !== null) together.push(periodFromDays(first.start, last.end));
    else together.push(...gaps.slice(at, next));
    at = next;
  }
  return together;
}

function isYearAfter(period: Period | undefined, before: Period | undefined): boolean {
  if (period?.kind !== 'YEAR' || before?.kind !== 'YEAR') return false;
  return yearOf(period.end) === yearOf(before.end) + 1;
}

function daysIn(periods: readonly Period[]): number {
  return periods.reduce((sum, { start, end }) => sum + (start === null ? 0 : daysBetween(start, end) + 1), 0);
}

const FINER = { YEAR: 'HALF', HALF: 'QUARTER', QUARTER: 'MONTH', MONTH: null } as const;

/** The gaps of a period: itself, or those of the finer periods in it. */
function gapsWithin(history: MetricHistory, period: Period, finer: keyof typeof FINER | null): readonly Period[] {
  if (isTold(history, period)) return [];
  if (finer === null || period.start === null) return [period];
  const { start, end } = period;
  const parts = tilesWithin(finer, start, end);
  const gaps = parts.flatMap((part) => gapsWithin(history, part, FINER[finer]));
  const isAll = gaps.length === parts.length && gaps.every(({ text }, index) => text === parts[index]?.text);
  return isAll && period.kind in FINER ? [period] : gaps;
}

/** The periods of a granularity between two days, cut off there. They are made once, because every write needs the same ones again. */
function tilesWithin(granularity: keyof typeof FINER, start: Day, end: Day): readonly Period[] {
  const key = `${granularity}|${start}|${end}`;
  const known = tiles.get(key);
  if (known !== undefined) return known;
  const made = periodsBetween(granularity, start, end).map((period) =>
    periodFromDays(maxDay(period.start ?? start, start), minDay(period.end, end)),
  );
  if (tiles.size >= MOST_TILES) tiles.clear();
  tiles.set(key, made);
  return made;
}

/** Whether a period is stated, by itself, by periods that make it up or by all its parts, or follows exactly from others. */
function isTold(history: MetricHistory, period: Period): boolean {
  const known = told.get(history) ?? new Map<string, boolean>();
  told.set(history, known);
  const before = known.get(period.text);
  if (before !== undefined) return before;
  const { after, through } = spanOf(period);
  const { lower, upper } = history.curve?.boundsOf(after, through) ?? { lower: null, upper: null };
  const isStated =
    history.slots.has(period.text) ||
    (lower !== null && lower === upper) ||
    statedTilesOf(history, { after, through }) !== null;
  const result = isStated || (history.parts.length > 0 && history.parts.every((part) => isTold(part, period)));
  known.set(period.text, result);
  return result;
}
