import { candidatesOf, compareClaims, leadingClaim, type Ranked } from './claim-order.ts';
import { overlaps, widthOf } from './interval.ts';

/** A claim as a sentence names it. */
interface Named extends Ranked {
  readonly publisher: string;
}

/** Why the best claim stands, in one plain sentence. */
export function explain<C extends Named>(claims: readonly C[], best: C): string {
  const candidates = candidatesOf(claims);
  const others = candidates.filter(({ id }) => id !== best.id);
  if (others.length === 0) {
    return best.rank === 'PREFERRED' && claims.length > 1
      ? `The editors prefer what ${best.publisher} says.`
      : `Only ${best.publisher} says so.`;
  }
  const leader = leadingClaim(candidates) as C;
  if (leader.id !== best.id) {
    return `${best.publisher} is more precise than ${leader.publisher}, within the same bounds${against(others, best)}.`;
  }
  const runnerUp = [...others].sort(compareClaims)[0] as C;
  return `Of ${candidates.length} claims the one by ${best.publisher} stands, because it is ${advantage(best, runnerUp)}${against(others, best)}.`;
}

function advantage(best: Ranked, other: Ranked): string {
  if (best.tier !== other.tier) return `closer to the maker (tier ${best.tier} before ${other.tier})`;
  if (widthOf(best.bounds) !== widthOf(other.bounds)) return 'more exact';
  if (best.publishedOn?.getTime() !== other.publishedOn?.getTime()) return 'the newest published';
  return best.recordedAt.getTime() === other.recordedAt.getTime() ? 'the first of equals' : 'the latest recorded';
}

function against(others: readonly Ranked[], best: Ranked): string {
  const contradicting = others.filter(({ bounds }) => !overlaps(bounds, best.bounds)).length;
  if (contradicting === 0) return others.length === 1 ? '; the other agrees' : '; the others agree';
  if (contradicting === others.length)
    return others.length === 1 ? '; the other contradicts it' : '; the others contradict it';
  return `; ${contradicting} of the others ${contradicting === 1 ? 'contradicts' : 'contradict'} it`;
}
