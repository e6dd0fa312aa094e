import type { Subject } from '../../database/generated/client.ts';
import { compareClaims } from '../claims/claim-order.ts';
import { asRanked, type RankedClaim } from '../claims/milestone-claims.ts';
import { elapsedBetween, parsePartialDate } from '../values/calendar.ts';

export const ELAPSED_UNITS = ['days', 'months', 'years'] as const;
/** Maximum of each unit: a thousand years of days. */
export const MAX_ELAPSED = 365_250;

/** Days in a mean month of the Gregorian calendar: 146,097 days in 4,800 months. */
const DAYS_PER_MONTH = 146_097 / 4_800;

/** Sorts milestones of unknown length after all others. */
const NEVER = 2_147_483_647;

/** How long it took, and since when. A part that the dates do not determine is null. */
export interface MilestoneElapsed {
  /** Complete calendar months. */
  readonly months: number | null;
  /** Days after the last complete month. */
  readonly days: number | null;
  /** All days together. */
  readonly totalDays: number | null;
  /** The least and the most days that the known dates allow; null if they determine nothing. */
  readonly totalDaysMin: number | null;
  readonly totalDaysMax: number | null;
  readonly since: string | null;
  readonly sinceWhat: string | null;
  /** True if a source states it, false if it is computed from dates. */
  readonly stated: boolean;
}

/** What says when a subject began. */
export type Beginnings = Pick<Subject, 'firstDeliveryOn' | 'launchedOn'>;

/**
 * How long a milestone took: from the subject's first delivery if both days are known, else as the best claim states it.
 * Dates known only to the month or year give a range of days, and months only if every possible day gives the same number.
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
  // Days since the first delivery do not apply to a length that is counted from something else.
  if (computed === null || stated.sinceWhat !== computed.sinceWhat) return stated;
  return { ...stated, totalDaysMin: computed.totalDaysMin, totalDaysMax: computed.totalDaysMax };
}

/** The number of days by which milestones are sorted; very large if unknown. */
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
  // A claim with a named starting point comes before one without; then the usual order applies.
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
