import type { MilestoneClaim, MilestoneStatus, Publisher, Source } from '../../database/generated/client.ts';
import { type Day, parsePartialDate } from '../values/calendar.ts';
import type { Interval } from '../values/interval.ts';
import { agreementOf, bestClaim, type Ranked } from './claim-order.ts';

/** Sorts milestones without a day after all others. */
export const NO_DAY: Day = '9999-12-31';

const MS_PER_DAY = 86_400_000;
const ANY_DAY: Interval = { lower: null, upper: null };

/** What has to be read of a milestone's claim to rank it. */
export const RANKED = { source: { include: { publisher: true } } } as const;

/** A claim with the properties that rank it. */
export type RankedClaim = MilestoneClaim & { readonly tier: number; readonly publishedOn: Date | null };

/** The result of the claims about a milestone. */
export interface MilestoneSummary {
  readonly status: MilestoneStatus;
  /** The best day, as precise as the claim gives it. */
  readonly reachedOn: string | null;
  readonly agreement: 'SOLE' | 'AGREES' | 'CONFLICTS';
}

/**
 * The status and the day of a milestone by its claims, in the order of figures' claims; the bounds of a day are its first and last
 * possible day.
 * Only expectations: EXPECTED. All claims deprecated: DISPUTED, with the day of the best of them.
 */
export function summarise(claims: readonly RankedClaim[]): MilestoneSummary {
  const ranked = claims.map(asRanked);
  const counting = ranked.filter(({ rank }) => rank !== 'DEPRECATED');
  const reached = counting.filter(({ expected }) => !expected);
  const relevant =
    reached.length > 0
      ? reached
      : counting.length > 0
        ? counting
        : ranked.map((claim) => ({ ...claim, rank: 'NORMAL' as const }));
  const dated = relevant.filter(({ on }) => on !== null);
  const best = bestClaim(dated);
  const first = best ?? bestClaim(relevant);
  return {
    status: reached.length > 0 ? 'ANNOUNCED' : counting.length > 0 ? 'EXPECTED' : 'DISPUTED',
    reachedOn: best?.on ?? null,
    agreement: first === null ? 'SOLE' : agreementOf(relevant, first),
  };
}

/** Adds to claims the properties of their sources that rank them. */
export function rankedClaims(
  claims: readonly (MilestoneClaim & { readonly source: Source & { readonly publisher: Publisher } })[],
): readonly RankedClaim[] {
  return claims.map((claim) => ({
    ...claim,
    tier: claim.source.publisher.tier,
    publishedOn: claim.source.publishedOn,
  }));
}

/** A claim in the form that the order of claims takes: its bounds are the first and the last day it can mean. */
export function asRanked(claim: RankedClaim): Ranked & { readonly on: string | null; readonly expected: boolean } {
  return { ...claim, bounds: boundsOfDay(claim.on) };
}

function boundsOfDay(on: string | null): Interval {
  const date = on === null ? null : parsePartialDate(on);
  return date === null
    ? ANY_DAY
    : { lower: Date.parse(date.first) / MS_PER_DAY, upper: Date.parse(date.last) / MS_PER_DAY };
}
