import { type Interval, isInside, overlaps, widthOf } from '../values/interval.ts';

/** The properties that rank claims about the same thing. */
export interface Ranked {
  readonly id: number;
  readonly rank: 'PREFERRED' | 'NORMAL' | 'DEPRECATED';
  /** From 1, the maker itself, to 4, the general press. */
  readonly tier: number;
  readonly bounds: Interval;
  readonly publishedOn: Date | null;
  readonly recordedAt: Date;
}

/**
 * The best of the claims. Deprecated ones never count, and if there are preferred ones, only these count.
 * The order is: tier, narrower bounds, newest publication, latest recording, id. Finally the result is refined: of the other claims whose
 * bounds lie inside the leader's, the narrowest takes its place. Null when no claim counts.
 */
export function bestClaim<C extends Ranked>(claims: readonly C[]): C | null {
  const leader = leadingClaim(claims);
  if (leader === null) return null;
  const finer = candidatesOf(claims).filter(
    ({ bounds }) => isInside(bounds, leader.bounds) && widthOf(bounds) < widthOf(leader.bounds),
  );
  return finer.sort((a, b) => compare(widthOf(a.bounds), widthOf(b.bounds)) || compareClaims(a, b))[0] ?? leader;
}

/** The claim that leads before refinement; null when no claim counts. */
export function leadingClaim<C extends Ranked>(claims: readonly C[]): C | null {
  return candidatesOf(claims).sort(compareClaims)[0] ?? null;
}

/** SOLE if only one claim counts, AGREES if all bounds overlap those of the best claim, else CONFLICTS. */
export function agreementOf<C extends Ranked>(claims: readonly C[], best: C): 'SOLE' | 'AGREES' | 'CONFLICTS' {
  const candidates = candidatesOf(claims);
  if (candidates.length === 1) return 'SOLE';
  return candidates.every(({ bounds }) => overlaps(bounds, best.bounds)) ? 'AGREES' : 'CONFLICTS';
}

/** A total order, the better claim first. */
export function compareClaims(a: Ranked, b: Ranked): number {
  return (
    a.tier - b.tier ||
    compare(widthOf(a.bounds), widthOf(b.bounds)) ||
    compare(
      b.publishedOn?.getTime() ?? Number.NEGATIVE_INFINITY,
      a.publishedOn?.getTime() ?? Number.NEGATIVE_INFINITY,
    ) ||
    compare(b.recordedAt.getTime(), a.recordedAt.getTime()) ||
    a.id - b.id
  );
}

/** The claims that count: those not deprecated; if there are preferred ones, only these. */
export function candidatesOf<C extends Ranked>(claims: readonly C[]): C[] {
  const counting = claims.filter(({ rank }) => rank !== 'DEPRECATED');
  const preferred = counting.filter(({ rank }) => rank === 'PREFERRED');
  return preferred.length > 0 ? preferred : counting;
}

/** Not by subtraction: the difference of two infinities is NaN. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
