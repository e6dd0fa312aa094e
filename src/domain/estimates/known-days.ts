import { type Day, dayAt } from '../values/calendar.ts';
import type { DaySpan } from '../values/period.ts';
import type { MetricHistory } from './history.ts';

/** They are asked for with every period. */
const inDays = new WeakMap<object, DaySpan>();

/**
 * The days from the first to the last of which anything is known of a subject or of its parts; null if there are none. What is asked about
 * other days has no answer, and needs no work.
 */
export function knownDaysOf({ known }: Pick<MetricHistory, 'known'>): DaySpan | null {
  if (known === null) return null;
  const before = inDays.get(known);
  if (before !== undefined) return before;
  const days = { first: dayAt(known.first), last: dayAt(known.last) };
  inDays.set(known, days);
  return days;
}

/** The days from the first to the last of several spans; null if there are none. */
export function spanOf(parts: readonly (DaySpan | null)[]): DaySpan | null {
  let first: Day | null = null;
  let last: Day | null = null;
  for (const part of parts) {
    if (part === null) continue;
    if (first === null || part.first < first) first = part.first;
    if (last === null || part.last > last) last = part.last;
  }
  return first === null || last === null ? null : { first, last };
}
