import { groupBy } from '../values/group.ts';
import { consistsOfMonths, parsePeriod } from '../values/period.ts';
import type { MetricHistory } from './history.ts';

/** Days as a network counts them: after one and until another. Null: from the start. */
interface Span {
  readonly after: number | null;
  readonly through: number;
}

interface Stated extends Span {
  readonly period: string;
}

/** A span that has a beginning. */
export interface Gap extends Span {
  readonly after: number;
}

/** The last of the fewest stated periods that lead from a beginning to a day. */
interface Step {
  readonly tile: Stated | null;
  readonly count: number;
}

/** The days to which stated periods lead from one beginning, found as far as they were asked for. */
interface Reach {
  readonly steps: Map<number | null, Step>;
  /** How many of the days were looked at. */
  looked: number;
}

interface Index {
  readonly byAfter: ReadonlyMap<number | null, readonly Stated[]>;
  /** The last days, in order. */
  readonly days: readonly number[];
  readonly reaches: Map<number | null, Reach>;
  readonly ofMonths: readonly Stated[];
}

/** They never go stale, because a history never changes. */
const indexes = new WeakMap<MetricHistory, Index>();

/** The texts of the fewest stated periods that follow each other from the first day of a span to its last. Null if there are none. */
export function statedTilesOf(history: MetricHistory, { after, through }: Span): readonly string[] | null {
  const index = indexOf(history);
  if (!index.byAfter.has(after)) return null;
  const { steps } = reachTo(index, after, through);
  const tiles: string[] = [];
  for (let day: number | null = through; day !== after; ) {
    const tile: Stated | null = steps.get(day)?.tile ?? null;
    if (tile === null) return null;
    tiles.push(tile.period);
    day = tile.after;
  }
  return tiles.reverse();
}

/** What the stated runs of months that follow each other within a span leave out of it, if as little as possible. */
export function gapsBesideStated(history: MetricHistory, { after, through }: Gap): readonly Gap[] {
  const inside = indexOf(history).ofMonths.filter((tile) => (tile.after ?? after) >= after && tile.through <= through);
  const byThrough = groupBy(inside, (tile) => tile.through);
  const days = [...new Set([after, through, ...inside.flatMap((tile) => [tile.after ?? after, tile.through])])];
  /** The fewest days that are left out until each day, and the day before it on that way. */
  const ways = new Map<number, { readonly leftOut: number; readonly from: number; readonly isGap: boolean }>();
  const leftOutUntil = (day: number): number => ways.get(day)?.leftOut ?? 0;
  for (const [place, day] of days.sort((a, b) => a - b).entries()) {
    const before = days[place - 1];
    if (before === undefined) continue;
    const all = [
      { leftOut: leftOutUntil(before) + day - before, from: before, isGap: true },
      ...(byThrough.get(day) ?? []).flatMap((tile) =>
        tile.after === null ? [] : [{ leftOut: leftOutUntil(tile.after), from: tile.after, isGap: false }],
      ),
    ];
    ways.set(
      day,
      all.reduce((best, way) => (way.leftOut < best.leftOut ? way : best)),
    );
  }
  const gaps: Gap[] = [];
  for (let day = through; day !== after; ) {
    const way = ways.get(day);
    if (way === undefined) break;
    const [earliest] = gaps;
    if (way.isGap && earliest?.after === day) gaps[0] = { after: way.from, through: earliest.through };
    else if (way.isGap) gaps.unshift({ after: way.from, through: day });
    day = way.from;
  }
  return gaps;
}

/** Looks on from a beginning until a day: many questions begin on the same day. */
function reachTo({ byAfter, days, reaches }: Index, after: number | null, through: number): Reach {
  const reach = reaches.get(after) ?? { steps: new Map(), looked: after === null ? 0 : firstAfter(days, after) };
  if (!reaches.has(after)) {
    reaches.set(after, reach);
    goOn(reach.steps, byAfter, after, 0);
  }
  for (; reach.looked < days.length; reach.looked += 1) {
    const day = days[reach.looked] as number;
    if (day >= through) break;
    const step = reach.steps.get(day);
    if (step !== undefined) goOn(reach.steps, byAfter, day, step.count);
  }
  return reach;
}

/** Notes the days to which the periods after a day lead. */
function goOn(steps: Reach['steps'], byAfter: Index['byAfter'], day: number | null, count: number): void {
  for (const tile of byAfter.get(day) ?? []) {
    const known = steps.get(tile.through);
    if (known === undefined || count + 1 < known.count) steps.set(tile.through, { tile, count: count + 1 });
  }
}

function indexOf(history: MetricHistory): Index {
  const known = indexes.get(history);
  if (known !== undefined) return known;
  const stated = [...history.slots.values()];
  const index = {
    byAfter: groupBy<Stated, number | null>(stated, ({ after }) => after),
    days: [...new Set(stated.map(({ through }) => through))].sort((a, b) => a - b),
    reaches: new Map<number | null, Reach>(),
    ofMonths: stated.filter(({ period }) => {
      const parsed = parsePeriod(period);
      return parsed !== null && consistsOfMonths(parsed);
    }),
  };
  indexes.set(history, index);
  return index;
}

/** The place of the first day after another, in sorted days. */
function firstAfter(days: readonly number[], day: number): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((days[middle] as number) > day) high = middle;
    else low = middle + 1;
  }
  return low;
}
