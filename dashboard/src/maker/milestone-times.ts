import type { Reached } from './maker-query.ts';

const DAY = 86_400_000;
const DAYS_A_MONTH = 30.4375;
const DAYS_A_YEAR = 365.25;
/** From so many days on a time is told in months as well, and from so many in years. */
const IN_MONTHS = 60;
const IN_YEARS = 730;

/** The first and the last day that are possible. */
interface Days {
  readonly first: string;
  readonly last: string;
}

/** The fewest and the most days that are possible between two events. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** The days that a date stands for: one, those of its month or year, or those that the figures allow. Null if nothing is known. */
export function dateRange(date: string | null, window: readonly string[] | null): Days | null {
  const [first, last] = window ?? [];
  if (first !== undefined && last !== undefined) return { first, last };
  if (date === null) return null;
  const [year = 0, month, day] = date.split('-').map(Number);
  if (day !== undefined) return { first: date, last: date };
  if (month !== undefined) return { first: `${date}-01`, last: endOf(year, month) };
  return { first: `${date}-01-01`, last: `${date}-12-31` };
}

/** Whether a span says more than that it took some time. */
export function isTelling({ least, most }: Span): boolean {
  return most - least <= Math.max(IN_MONTHS, least / 2);
}

type Timed = Pick<Reached, 'id' | 'kind' | 'metric' | 'threshold' | 'reachedOn' | 'window'>;

/** How long each number took since the next lower one of the same metric, by the ids of the milestones; those of which one of both days is not known well are not in it. */
export function sinceTheOneBefore(milestones: readonly Timed[]): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  const before = new Map<string, Timed>();
  const counted = milestones.filter(({ kind, metric, threshold }) => kind === 'UNITS' && metric && threshold !== null);
  for (const milestone of counted.sort((a, b) => (a.threshold ?? 0) - (b.threshold ?? 0))) {
    const metric = milestone.metric ?? '';
    const earlier = before.get(metric);
    before.set(metric, milestone);
    const from = earlier === undefined ? null : dateRange(earlier.reachedOn, earlier.window);
    const to = dateRange(milestone.reachedOn, milestone.window);
    if (from === null || to === null) continue;
    const least = Math.max(0, between(from.last, to.first));
    const most = Math.max(least, between(from.first, to.last));
    if (isTelling({ least, most })) spans.set(milestone.id, { least, most });
  }
  return spans;
}

/** The words for a time that this needs. */
export interface SpanWords {
  readonly dayCount: (days: string, isOne: boolean) => string;
  readonly near: (days: string, words: string) => string;
  readonly months: (count: string, isOne: boolean) => string;
  readonly years: (count: string, isOne: boolean) => string;
}

/** A time in days, and from two months on in months or years as well: 578 days (about 19 months). */
export function spanInWords({ least, most }: Span, words: SpanWords, whole: (value: number) => string): string {
  const days = range(least, most, whole);
  const inDays = words.dayCount(days, days === '1');
  const middle = (least + most) / 2;
  if (middle < IN_MONTHS) return inDays;
  if (middle < IN_YEARS) {
    const months = range(Math.round(least / DAYS_A_MONTH), Math.round(most / DAYS_A_MONTH), whole);
    return words.near(inDays, words.months(months, months === '1'));
  }
  const years = range(tenth(least / DAYS_A_YEAR), tenth(most / DAYS_A_YEAR), whole);
  return words.near(inDays, words.years(years, years === '1'));
}

function range(least: number, most: number, whole: (value: number) => string): string {
  return least === most ? whole(least) : `${whole(least)}–${whole(most)}`;
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}

function between(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY);
}

/** The last day of a month. */
function endOf(year: number, month: number): string {
  return new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10);
}
