import type { Total } from './alliance-query.ts';

interface Sum {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

type Summed = Pick<Total, 'membersWithData' | 'memberCount' | 'missing'> & {
  readonly parts: readonly Sum[];
};

/** What the known members add up to: a value if all of them are known, otherwise a lower bound; nothing if none is known. */
export function sumOf({ parts, membersWithData, memberCount, missing }: Summed): Sum {
  if (parts.length === 0) return { value: null, lower: null, upper: null };
  const isWhole = missing.length === 0 && membersWithData === memberCount;
  const lower = parts.reduce((sum, part) => sum + (part.value ?? part.lower ?? 0), 0);
  const upper = parts.reduce((sum, part) => sum + (part.value ?? part.upper ?? Infinity), 0);
  if (isWhole && lower === upper) return { value: lower, lower, upper };
  return { value: null, lower, upper: isWhole && upper !== Infinity ? upper : null };
}
