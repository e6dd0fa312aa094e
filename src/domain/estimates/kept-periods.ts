import { dayAt } from '../values/calendar.ts';
import { toDate } from '../values/period.ts';
import type { MetricHistory } from './history.ts';
import { calendarOf, type SpannedPeriod, spannedPeriod } from './spanned-periods.ts';

/**
 * The periods whose observations are kept: those with a claim, and the total to the day of an announced milestone; of what adds up, every
 * month, quarter, half and year from the first to the last day of which anything is known, and the total to each month's end, from the one
 * before them.
 */
export function keptPeriods({ slots, curve, known, announcedDays }: MetricHistory): readonly SpannedPeriod[] {
  const kept = new Map<string, SpannedPeriod>();
  const keep = (one: SpannedPeriod): void => void kept.set(one.period.text, one);
  for (const text of slots.keys()) keep(spannedPeriod(text));
  for (const day of announcedDays) keep(spannedPeriod(toDate(dayAt(day)).text));
  if (curve === null || known === null) return [...kept.values()];
  for (const one of calendarOf(known)) keep(one);
  return [...kept.values()];
}
