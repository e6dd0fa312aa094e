import type { SpanClaim, Voice } from './weighing.ts';

/** "1,010", "about 1,010" or "at most 5,000", as the best of claims that state the same says it. */
export function phraseOfValue({ claims: [claim], isRounded }: Voice): string {
  return claim === undefined ? '' : `${isRounded ? 'about ' : ''}${phraseOfClaim(claim)}`;
}

/** "15,804,048". */
export function numberOf(value: number): string {
  return value.toLocaleString('en-US');
}

function phraseOfClaim({ value, bounds: { lower, upper }, qualifier }: SpanClaim): string {
  if (value !== null && qualifier !== 'BETWEEN')
    return qualifier === 'EXACT' ? numberOf(value) : `${qualifier.toLowerCase()} ${numberOf(value)}`;
  if (lower === null) return upper === null ? 'any number' : `at most ${numberOf(upper)}`;
  return upper === null ? `at least ${numberOf(lower)}` : `${numberOf(lower)} to ${numberOf(upper)}`;
}
