import { type Span, spanOf } from '../format/span.ts';
import type { Claimed } from './contradictions-query.ts';

/** What is needed of a claim to add it up. */
type Part = Pick<Claimed, 'id' | 'period' | 'value'> & { readonly subject: { readonly id: string } };
type Addend<Claim> = Claim & { readonly span: Span };

/** Claims that a whole should be the sum of. */
export interface Sum<Claim> {
  readonly whole: Addend<Claim>;
  readonly parts: readonly Addend<Claim>[];
  /** What the parts add up to. */
  readonly total: number;
}

/** Finds what adds up to what: periods without a gap between them, or the parts of a whole in its period. Null: nothing does. */
export function sumOf<Claim extends Part>(
  claims: readonly Claim[],
  isSetAside: (id: string) => boolean,
): Sum<Claim> | null {
  const dated = claims.flatMap((claim) => {
    const span = spanOf(claim.period);
    return span === null || claim.value === null ? [] : [{ ...claim, span }];
  });
  // Of claims about the same period the one that counts comes first.
  const ordered = [...dated].sort((a, b) => Number(isSetAside(a.id)) - Number(isSetAside(b.id)));
  for (const whole of [...dated].sort((a, b) => lengthOf(b.span) - lengthOf(a.span))) {
    const parts = tilesOf(whole, ordered) ?? membersOf(whole, ordered);
    const total = parts?.reduce((sum, { value }) => sum + (value ?? 0), 0);
    if (parts !== null && total !== undefined && total !== whole.value) return { whole, parts, total };
  }
  return null;
}

/** Periods of the same subject that follow each other from the first to the last day of the whole. */
function tilesOf<Claim extends Part>(whole: Addend<Claim>, claims: readonly Addend<Claim>[]) {
  const own = claims.filter(
    ({ period, subject, span }) =>
      period !== whole.period && subject.id === whole.subject.id && span.last <= whole.span.last,
  );
  const dead = new Set<number | null>();
  const from = (first: number | null): readonly Addend<Claim>[] | null => {
    if (dead.has(first)) return null;
    for (const part of own.filter(({ span }) => span.first === first)) {
      const rest = part.span.last === whole.span.last ? [] : from(part.span.last + 1);
      if (rest !== null) return [part, ...rest];
    }
    dead.add(first);
    return null;
  };
  return from(whole.span.first);
}

/** What at least two others, its parts, have in the same period. */
function membersOf<Claim extends Part>(whole: Addend<Claim>, claims: readonly Addend<Claim>[]) {
  const others = claims.filter(({ period, subject }) => period === whole.period && subject.id !== whole.subject.id);
  const once = others.filter(
    ({ subject }, index) => others.findIndex((one) => one.subject.id === subject.id) === index,
  );
  return once.length > 1 ? once : null;
}

function lengthOf({ first, last }: Span): number {
  return first === null ? Infinity : last - first;
}
