import type { Metric } from '../database/generated/client.ts';
import { METRICS } from '../domain/values/metric.ts';
import { parseInstant } from './instant.ts';
import { parseRowId } from './row-id.ts';

/** What identifies a contradiction as known at an instant. Not its row: there is none if nobody asked before the claims were restated. */
export interface ContradictionKey {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly withinId: number | null;
  /** The hash of its claims. */
  readonly identity: string;
  readonly asOf: Date;
}

/** What identifies a milestone as known at an instant: one of a number by that number, any other by its row. */
export type MilestoneKey = {
  readonly asOf: Date;
} & ({ readonly rowId: number } | { readonly subjectId: number; readonly metric: Metric; readonly threshold: number });

/** The part of an id after the type. */
export function formatContradictionKey({ subjectId, metric, withinId, identity, asOf }: ContradictionKey): string {
  return [subjectId, metric, withinId, identity, asOf.getTime()].join('|');
}

/** The same read back. Null for a text that is not one of ours. */
export function parseContradictionKey(text: string): ContradictionKey | null {
  const [subject = '', name, market = '', identity = '', instant = '', ...rest] = text.split('|');
  const [subjectId, metric, asOf] = [parseRowId(subject), metricOf(name), parseInstant(instant)];
  const isOurs = rest.length === 0 && /^[0-9a-f]{64}$/.test(identity);
  if (!isOurs || subjectId === null || metric === null || asOf === null) return null;
  const key = { subjectId, metric, withinId: parseRowId(market), identity, asOf };
  // Only one text stands for each.
  return formatContradictionKey(key) === text ? key : null;
}

/** The part of an id after the type. */
export function formatMilestoneKey(key: MilestoneKey): string {
  const what = 'rowId' in key ? [key.rowId] : [key.subjectId, key.metric, key.threshold];
  return [...what, key.asOf.getTime()].join('|');
}

/** The same read back. Null for a text that is not one of ours. */
export function parseMilestoneKey(text: string): MilestoneKey | null {
  const parts = text.split('|');
  const [first, asOf] = [parseRowId(parts[0] ?? ''), parseInstant(parts.at(-1) ?? '')];
  if (first === null || asOf === null) return null;
  const [, name, threshold] = parts;
  const [metric, value] = [metricOf(name), Number(threshold)];
  const ofNumber = metric === null ? null : { subjectId: first, metric, threshold: value, asOf };
  const key = parts.length === 2 ? { rowId: first, asOf } : ofNumber;
  return key !== null && Number.isFinite(value || 0) && formatMilestoneKey(key) === text ? key : null;
}

function metricOf(name: string | undefined): Metric | null {
  return METRICS.find((one) => one === name) ?? null;
}
