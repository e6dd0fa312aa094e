import type { Subject } from '../database/generated/client.ts';
import { elapsedBetween, parsePartialDate } from './calendar.ts';
import { compareClaims } from './claim-order.ts';
import { asRanked, type RankedClaim } from './milestone-summary.ts';

export const ELAPSED_UNITS = ['days', 'months', 'years'] as const;
/** The most that is taken of any unit: a thousand years of days. */
export const MAX_ELAPSED = 365_250;

/** Days in a mean month of the Gregorian calendar: 146,097 days in 4,800 months. */
const DAYS_PER_MONTH = 146_097 / 4_800;

/** Where milestones of unknown length are sorted to: behind all others. */
const NEVER = 2_147_483_647;

/** How long it took, and since when; a part that the dates leave open is null. */
export interface MilestoneElapsed {
  /** Complete calendar months. */
  readonly months: number | null;
  /** Days after the last complete month. */
  readonly days: number | null;
  /** All days together. */
  readonly totalDays: number | null;
  /** The least and the most days that the known dates allow; null where they say nothing. */
  readonly totalDaysMin: number | null;
  readonly totalDaysMax: number | null;
  readonly since: string | null;
  readonly sinceWhat: string | null;
  /** Whether a source said so, or the dates do. */
  readonly stated: boolean;
}

type Beginnings = Pick<Subject, 'firstDeliveryOn' | 'launchedOn'>;

/**
 * How long a milestone took: from the subject's first delivery when both days are known, else as the best claim states it.
 * Dates known only to the month or year give a range of days, and months only where every possible day gives the same number.
 */
export function elapsedOf(
  subject: Beginnings,
  reachedOn: string | null,
  claims: readonly RankedClaim[],
): MilestoneElapsed | null {
  const computed = computedElapsed(subject.firstDeliveryOn, reachedOn);
  if (computed !== null && computed.totalDays !== null) return computed;
  const stated = statedElapsed(claims);
  if (stated === null) return computed;
  // Days since the first delivery say nothing of a length that is counted from something else.
  if (computed === null || stated.sinceWhat !== computed.sinceWhat) return stated;
  return { ...stated, totalDaysMin: computed.totalDaysMin, totalDaysMax: computed.totalDaysMax };
}

/** The whole days by which milestones are ordered; very large when nothing is known. */
export function elapsedSortOf(subject: Beginnings, reachedOn: string | null, claims: readonly RankedClaim[]): number {
  const elapsed = elapsedOf(subject, reachedOn, claims);
  if (elapsed === null) return NEVER;
  if (elapsed.totalDays !== null) return elapsed.totalDays;
  return elapsed.months === null ? (elapsed.totalDaysMin ?? NEVER) : Math.round(elapsed.months * DAYS_PER_MONTH);
}

function computedElapsed(firstDeliveryOn: string | null, reachedOn: string | null): MilestoneElapsed | null {
  const since = firstDeliveryOn === null ? null : parsePartialDate(firstDeliveryOn);
  const reached = reachedOn === null ? null : parsePartialDate(reachedOn);
  if (since === null || reached === null || reached.first < since.last) return null;
  const shortest = elapsedBetween(since.last, reached.first);
  const longest = elapsedBetween(since.first, reached.last);
  const same = (part: 'months' | 'days' | 'totalDays') => (shortest[part] === longest[part] ? shortest[part] : null);
  const totalDays = same('totalDays');
  return {
    months: same('months'),
    days: totalDays === null ? null : shortest.days,
    totalDays,
    totalDaysMin: shortest.totalDays,
    totalDaysMax: longest.totalDays,
    since: since.text,
    sinceWhat: 'FIRST_DELIVERY',
    stated: false,
  };
}

function statedElapsed(claims: readonly RankedClaim[]): MilestoneElapsed | null {
  const stating = claims.filter(({ rank, statedElapsedValue }) => rank !== 'DEPRECATED' && statedElapsedValue !== null);
  // A starting point that is named is worth more than one that is not; after that the usual order.
  const [best] = stating.sort(
    (a, b) =>
      Number(a.statedElapsedFrom === 'NOT_STATED') - Number(b.statedElapsedFrom === 'NOT_STATED') ||
      compareClaims(asRanked(a), asRanked(b)),
  );
  if (best === undefined) return null;
  const { statedElapsedValue: value, statedElapsedUnit: unit } = best as {
    statedElapsedValue: number;
    statedElapsedUnit: string;
  };
  return {
    months: unit === 'days' ? null : Math.floor(unit === 'years' ? value * 12 : value),
    days: null,
    totalDays: unit === 'days' ? Math.floor(value) : null,
    totalDaysMin: null,
    totalDaysMax: null,
    since: null,
    sinceWhat: best.statedElapsedFrom,
    stated: true,
  };
}
