import type { ClaimRank } from '../../database/generated/client.ts';
import { groupBy } from '../values/group.ts';
import type { Interval } from '../values/interval.ts';
import { type Questioned, type Window, windowsOf } from './near-claims.ts';
import type { Slot } from './slot.ts';
import { type Stated, statedOn } from './stated.ts';

/** A claim that was read. Days are serial numbers; it begins after one, or at the start if that is null. */
export interface ReadClaim extends Slot {
  readonly after: number | null;
  readonly through: number;
  readonly value: number | null;
  readonly bounds: Interval;
  readonly rank: ClaimRank;
  readonly isCurrent: boolean;
}

/** Of all claims about the subjects of questioned values those that `knownOf` reads of the subjects themselves, one for each slot. */
export function nearAmong(claims: readonly ReadClaim[], questioned: readonly Questioned[]): readonly Stated[] {
  const bySubject = groupBy(claims, ({ subjectId }) => subjectId);
  const places = groupBy(windowsOf(questioned), ({ subjectId, metric }) => `${subjectId}|${metric}`);
  return [...places.values()].flatMap((windows) => {
    const [{ subjectId, metric }] = windows as readonly [Window];
    const own = (bySubject.get(subjectId) ?? []).filter(
      (claim) => claim.metric === metric && claim.isCurrent && claim.rank !== 'DEPRECATED',
    );
    const totals = totalsAround(windows, own);
    const near = own.filter(
      (claim) =>
        statesNumber(claim) &&
        (windows.some(({ from, until }) => from <= claim.through && claim.through <= until) ||
          (claim.after === null && totals.has(claim.through))),
    );
    const slots = groupBy(near, ({ period, withinId }) => (withinId === null ? period : `${period}|${withinId}`));
    return [...slots.values()].flatMap((ofSlot) => statedIn(ofSlot) ?? []);
  });
}

/** The days of the last total to date before each window, and of the first after it. */
function totalsAround(windows: readonly Window[], claims: readonly ReadClaim[]): ReadonlySet<number> {
  const days = claims.filter(({ after }) => after === null).map(({ through }) => through);
  if (days.length === 0) return new Set();
  return new Set(
    windows.flatMap(({ from, until }) => [
      days.reduce((last, day) => (day < from && day > last ? day : last), Number.NEGATIVE_INFINITY),
      days.reduce((first, day) => (day > until && day < first ? day : first), Number.POSITIVE_INFINITY),
    ]),
  );
}

function statesNumber({ value, bounds: { lower, upper } }: ReadClaim): boolean {
  return value !== null || lower !== null || upper !== null;
}

/** As wide as all claims of a slot; of the preferred ones, if there are any. */
function statedIn(claims: readonly ReadClaim[]): Stated | null {
  const preferred = claims.filter(({ rank }) => rank === 'PREFERRED');
  const counting = preferred.length > 0 ? preferred : claims;
  const { subjectId, metric, period, withinId, after, through } = claims[0] as ReadClaim;
  let [low, high, lower] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let upper: number | null = Number.NEGATIVE_INFINITY;
  for (const { value, bounds } of counting) {
    low = Math.min(low, value ?? bounds.lower ?? bounds.upper ?? 0);
    high = Math.max(high, value ?? bounds.upper ?? bounds.lower ?? 0);
    lower = Math.min(lower, bounds.lower ?? 0);
    upper = upper === null || bounds.upper === null ? null : Math.max(upper, bounds.upper);
  }
  const start = after === null ? null : after + 1;
  return statedOn({ subjectId, metric, period, withinId, start, end: through, low, high, lower, upper });
}
