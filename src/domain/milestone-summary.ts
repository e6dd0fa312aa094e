import type { MilestoneClaim, MilestoneStatus, Publisher, Source } from '../database/generated/client.ts';
import { type Day, parsePartialDate } from './calendar.ts';
import { agreementOf, bestClaim, type Ranked } from './claim-order.ts';
import type { Interval } from './interval.ts';

/** Where milestones without a day are sorted to: behind all others. */
export const NO_DAY: Day = '9999-12-31';

const MS_PER_DAY = 86_400_000;
const ANY_DAY: Interval = { lower: null, upper: null };

/** A claim with what ranks it. */
export type RankedClaim = MilestoneClaim & { readonly tier: number; readonly publishedOn: Date | null };

/** What the claims about a milestone amount to. */
export interface MilestoneSummary {
  readonly status: MilestoneStatus;
  /** The best day, as precisely as it was given. */
  readonly reachedOn: string | null;
  readonly agreement: 'SOLE' | 'AGREES' | 'CONFLICTS';
}

/**
 * The status and the day that the claims amount to, by the order of figures: a day's bounds are its first and last possible day.
 * Only expected: EXPECTED. All deprecated: DISPUTED, and the day of the best of those is shown.
 */
export function summarise(claims: readonly RankedClaim[]): MilestoneSummary {
  const said = claims.map(asRanked);
  const counting = said.filter(({ rank }) => rank !== 'DEPRECATED');
  const reached = counting.filter(({ expected }) => !expected);
  const relevant =
    reached.length > 0
      ? reached
      : counting.length > 0
        ? counting
        : said.map((claim) => ({ ...claim, rank: 'NORMAL' as const }));
  const dated = relevant.filter(({ on }) => on !== null);
  const best = bestClaim(dated);
  const first = best ?? bestClaim(relevant);
  return {
    status: reached.length > 0 ? 'ANNOUNCED' : counting.length > 0 ? 'EXPECTED' : 'DISPUTED',
    reachedOn: best?.on ?? null,
    agreement: first === null ? 'SOLE' : agreementOf(relevant, first),
  };
}

/** Claims with what ranks them taken from their sources. */
export function rankedClaims(
  claims: readonly (MilestoneClaim & { readonly source: Source & { readonly publisher: Publisher } })[],
): readonly RankedClaim[] {
  return claims.map((claim) => ({
    ...claim,
    tier: claim.source.publisher.tier,
    publishedOn: claim.source.publishedOn,
  }));
}

/** A claim as it is weighed: its bounds are the first and the last day it can mean. */
export function asRanked(claim: RankedClaim): Ranked & { readonly on: string | null; readonly expected: boolean } {
  return { ...claim, bounds: boundsOfDay(claim.on) };
}

function boundsOfDay(on: string | null): Interval {
  const date = on === null ? null : parsePartialDate(on);
  return date === null
    ? ANY_DAY
    : { lower: Date.parse(date.first) / MS_PER_DAY, upper: Date.parse(date.last) / MS_PER_DAY };
}
