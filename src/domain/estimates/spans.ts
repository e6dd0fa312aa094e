import { dayNumber } from '../values/calendar.ts';
import type { Period } from '../values/period.ts';

/** The days of a period as a network counts them: after the end of one day, null from the start, and until the end of another. */
export interface Span {
  readonly after: number | null;
  readonly through: number;
}

const spans = new WeakMap<object, Span>();

/** The span of a period. */
export function spanOf(period: Pick<Period, 'start' | 'end'>): Span {
  const known = spans.get(period);
  if (known !== undefined) return known;
  const span = {
    after: period.start === null ? null : dayNumber(period.start) - 1,
    through: dayNumber(period.end),
  };
  spans.set(period, span);
  return span;
}
