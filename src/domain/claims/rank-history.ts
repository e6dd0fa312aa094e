import type { Figure, FigureRank, Prisma } from '../../database/generated/client.ts';

type Rank = Pick<Figure, 'rank' | 'rankReason'>;

/** The ranks of figures in the order in which they were given, to be read along with the figures. */
export const RANKS = { ranks: { orderBy: { id: 'asc' } } } as const satisfies Prisma.FigureInclude;

/** The row for the rank with which a figure begins. None for a figure that is NORMAL without a reason, as nearly all are. */
export function firstRanks(
  figure: Rank & Pick<Figure, 'knownFrom'>,
): readonly Pick<FigureRank, 'rank' | 'reason' | 'knownFrom'>[] {
  const { rank, rankReason, knownFrom } = figure;
  return rank === 'NORMAL' && rankReason === null ? [] : [{ rank, reason: rankReason, knownFrom }];
}

/** A figure with the rank that it had at an instant; its present one without an instant. Takes all ranks that it ever had, in their order. */
export function rankedAt<F extends Rank>(
  figure: F,
  ranks: readonly Pick<FigureRank, 'rank' | 'reason' | 'knownFrom'>[],
  asOf: Date | null,
): F {
  if (asOf === null) return figure;
  const known = ranks.filter(({ knownFrom }) => knownFrom <= asOf).at(-1);
  return { ...figure, rank: known?.rank ?? 'NORMAL', rankReason: known?.reason ?? null };
}
