import { firstDay } from '../catalog/memberships.ts';
import { dayNumber } from '../values/calendar.ts';
import { groupBy } from '../values/group.ts';
import type { Known, SubjectFacts } from './near-claims.ts';
import { slotKey } from './slot.ts';
import { isPeriod, type Stated, widest } from './stated.ts';
import { type Timeline, timelineOf } from './timeline.ts';
import { increasesOf, type KnownTotals } from './totals.ts';

/** A value of the batch, with the key of its source and slot. */
export interface BatchValue {
  readonly value: Stated;
  readonly claimKey: string;
}

/** What is stated about one slot. */
export interface SlotValues {
  readonly recorded: Stated | null;
  readonly sent: readonly BatchValue[];
  /** As wide as all of it. */
  readonly all: Stated;
}

/** What is stated about one subject, metric and market, in an order that does not depend on that of the batch. */
export interface Series extends KnownTotals {
  readonly slots: ReadonlyMap<string, SlotValues>;
  readonly ordered: readonly SlotValues[];
  readonly timeline: Timeline<{ readonly slot: SlotValues; readonly start: number | null; readonly end: number }>;
}

/** Everything that is stated, recorded or sent, by subject, metric and market; the keys are those of `seriesKey`. */
export function collectSeries(batch: readonly BatchValue[], known: Known): ReadonlyMap<string, Series> {
  const recorded = new Map(known.recorded.map((stated) => [slotKey(stated), stated]));
  const sent = groupBy(batch, ({ value }) => slotKey(value));
  const slots = [...new Set([...recorded.keys(), ...sent.keys()])].map((key): readonly [string, SlotValues] => {
    const inSlot = { recorded: recorded.get(key) ?? null, sent: sent.get(key) ?? [] };
    return [key, { ...inSlot, all: widestOf(inSlot, null) as Stated }];
  });
  const series = [...groupBy(slots, ([, { all }]) => seriesKey(all))];
  return new Map(
    series.map(([key, entries]) => [key, seriesOf(entries, known.subjects.get(entries[0]?.[1].all.subjectId ?? 0))]),
  );
}

/** The key of a subject, a metric and a market. */
export function seriesKey({ subjectId, metric, withinId }: Stated): string {
  return `${subjectId}|${metric}|${withinId ?? ''}`;
}

/** What a slot holds besides one claim of the batch, or with null all of it; null if that is nothing. */
export function widestOf({ recorded, sent }: Omit<SlotValues, 'all'>, except: string | null): Stated | null {
  const others = sent.flatMap(({ value, claimKey }) => (claimKey === except ? [] : [value]));
  const [first, ...rest] = recorded === null ? others : [recorded, ...others];
  return first === undefined ? null : rest.reduce(widest, first);
}

/** The first day that a subject's first delivery, or else its launch, can mean; null if neither is known. */
export function firstDayOf(subject: SubjectFacts | undefined): number | null {
  const day = subject?.firstDeliveryOn ?? subject?.launchedOn ?? null;
  return day === null ? null : dayNumber(firstDay(day));
}

function seriesOf(entries: readonly (readonly [string, SlotValues])[], subject: SubjectFacts | undefined): Series {
  const ordered = entries.map(([, slot]) => slot).sort((a, b) => inOrder(a.all, b.all));
  const values = ordered.map(({ all }) => all);
  const founded = subject?.foundedOn == null ? null : dayNumber(firstDay(subject.foundedOn));
  const start = firstDayOf(subject) ?? founded;
  const totals = values.filter((value) => !isPeriod(value));
  const amounts = values.filter(isPeriod);
  const increases = increasesOf(totals, start);
  return {
    slots: new Map(entries),
    ordered,
    timeline: timelineOf(ordered.map((slot) => ({ slot, start: slot.all.start, end: slot.all.end }))),
    amounts,
    totals,
    increases,
    paces: [timelineOf(amounts), timelineOf(increases.filter((increase) => increase !== null))],
    start,
  };
}

function inOrder(a: Stated, b: Stated): number {
  return a.end - b.end || (a.period < b.period ? -1 : 1);
}
