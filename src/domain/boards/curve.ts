import type { Metric, Subject } from '../../database/generated/client.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { keptPeriods } from '../estimates/kept-periods.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { type Day, lastDayOfMonth, monthsBetween, parsePartialDate } from '../values/calendar.ts';

export type CurveStartName = 'FIRST_DELIVERY' | 'FOUNDED' | 'FIRST_KNOWN';

/** How much was counted of a subject to the end of each month. */
export interface CurveData {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly alignedTo: CurveStartName | null;
  /** The date that months are counted from, as precisely as it is known. */
  readonly start: string | null;
  readonly points: readonly CurvePointData[];
}

/** What is known to the end of a month. */
export interface CurvePointData {
  readonly on: Day;
  /** Calendar months from the month of the start: 0 in this month. Null: nobody knows the month of the start, or none was asked for. */
  readonly monthsSinceStart: number | null;
  readonly total: Observed;
}

/** The curve from the totals to the ends of months. Those of which nothing is known are left out, and those before the start. */
export function curveOf(
  subject: Pick<Subject, 'id' | 'firstDeliveryOn' | 'foundedOn'>,
  metric: Metric,
  alignedTo: CurveStartName | null,
  totals: readonly Observed[],
): CurveData {
  const told = totals.filter(
    ({ period: { end }, value, lower }) => end === lastDayOfMonth(end) && (value !== null || (lower ?? 0) > 0),
  );
  const start = startOf(subject, alignedTo, told);
  const month = monthOfStart(start);
  const points = told.map((total): CurvePointData => {
    const on = total.period.end;
    return { on, monthsSinceStart: month === null ? null : monthsBetween(month, on), total };
  });
  return {
    ...{ subjectId: subject.id, metric, alignedTo, start },
    points: points.filter(({ monthsSinceStart }) => (monthsSinceStart ?? 0) >= 0),
  };
}

/** The totals to date that are kept of a history, worked out from its claims, the earliest first. */
export function totalsOf(history: MetricHistory): readonly Observed[] {
  const totals = keptPeriods(history).filter(({ after }) => after === null);
  return totals.sort((a, b) => a.through - b.through).flatMap(({ period }) => observationOf(history, period) ?? []);
}

function startOf(
  { firstDeliveryOn, foundedOn }: Pick<Subject, 'firstDeliveryOn' | 'foundedOn'>,
  alignedTo: CurveStartName | null,
  told: readonly Observed[],
): string | null {
  switch (alignedTo) {
    case 'FIRST_DELIVERY':
      return firstDeliveryOn;
    case 'FOUNDED':
      return foundedOn;
    case 'FIRST_KNOWN':
      // The first month of which more than nothing is known.
      return told.find(({ value, lower }) => (value ?? lower ?? 0) > 0)?.period.end.slice(0, 7) ?? null;
    case null:
      return null;
  }
}

/** The first day of the start, if its month is known. */
function monthOfStart(start: string | null): Day | null {
  const date = start === null ? null : parsePartialDate(start);
  return date === null || date.first.slice(0, 7) !== date.last.slice(0, 7) ? null : date.first;
}
