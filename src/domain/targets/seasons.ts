import type { MetricHistory } from '../estimates/history.ts';
import { observationOf } from '../estimates/observation.ts';
import { addDays, addYears, type Day, dayAt, daysBetween, monthsBetween } from '../values/calendar.ts';
import { type Period, periodFromDays, yearAgo } from '../values/period.ts';
import { known, type Span } from './reached.ts';

/** The bounds of a projection follow from so many years. */
export const YEARS = 3;

/** The part of a year's total that had come by the same day, in one of the years before. */
export interface Share {
  readonly year: Period;
  readonly part: Period;
  /** The total of the part. */
  readonly soFar: number;
  readonly share: number;
}

/** The shares in the years before, the last first, up to one that is not known. Spans of more than a year would be compared with themselves. */
export function sharesBefore(history: MetricHistory, { start, end }: Span, until: Day): readonly Share[] {
  if (monthsBetween(start, end) >= 12) return [];
  const shares: Share[] = [];
  let [year, part]: (Period | null)[] = [periodFromDays(start, end), periodFromDays(start, until)];
  while (shares.length < YEARS) {
    [year, part] = [year && yearAgo(year), part && yearAgo(part)];
    if (year == null || part == null) break;
    const [whole, soFar] = [totalOf(history, year), totalOf(history, part)];
    if (whole === null || soFar === null || soFar === 0 || whole < soFar) break;
    shares.push({ year, part, soFar, share: soFar / whole });
  }
  return shares;
}

/**
 * The day, a year later, by which the year before had grown by this factor on its part. Between days whose totals are known it grew evenly.
 * Null if it never did.
 */
export function dayAsIn(history: MetricHistory, { year, part, soFar }: Share, factor: number): Day | null {
  const wanted = soFar * (1 + factor);
  let [day, total] = [part.end, soFar];
  const days = history.days.map(dayAt).filter((one) => one > part.end && one < year.end);
  for (const next of [...days, year.end]) {
    const then = year.start === null ? null : totalOf(history, periodFromDays(year.start, next));
    if (then === null) continue;
    if (then >= wanted) {
      const passed = Math.ceil((daysBetween(day, next) * (wanted - total)) / (then - total));
      return addYears(addDays(day, passed), 1);
    }
    [day, total] = [next, then];
  }
  return null;
}

function totalOf(history: MetricHistory, period: Period): number | null {
  return known(observationOf(history, period))?.value ?? null;
}
