import { required } from '../../required.ts';
import { groupBy } from '../values/group.ts';
import { isAdditive } from '../values/metric.ts';
import { type Series, type SlotValues, seriesKey } from './known-series.ts';
import type { Link } from './near-claims.ts';
import { clashInFamily, clashInTime, writeClash } from './nesting.ts';
import { slotKey } from './slot.ts';
import type { Stated } from './stated.ts';

/** Says with what a value cannot be true at the same time: the closest such value as a sentence, and how many more there are. Null if there is none. */
export type ClashFinder = (value: Stated) => string | null;

/** A value with which another one clashes; with the link if it is its part or its whole. */
interface Clashing {
  readonly other: Stated;
  readonly link: Link | null;
}

/** Called with each value with which one clashes; with the link if the other is its part or its whole. */
type Visit = (other: SlotValues, link: Link | null) => void;

/**
 * Finds the values with which one cannot be true at the same time, and for which it is to blame: recorded ones, and those of the batch that
 * clash with no more values than itself. So one slip in a list is reported once, and not again at every value that it contradicts.
 */
export function clashFinder(allSeries: ReadonlyMap<string, Series>, links: readonly Link[]): ClashFinder {
  const linksOf = groupBy(
    links.flatMap((link) => [
      { id: link.partId, link },
      { id: link.wholeId, link },
    ]),
    ({ id }) => id,
  );
  const slotOf = (value: Stated): SlotValues | undefined => allSeries.get(seriesKey(value))?.slots.get(slotKey(value));
  const visit = (value: Stated, found: Visit): void => {
    visitSeries(value, required(allSeries, seriesKey(value)), found);
    for (const { link } of linksOf.get(value.subjectId) ?? []) {
      const relative = link.partId === value.subjectId ? link.wholeId : link.partId;
      const other = slotOf({ ...value, subjectId: relative });
      if (other !== undefined && clashInFamily(value, other.all, link) !== 0) found(other, link);
    }
  };
  const counts = new Map<Stated, number>();
  const countOf = (value: Stated): number => {
    const known = counts.get(value);
    if (known !== undefined) return known;
    let count = 0;
    visit(value, () => {
      count += 1;
    });
    counts.set(value, count);
    return count;
  };
  return (value) => {
    const own = countOf(value);
    if (own === 0) return null;
    let closest: Clashing | null = null;
    let others = -1;
    visit(value, ({ recorded, all: other }, link) => {
      if (recorded === null && countOf(other) > own) return;
      if (closest === null || daysBetween(value, other) < daysBetween(value, closest.other)) closest = { other, link };
      others += 1;
    });
    if (closest === null) return null;
    const { other, link } = closest as Clashing;
    const more = others === 0 ? '' : ` ${others} other value${others === 1 ? ' says' : 's say'} the same.`;
    return writeClash(value, other, link) + more;
  };
}

function visitSeries(value: Stated, { ordered }: Series, found: Visit): void {
  if (!isAdditive(value.metric)) return;
  const { start, end } = value;
  for (const other of ordered) {
    // Periods without a common day say nothing about each other. Most pairs are such, and there can be a million.
    if (start !== null && other.all.start !== null && (other.all.end < start || end < other.all.start)) continue;
    // Equal periods are never within each other, so its own slot is left out too.
    if (clashInTime(value, other.all) !== 0) found(other, null);
  }
}

function daysBetween(a: Stated, b: Stated): number {
  return Math.abs(a.end - b.end);
}
