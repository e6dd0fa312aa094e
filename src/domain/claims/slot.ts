import type { Metric } from '../../database/generated/client.ts';

/** What a claim is about: subject, metric, period, and the market if it is a share. */
export interface Slot {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly period: string;
  readonly withinId: number | null;
}

/** The unique key of a slot, as text. */
export function slotKey({ subjectId, metric, period, withinId }: Slot): string {
  return `${subjectId}|${metric}|${period}|${withinId ?? ''}`;
}
