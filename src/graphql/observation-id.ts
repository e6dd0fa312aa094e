import { type Slot, slotKey } from '../domain/claims/slot.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { METRICS } from '../domain/values/metric.ts';
import { type Period, parsePeriod } from '../domain/values/period.ts';
import { parseRowId } from './row-id.ts';

/** What identifies an observation. */
export type ObservationKey = Pick<Observed, 'place' | 'period'>;

/**
 * The part of an id after the type: subject, metric, period, market and instant. It depends on nothing else, so that what is pushed has the
 * id of what was asked for.
 */
export function formatObservationKey({ place, period }: ObservationKey): string {
  const { asOf, ...slot } = place;
  return [slotKey({ ...slot, period: period.text }), asOf?.getTime() ?? ''].join('|');
}

/** The same read back. Null for a text that is not one of ours. */
export function parseObservationKey(text: string): ObservationKey | null {
  const [subject = '', name, days = '', market = '', instant = '', ...rest] = text.split('|');
  const subjectId = parseRowId(subject);
  const metric = METRICS.find((one) => one === name);
  const period = parsePeriod(days);
  if (subjectId === null || metric === undefined || period === null || rest.length > 0) return null;
  const key = {
    place: { subjectId, metric, withinId: parseRowId(market), asOf: parseInstant(instant) },
    period,
  } satisfies { place: Omit<Slot, 'period'> & { asOf: Date | null }; period: Period };
  // Only one text stands for each observation.
  return formatObservationKey(key) === text ? key : null;
}

function parseInstant(milliseconds: string): Date | null {
  const instant = new Date(/^-?\d{1,16}$/.test(milliseconds) ? Number(milliseconds) : Number.NaN);
  return Number.isNaN(instant.getTime()) ? null : instant;
}
