import { addMonths, lastDayOfMonth } from '../../src/domain/values/calendar.ts';

/** What a board ranks. */
interface Sized {
  readonly subjectId: number;
  readonly value: number | null;
  readonly lower: number | null;
}

export interface BoardEntry {
  readonly rank: number;
  readonly previousRank: number | null;
  readonly share: number;
}

/** How many are shown on a board. */
const SHOWN = 20;

/** The last days of the months from one to another. */
export function spanOf(from: string, to: string): { readonly gte: Date; readonly lte: Date } {
  return { gte: new Date(`${from}-01`), lte: new Date(lastDayOfMonth(`${to}-01`)) };
}

export function monthBefore(month: string): string {
  return addMonths(`${month}-01`, -1).slice(0, 7);
}

export function sameMonthYearBefore(month: string): string {
  return addMonths(`${month}-01`, -12).slice(0, 7);
}

/** Ranks the observations of a month against those of the month before; equal values share a rank. */
export function boardOf<Row extends Sized>(now: readonly Row[], before: readonly Row[]) {
  const sizes = sizesOf(now);
  const previous = sizesOf(before.filter(({ subjectId }) => sizes.has(subjectId)));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const entries = now.flatMap((observation) => {
    const size = sizes.get(observation.subjectId);
    if (size === undefined) return [];
    const sizeBefore = previous.get(observation.subjectId);
    return [
      {
        rank: rankOf(size, sizes),
        previousRank: sizeBefore === undefined ? null : rankOf(sizeBefore, previous),
        share: size / total,
        observation,
      },
    ];
  });
  entries.sort((a, b) => a.rank - b.rank || a.observation.subjectId - b.observation.subjectId);
  return { total, entries: entries.slice(0, SHOWN) };
}

function sizesOf(rows: readonly Sized[]): ReadonlyMap<number, number> {
  const known = rows.map(({ subjectId, value, lower }) => [subjectId, value ?? lower ?? 0] as const);
  return new Map(known.filter(([, size]) => size > 0));
}

function rankOf(size: number, sizes: ReadonlyMap<number, number>): number {
  return 1 + [...sizes.values()].filter((other) => other > size).length;
}
