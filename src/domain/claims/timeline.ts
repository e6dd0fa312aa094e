/** Something with days; without a first day it began whenever its subject did. */
interface Spanned {
  readonly start: number | null;
  readonly end: number;
}

/** Spans in the order of their last days, in which those around some days are found without a look at all of them. */
export interface Timeline<Item extends Spanned> {
  readonly items: readonly Item[];
  /** For each place the earliest first day from there on. */
  readonly earliest: readonly number[];
}

export function timelineOf<Item extends Spanned>(items: readonly Item[]): Timeline<Item> {
  const sorted = [...items].sort((a, b) => a.end - b.end);
  const earliest: number[] = new Array<number>(sorted.length);
  let first = Number.POSITIVE_INFINITY;
  for (let place = sorted.length - 1; place >= 0; place -= 1) {
    first = Math.min(first, sorted[place]?.start ?? Number.NEGATIVE_INFINITY);
    earliest[place] = first;
  }
  return { items: sorted, earliest };
}

/** Those with a day among these, both included, in the order of their last days. */
export function* within<Item extends Spanned>(
  { items, earliest }: Timeline<Item>,
  from: number,
  until: number,
): Iterable<Item> {
  for (let place = placeOf(items, from); place < items.length; place += 1) {
    if ((earliest[place] as number) > until) return;
    const item = items[place] as Item;
    if (item.start === null || item.start <= until) yield item;
  }
}

/** Those that end before a day, the last first. */
export function* endingBefore<Item extends Spanned>({ items }: Timeline<Item>, day: number): Iterable<Item> {
  for (let place = placeOf(items, day) - 1; place >= 0; place -= 1) yield items[place] as Item;
}

/** The place of the first that ends on a day or after it. */
function placeOf(items: readonly Spanned[], day: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as Spanned).end < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
