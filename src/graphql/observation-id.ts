import { slotKey } from '../domain/claims/slot.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { METRICS } from '../domain/values/metric.ts';
import { parsePeriod } from '../domain/values/period.ts';
import { parseInstant } from './instant.ts';
import { parseRowId } from './row-id.ts';

/** A position in the log. The database answers one of more than 64 bits with an error. */
const POSITION = /^[1-9]\d{0,17}$/;

/** What identifies an observation. */
export interface ObservationKey extends Pick<Observed, 'place' | 'period'> {
  /** The position of the log entry that carries it, if it has changed since. Null: it is the present one, or that of an instant. */
  readonly position: bigint | null;
}

/**
 * The part of an id after the type: subject, metric, period, market and instant. It depends on nothing else, so that what is pushed has the
 * id of what was asked for. Only what a log entry says and is no longer so has a position as well.
 */
export function formatObservationKey({ place, period, position }: ObservationKey): string {
  const { asOf, ...slot } = place;
  const parts = [slotKey({ ...slot, period: period.text }), asOf?.getTime() ?? ''];
  return [...parts, ...(position === null ? [] : [position])].join('|');
}

/** The same read back. Null for a text that is not one of ours. */
export function parseObservationKey(text: string): ObservationKey | null {
  const [subject = '', name, days = '', market = '', instant = '', place, ...rest] = text.split('|');
  const subjectId = parseRowId(subject);
  const metric = METRICS.find((one) => one === name);
  const period = parsePeriod(days);
  if (subjectId === null || metric === undefined || period === null || rest.length > 0) return null;
  const key = {
    place: { subjectId, metric, withinId: parseRowId(market), asOf: parseInstant(instant) },
    period,
    position: POSITION.test(place ?? '') ? BigInt(place as string) : null,
  };
  // Only one text stands for each observation.
  return formatObservationKey(key) === text ? key : null;
}
