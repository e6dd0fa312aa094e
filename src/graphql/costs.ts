import type { Metric } from '../database/generated/client.ts';
import { rangeOf } from '../domain/boards/series.ts';
import { isAlwaysKept } from '../domain/estimates/reading.ts';
import { addYears, dayOf, minDay } from '../domain/values/calendar.ts';
import { countPeriods, parsePeriod, type SeriesGranularity } from '../domain/values/period.ts';
import { BadInput } from '../errors.ts';

/** The histories that a field works out from claims: of how many subjects, and what they are of. */
export interface WorkedOut {
  readonly subjects: number;
  /** What is worked out once for each subject, however many fields need it: a metric at an instant. */
  readonly of: string;
}

/** What most fields with values are asked for. */
export interface AskedValue {
  readonly metric: Metric;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly period?: string;
  readonly asOf?: Date | null | undefined;
}

type AskedBoard = Omit<AskedValue, 'period'> & { readonly period?: string | null | undefined };

/**
 * What it costs to work out from its claims what was known of a subject, with its family: as of then, or what is not kept. Measured as 10 to
 * 30 ms with ten years of months.
 */
export const COST_OF_SUBJECT = 200;
/** The same of all subjects. Many of them cost no more than all, since families are worked out together. */
export const COST_OF_ALL = 2_000;
/** And of all in a further metric, in which fewer of them are reported. */
const COST_OF_FURTHER = 500;
/** What a ranking costs, or a page that has to be looked for among all rows: 2 to 5 ms. */
export const COST_OF_RANKING = 40;
/** A value of an object that is read anyway. */
export const COST_OF_VALUE = 0.2;
/** What has a statement of its own. */
export const COST_OF_LOOKUP = 5;
/** The years of which a series tells if the client does not say since when. */
const ASSUMED_YEARS = 5;

/** The histories of so many subjects in a metric, as of an instant or of periods that are not kept; null for what is looked up. */
export function workedOut(
  subjects: number,
  metrics: readonly string[],
  asOf: Date | 'now' | null | undefined,
  periods: SeriesGranularity | string = 'MONTH',
): WorkedOut | null {
  if (asOf == null && isKept(periods)) return null;
  return { subjects, of: `${metrics} ${timeOf(asOf)}` };
}

/** Those of everything that is known at an instant. */
export function workedOutAtAll(subjects: number, asOf: Date | null | undefined): WorkedOut | null {
  return asOf == null ? null : { subjects, of: `everything ${asOf.toISOString()}` };
}

/** The number of periods that a series can have, at most. */
export function periodsIn(
  granularity: SeriesGranularity,
  from: string | null | undefined,
  to: string | null | undefined,
): number {
  const today = dayOf(new Date());
  try {
    const range = rangeOf(granularity, from, to);
    const last = minDay(range.to ?? today, today);
    return Math.max(1, countPeriods(granularity, range.from ?? addYears(last, -ASSUMED_YEARS), last));
  } catch (error) {
    // The field says so itself, and reads nothing.
    if (error instanceof BadInput) return 1;
    throw error;
  }
}

/** What a board costs: for everybody in each metric what is not kept. No other field shares that. */
export function costOfBoard({ metric, metrics, period, asOf }: AskedBoard): number {
  const asked = period == null ? null : parsePeriod(period);
  const isLookedUp = asOf == null && (asked === null || isAlwaysKept(metric, null, asked));
  const further = (metrics?.length ?? 1) - 1;
  return isLookedUp ? COST_OF_RANKING * (1 + further) : COST_OF_ALL + COST_OF_FURTHER * further;
}

/** What it costs to work out a list of what follows from everything that was known of so many subjects. */
export function costOfListThen(subjects: number): number {
  return Math.min(subjects * COST_OF_SUBJECT, COST_OF_ALL);
}

/** Whether the values of such periods are kept: by a granularity, or the text of a period. */
function isKept(periods: SeriesGranularity | string): boolean {
  if (periods === 'YEAR_TO_DATE' || periods === 'WEEK') return false;
  const period = parsePeriod(periods);
  return period === null || isAlwaysKept('DELIVERIES', null, period);
}

function timeOf(asOf: Date | 'now' | null | undefined): string {
  return asOf instanceof Date ? asOf.toISOString() : 'now';
}
