import { dayAt, dayNumber } from '../values/calendar.ts';
import type { MetricHistory } from './history.ts';
import type { Span } from './spans.ts';

const MS_PER_DAY = 86_400_000;

/** Whole years of days, as a network counts them: after the end of one day, and until the end of another. */
export interface Stretch {
  readonly after: number;
  readonly through: number;
}

/** The days of a claim that is about to be written, and its rank. */
export interface NewSpan {
  readonly periodStart: Date | null;
  readonly periodEnd: Date;
  readonly rank: string;
}

/** The years around new claims. Null if what they change can lie anywhere: a total to date bounds all days, and a rank changes what counted. */
export function stretchAround(claims: readonly NewSpan[]): Stretch | null {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { periodStart, periodEnd, rank } of claims) {
    if (periodStart === null || rank !== 'NORMAL') return null;
    first = Math.min(first, periodStart.getTime() / MS_PER_DAY);
    last = Math.max(last, periodEnd.getTime() / MS_PER_DAY);
  }
  const yearAt = (day: number): string => dayAt(day).slice(0, 4);
  return { after: dayNumber(`${yearAt(first)}-01-01`) - 1, through: dayNumber(`${yearAt(last)}-12-31`) };
}

/** Whether a period has a day in a stretch. A total to date has if it ends there or later, and right before it because it is told from there. */
export function isIn(stretch: Stretch, { after, through }: Span): boolean {
  return after === null ? through >= stretch.after : through > stretch.after && after < stretch.through;
}

/** The days of a row. */
export function spanOf({ periodStart, periodEnd }: Pick<NewSpan, 'periodStart' | 'periodEnd'>): Span {
  const dayOf = (date: Date): number => date.getTime() / MS_PER_DAY;
  return { after: periodStart === null ? null : dayOf(periodStart) - 1, through: dayOf(periodEnd) };
}

/**
 * Whether new claims in a stretch change nothing that is known of days outside of it, of a subject that is no part or whole of another one.
 *
 * Nothing contradicts anything, so all that is known are bounds, which are shortest paths. No claim reaches over an end of the stretch. So a
 * path from a period outside of it into it and out again passes the same day twice, and is not shorter without it. What is missing of a
 * period is named by the years of which anything is known; the years between the stretch and these are not among the new ones.
 */
export function staysWithin(history: MetricHistory, stretch: Stretch, isNew: (figureId: number) => boolean): boolean {
  const { curve, slots, known, announcedDays } = history;
  // Each slot is alone, or there is nothing at all.
  if (curve === null || (known === null && announcedDays.length === 0)) return true;
  // Production follows from deliveries.
  if (history.metric === 'PRODUCTION' || curve.setAside.length > 0 || curve.refused.length > 0) return false;
  const reachesOver = ({ after, through }: Span): boolean =>
    [stretch.after, stretch.through].some((day) => (after === null || after < day) && day < through);
  for (const slot of slots.values()) if (slot.isDisputed || reachesOver(slot)) return false;
  for (const voices of curve.entered.values()) if (voices.some(({ isRounded }) => isRounded)) return false;
  return !curve.bounded.some(reachesOver) && isNextToKnown(history, stretch, isNew);
}

/**
 * Whether no days lie between the stretch and those of which something was known, and no number was announced before the stretch if that is
 * the first of which anything is: what is missing until then is named by the first of these days.
 */
function isNextToKnown(
  { slots, known, announcedDays }: MetricHistory,
  stretch: Stretch,
  isNew: (figureId: number) => boolean,
): boolean {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { after, through, voices } of slots.values()) {
    if (voices.every(({ claims }) => claims.every(({ id }) => isNew(id)))) continue;
    first = Math.min(first, after === null ? through : after + 1);
    last = Math.max(last, through);
  }
  const announcedFirst = announcedDays[0] ?? Number.POSITIVE_INFINITY;
  if (known !== null && known.first < first && announcedFirst < stretch.after) return false;
  // Nothing was known.
  if (known === null || first === Number.POSITIVE_INFINITY) return true;
  return (known.first >= first || first <= stretch.through + 1) && (known.last <= last || stretch.after <= last);
}
