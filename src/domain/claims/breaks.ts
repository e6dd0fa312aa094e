import type { Metric } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import type { Day } from '../values/calendar.ts';
import { type Period, parsePeriod } from '../values/period.ts';
import { isCurrent } from './figure-input.ts';
import type { Slot } from './slot.ts';

/** The series of a subject in a metric, within a market if there is one. */
export type SeriesOf = Omit<Slot, 'period'>;

/** Where a redefined series begins: what is counted, or how, differs from then on. */
export interface Break {
  readonly subjectId: number;
  /** The period of the claim that says so, in its canonical text. */
  readonly period: string;
  /** Its first day. Of a total to date, its last. */
  readonly day: Day;
}

/** A claim with which a redefined series begins. */
export type BreakingClaim = Awaited<ReturnType<typeof readBreakingClaims>>[number];

/** All claims with which a redefined series ever began, of subjects in metrics. One statement. */
export function readBreakingClaims(db: Db, subjectIds: readonly number[], metrics: readonly Metric[]) {
  return db.figure.findMany({
    where: { subjectId: { in: [...subjectIds] }, metric: { in: [...metrics] }, breaks: true },
    select: {
      ...{ subjectId: true, metric: true, withinId: true, period: true, rank: true },
      ...{ knownFrom: true, knownUntil: true, claimKey: true },
    },
  });
}

/** The breaks that current claims state, each once, the earliest first; as known at an instant, if one is given. */
export function breaksOf(claims: readonly BreakingClaim[], asOf: Date | null): readonly Break[] {
  const breaks = new Map<string, Break>();
  for (const claim of claims) {
    const period = isCurrent(claim, asOf) && claim.rank !== 'DEPRECATED' ? parsePeriod(claim.period) : null;
    if (period === null) continue;
    const { subjectId } = claim;
    breaks.set(`${subjectId}|${period.text}`, { subjectId, period: period.text, day: period.start ?? period.end });
  }
  return [...breaks.values()].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

/** Those that begin in a period, its first day included. */
export function breaksWithin(breaks: readonly Break[], { start, end }: Period): readonly Break[] {
  return breaks.filter(({ day }) => (start === null || start <= day) && day <= end);
}

/** Whether values of the two periods, the earlier one first, do not count the same, or one of them not all its days the same. */
export function liesBetween(breaks: readonly Break[], earlier: Period, later: Period): boolean {
  return breaks.some(({ day }) => (earlier.start === null || earlier.start < day) && day <= later.end);
}
