import type { Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Slot, slotKey } from '../claims/slot.ts';
import { isAdditive } from '../values/metric.ts';
import { type Period, type PeriodKind, toDate } from '../values/period.ts';
import { observedFrom } from './kept.ts';
import type { Observed } from './observation.ts';

/** The kinds of periods that are kept wherever anything is known of them. */
const KEPT: ReadonlySet<PeriodKind> = new Set(['MONTH', 'QUARTER', 'HALF', 'YEAR']);

/** Whether such a period is kept whenever anything is known of it: then a missing row means that nothing is. */
export function isAlwaysKept(metric: Metric, withinId: number | null, { kind }: Period): boolean {
  return !isAdditive(metric) || withinId !== null || KEPT.has(kind);
}

/** The kept observations of slots, by the key of their slot. One statement, however many slots there are. */
export async function readObservations(db: Db, slots: readonly Slot[]): Promise<ReadonlyMap<string, Observed>> {
  const distinct = <Key extends 'subjectId' | 'metric'>(key: Key) => [...new Set(slots.map((slot) => slot[key]))];
  const rows = await db.observation.findMany({
    where: {
      slot: { in: [...new Set(slots.map(slotKey))] },
      // For the dependencies of live queries.
      subjectId: { in: distinct('subjectId') },
      metric: { in: distinct('metric') },
    },
  });
  return new Map(rows.map((row) => [row.slot, observedFrom(row)]));
}

/** The newest kept totals to date of subjects in a metric, by subject. */
export async function readLatestTotals(
  db: Db,
  subjectIds: readonly number[],
  metric: Metric,
): Promise<ReadonlyMap<number, Observed>> {
  const days = await db.observation.groupBy({
    by: ['subjectId'],
    where: { subjectId: { in: [...subjectIds] }, metric, kind: 'TO_DATE', withinId: null },
    _max: { periodEnd: true },
  });
  const slots = days.flatMap(({ subjectId, _max: { periodEnd } }) =>
    periodEnd === null
      ? []
      : [{ subjectId, metric, withinId: null, period: toDate(periodEnd.toISOString().slice(0, 10)).text }],
  );
  const found = slots.length === 0 ? new Map<string, Observed>() : await readObservations(db, slots);
  return new Map([...found.values()].map((observed) => [observed.place.subjectId, observed]));
}

/** The kept observations of subjects in a metric and of one kind of period that end between two days, the earliest first. */
export async function readObservationsOfKind(
  db: Db,
  subjectIds: readonly number[],
  metric: Metric,
  kind: PeriodKind,
  days: { readonly from: string | null; readonly to: string | null },
): Promise<readonly Observed[]> {
  const rows = await db.observation.findMany({
    where: {
      subjectId: { in: [...subjectIds] },
      metric,
      kind,
      withinId: null,
      periodEnd: {
        ...(days.from === null ? {} : { gte: new Date(days.from) }),
        ...(days.to === null ? {} : { lte: new Date(days.to) }),
      },
    },
    orderBy: [{ subjectId: 'asc' }, { periodEnd: 'asc' }],
  });
  return rows.map((row) => observedFrom(row));
}
