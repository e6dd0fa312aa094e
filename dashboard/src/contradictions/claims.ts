import { shareOf, shown } from '../format/number.ts';
import { period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import type { Claimed, Contradiction } from './contradictions-query.ts';

/** A smaller part is not told exactly. */
const SMALLEST = 0.001;

/** Where on a line of values a claim is: at its value, or else at the bound that it states. */
export function placeOf({ value, lower, upper }: Pick<Claimed, 'value' | 'lower' | 'upper'>): number {
  return value ?? lower ?? upper ?? 0;
}

/** What the claim is about, in words: its period, and its subject where the contradiction has several. */
export function aboutOf(claim: Claimed, { subject }: Pick<Contradiction, 'subject'>): string {
  const when = period(claim.period);
  return claim.subject.id === subject.id ? when : `${nameOf(claim.subject)} ${when}`;
}

/** How far the claims are apart, as a part of the largest of them. Null: it cannot be said. */
export function shareApart({
  gap,
  figures,
}: Pick<Contradiction, 'gap'> & { readonly figures: readonly Pick<Claimed, 'value' | 'lower' | 'upper'>[] }):
  | number
  | null {
  const largest = Math.max(0, ...figures.map(placeOf));
  return largest === 0 ? null : gap / largest;
}

/** A part of a value in percent, which is never 0 where there is a difference. */
export function smallShare(share: number): string {
  return share > 0 && share < SMALLEST ? `<${shareOf(SMALLEST)}` : shareOf(share);
}

/** The number of a claim with who says so. */
export function saidBy(claims: readonly Claimed[]): string {
  const [first] = claims;
  if (first === undefined) return '';
  return `${shown(first)} (${claims.map(({ source }) => source.publisher.name).join(', ')})`;
}
