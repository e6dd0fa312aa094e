import { dayAt, dayNumber, FIRST_DAY, maxDay, yearOf } from '../values/calendar.ts';
import { type Period, parsePeriod, periodsBetween, toDate } from '../values/period.ts';
import { spanOf } from './spans.ts';

/** A period with its days as a network counts them. */
export interface SpannedPeriod {
  readonly period: Period;
  readonly after: number | null;
  readonly through: number;
  /** Its first day, null for a total to date, and its last day, as the database takes them. */
  readonly periodStart: Date | null;
  readonly periodEnd: Date;
}

/** Periods are made once, because every write needs the same ones again. */
const years = new Map<number, readonly SpannedPeriod[]>();
const parsed = new Map<string, SpannedPeriod>();
/** The number of other periods that are remembered. */
const MOST_PARSED = 50_000;

/** Every month, quarter, half and year of the days, and the total to each month's end, from the one before them. */
export function calendarOf({
  first,
  last,
}: {
  readonly first: number;
  readonly last: number;
}): readonly SpannedPeriod[] {
  const beforeFirst = dayNumber(`${dayAt(first).slice(0, 7)}-01`) - 1;
  const calendar: SpannedPeriod[] = [];
  for (let year = yearOf(maxDay(dayAt(beforeFirst), FIRST_DAY)); year <= yearOf(dayAt(last)); year += 1) {
    for (const one of periodsOf(year)) {
      const { after, through } = one;
      const isKept = after === null ? beforeFirst <= through && through <= last : after < last && first <= through;
      if (isKept) calendar.push(one);
    }
  }
  return calendar;
}

/** A period by its canonical text. */
export function spannedPeriod(text: string): SpannedPeriod {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const period = parsePeriod(text);
  if (period === null) throw new Error(`"${text}" is kept as a period, but is none.`);
  const spanned = spannedOf(period);
  if (parsed.size >= MOST_PARSED) parsed.clear();
  parsed.set(text, spanned);
  return spanned;
}

function spannedOf(period: Period): SpannedPeriod {
  const periodStart = period.start === null ? null : new Date(period.start);
  return { period, ...spanOf(period), periodStart, periodEnd: new Date(period.end) };
}

/** The months, quarters, halves of a year and the year itself, and the totals to the ends of its months. */
function periodsOf(year: number): readonly SpannedPeriod[] {
  const known = years.get(year);
  if (known !== undefined) return known;
  const [first, last] = [`${year}-01-01`, `${year}-12-31`];
  const months = periodsBetween('MONTH', first, last);
  const calendar = (['QUARTER', 'HALF', 'YEAR'] as const).flatMap((granularity) =>
    periodsBetween(granularity, first, last),
  );
  const all = [...months, ...calendar, ...months.map(({ end }) => toDate(end))].map(spannedOf);
  years.set(year, all);
  return all;
}
