import { isAdditive } from '../values/metric.ts';
import type { Slot } from './slot.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** The columns of a claim, or of several about the same slot, that say how much it was. */
export interface StatedRow extends Slot {
  readonly periodStart: Date | null;
  readonly periodEnd: Date;
  /** The lowest and the highest number that is stated; equal for one claim with a value. */
  readonly low: number | null;
  readonly high: number | null;
  /** What the claims allow; null: not bounded. */
  readonly lower: number | null;
  readonly upper: number | null;
}

/** What is stated about a slot, as wide as all its claims. Days are numbers, as `dayNumber` counts them. */
export interface Stated extends Slot {
  /** Null for a total to date. A level, such as a count at a day, has no length: its start is its end. */
  readonly start: number | null;
  readonly end: number;
  readonly low: number;
  readonly high: number;
  readonly lower: number;
  readonly upper: number | null;
}

/** An amount in a span of days, or a level at its end. */
export interface Amount {
  readonly start: number;
  readonly end: number;
  readonly low: number;
  readonly high: number;
  /** The period; of an amount between two totals, the later one. */
  readonly period: string;
  /** The earlier of two totals between which the amount lies. */
  readonly from?: string;
}

/** What a row states; null if it states no number, or only 0, which is never implausible and is no measure for others. */
export function statedOf({ periodStart, periodEnd, ...row }: StatedRow): Stated | null {
  const start = periodStart === null ? null : periodStart.getTime() / DAY_MS;
  return statedOn({ ...row, start, end: periodEnd.getTime() / DAY_MS });
}

/** The same of a row with its days as numbers. */
export function statedOn(
  row: Omit<StatedRow, 'periodStart' | 'periodEnd'> & Pick<Stated, 'start' | 'end'>,
): Stated | null {
  const { subjectId, metric, period, withinId, start, end, low, high, lower, upper } = row;
  if (low === null || high === null || high === 0) return null;
  const isLevel = start === null && !isAdditive(metric);
  return {
    subjectId,
    metric,
    period,
    withinId,
    low,
    high,
    start: isLevel ? end : start,
    end,
    lower: lower ?? 0,
    upper,
  };
}

/** As wide as both, which are about the same slot. */
export function widest(a: Stated, b: Stated): Stated {
  return {
    ...a,
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
    lower: Math.min(a.lower, b.lower),
    upper: a.upper === null || b.upper === null ? null : Math.max(a.upper, b.upper),
  };
}

/** The number in messages: "396270", or "300 to 400" if claims differ. */
export function numberOf({ low, high }: Pick<Amount, 'low' | 'high'>): string {
  return low === high ? String(low) : `${low} to ${high}`;
}

/** An amount with its period in messages: "396270 of 2025-09", or "9000 between ../2025-03-31 and ../2025-06-30". */
export function nameOf(amount: Pick<Amount, 'low' | 'high' | 'period' | 'from'>): string {
  const { period, from } = amount;
  return `${numberOf(amount)} ${from === undefined ? `of ${period}` : `between ${from} and ${period}`}`;
}

/** Days in an amount, both ends included. */
export function daysIn({ start, end }: Pick<Amount, 'start' | 'end'>): number {
  return end - start + 1;
}

/** Whether it is an amount or a level, and not a total to date. */
export function isPeriod(stated: Stated): stated is Stated & { readonly start: number } {
  return stated.start !== null;
}
