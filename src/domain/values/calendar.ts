// Asia/Shanghai has been UTC+8 without daylight saving since 1992; nothing recorded here is older.
const SHANGHAI_OFFSET_MS = 8 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

/** From March 1 of the year 0, and in 400 years. */
const DAYS_BEFORE_1970 = 719_468;
const DAYS_IN_ERA = 146_097;

/** The first and the last day that are supported. */
export const FIRST_DAY: Day = '1900-01-01';
export const LAST_DAY: Day = '2999-12-31';

const YEAR_FORM = /^\d{4}$/;
const MONTH_FORM = /^\d{4}-(0[1-9]|1[0-2])$/;
const QUARTER_FORM = /^\d{4}-Q[1-4]$/;
const DAY_FORM = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

/** A calendar day in Shanghai, `2026-01-13`. Days compare as strings. */
export type Day = string;

/** A date known to the year, the quarter, the month or the day, with the first and last day it can mean. */
export interface PartialDate {
  readonly text: string;
  readonly precision: 'YEAR' | 'QUARTER' | 'MONTH' | 'DAY';
  readonly first: Day;
  readonly last: Day;
}

/** Complete calendar months and the days left after them; `totalDays` counts the same distance in days alone. */
export interface Elapsed {
  readonly months: number;
  readonly days: number;
  readonly totalDays: number;
}

/** Reads `2026-01-13`; null unless it is a real day of the years 1900–2999. */
export function parseDay(text: string): Day | null {
  if (!DAY_FORM.test(text) || text < FIRST_DAY || text > LAST_DAY) return null;
  return text <= lastDayOfMonth(text) ? text : null;
}

/** Reads `2024`, `2024-Q3`, `2024-10` or `2024-10-15`; null for anything else and outside of the years 1900–2999. */
export function parsePartialDate(text: string): PartialDate | null {
  if (YEAR_FORM.test(text)) return partialDate(text, 'YEAR', `${text}-01-01`, `${text}-12-31`);
  if (MONTH_FORM.test(text)) return partialDate(text, 'MONTH', `${text}-01`, lastDayOfMonth(`${text}-01`));
  if (QUARTER_FORM.test(text)) {
    const first = `${text.slice(0, 4)}-${String(Number(text.slice(6)) * 3 - 2).padStart(2, '0')}-01`;
    return partialDate(text, 'QUARTER', first, lastDayOfMonth(addMonths(first, 2)));
  }
  return partialDate(text, 'DAY', text, text);
}

/** The day in Shanghai at an instant. */
export function dayOf(instant: Date): Day {
  return formatDay(instant.getTime() + SHANGHAI_OFFSET_MS);
}

/** The instant at which a day begins in Shanghai: 16:00 UTC of the day before. */
export function startOfDay(day: Day): Date {
  return new Date(timeOf(day) - SHANGHAI_OFFSET_MS);
}

/** The day `days` later, or earlier when negative. */
export function addDays(day: Day, days: number): Day {
  return formatDay(timeOf(day) + days * DAY_MS);
}

/** The same day of the month `months` later, or earlier when negative, clamped to the end of a shorter month. */
export function addMonths(day: Day, months: number): Day {
  const first = formatDay(Date.UTC(yearOf(day), monthOf(day) - 1 + months, 1));
  // A day that the month does not have (2024-02-31) still sorts after its last day.
  return minDay(first.slice(0, 8) + day.slice(8), lastDayOfMonth(first));
}

/** The same day `years` later, or earlier when negative; February 29 becomes February 28 in a common year. */
export function addYears(day: Day, years: number): Day {
  return addMonths(day, years * 12);
}

/** Days from one day to another: 0 for the same day, negative when `to` is earlier. */
export function daysBetween(from: Day, to: Day): number {
  return (timeOf(to) - timeOf(from)) / DAY_MS;
}

/** The number of a day, counted from 1970-01-01, to compare and subtract many days quickly. */
export function dayNumber(day: Day): number {
  return timeOf(day) / DAY_MS;
}

/** The day with a number. */
export function dayAt(number: number): Day {
  return formatDay(number * DAY_MS);
}

/** Months from the month of one day to the month of another, whatever the days. */
export function monthsBetween(from: Day, to: Day): number {
  return (yearOf(to) - yearOf(from)) * 12 + monthOf(to) - monthOf(from);
}

/** What has elapsed from one day to another in months, days and total days; throws RangeError when `to` is earlier. */
export function elapsedBetween(from: Day, to: Day): Elapsed {
  if (to < from) throw new RangeError(`Nothing elapses from "${from}" to the earlier day "${to}"`);
  const calendarMonths = monthsBetween(from, to);
  const months = addMonths(from, calendarMonths) <= to ? calendarMonths : calendarMonths - 1;
  return { months, days: daysBetween(addMonths(from, months), to), totalDays: daysBetween(from, to) };
}

/** The first day of the month a day is in. */
export function firstDayOfMonth(day: Day): Day {
  return `${day.slice(0, 8)}01`;
}

/** The last day of the month a day is in. */
export function lastDayOfMonth(day: Day): Day {
  return formatDay(Date.UTC(yearOf(day), monthOf(day), 0));
}

/** The Monday of the ISO week a day is in. */
export function mondayOf(day: Day): Day {
  const daysSinceMonday = (new Date(timeOf(day)).getUTCDay() + 6) % 7;
  return addDays(day, -daysSinceMonday);
}

/** The quarter a day is in, `2026-Q1` for `2026-01-13`. */
export function quarterOf(day: Day): string {
  return `${day.slice(0, 4)}-Q${Math.ceil(monthOf(day) / 3)}`;
}

/** The year of a day, 2026 for `2026-01-13`. */
export function yearOf(day: Day): number {
  return Number(day.slice(0, 4));
}

/** The month of a day, 1–12. */
export function monthOf(day: Day): number {
  return Number(day.slice(5, 7));
}

/** The earlier of two days. */
export function minDay(a: Day, b: Day): Day {
  return a <= b ? a : b;
}

/** The later of two days. */
export function maxDay(a: Day, b: Day): Day {
  return a >= b ? a : b;
}

function partialDate(text: string, precision: PartialDate['precision'], first: Day, last: Day): PartialDate | null {
  return parseDay(first) === null ? null : { text, precision, first, last };
}

function timeOf(day: Day): number {
  return Date.parse(`${day}T00:00:00Z`);
}

/** By arithmetic, because writes ask for many thousands of days, and an ISO text of an instant takes several times as long. */
function formatDay(time: number): Day {
  const days = Math.floor(time / DAY_MS) + DAYS_BEFORE_1970;
  // Years begin in March here, so that a leap day is the last one, and eras have 400 of them.
  const era = Math.floor(days / DAYS_IN_ERA);
  const ofEra = days - era * DAYS_IN_ERA;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  // The text of other years has another length, and that of no time is an error.
  if (!(year >= 1_000 && year <= 9_999)) return new Date(time).toISOString().slice(0, 10);
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}
