import type { Metric, MilestoneKind, MilestoneStatus, Subject } from '../../database/generated/client.ts';
import { NO_DAY, type RankedClaim, summarise } from '../claims/milestone-claims.ts';
import { type Day, parsePartialDate, quarterOf } from '../values/calendar.ts';
import { nounOf } from '../values/metric.ts';
import { foldText } from '../values/text.ts';
import type { Crossing } from './crossing.ts';
import { type Beginnings, elapsedSortOf } from './elapsed.ts';

const NO_WINDOW = { windowFrom: null, windowUntil: null };

/** The columns of a milestone that follow from its claims and the figures. */
export interface MilestoneState {
  readonly status: MilestoneStatus;
  readonly reachedOn: string | null;
  readonly sortOn: Date;
  readonly elapsedSort: number;
  readonly windowFrom: Date | null;
  readonly windowUntil: Date | null;
}

/** The key that claims about one milestone share: subject, kind, metric and threshold; for kinds other than UNITS also the title. */
export function milestoneKey(
  subjectId: number,
  {
    kind,
    metric,
    threshold,
    title,
  }: { kind: MilestoneKind; metric?: Metric | null | undefined; threshold?: number | null | undefined; title: string },
): string {
  const parts = [subjectId, kind, metric ?? '', threshold ?? ''];
  return (kind === 'UNITS' ? parts : [...parts, foldText(title)]).join('|');
}

/** The title of a detected milestone. */
export function unitsTitle(subject: Pick<Subject, 'name'>, metric: Metric, threshold: number): string {
  return `${subject.name} passes ${threshold.toLocaleString('en-US')} ${nounOf(metric)}`;
}

/** Computes a milestone's state from its claims and from when the figures cross the threshold. `crossingOn` gets the announced day. */
export function rowOf(
  subject: Beginnings,
  claims: readonly RankedClaim[],
  crossingOn: (claimedOn: string | null) => Crossing,
): MilestoneState {
  const claimed = claims.length === 0 ? null : summarise(claims);
  const crossing = crossingOn(claimed?.status === 'ANNOUNCED' ? claimed.reachedOn : null);
  const { windowFrom, windowUntil } = crossing.kind === 'UNKNOWN' ? NO_WINDOW : crossing;
  const reachedOn = claimed?.reachedOn ?? (windowUntil === null ? null : commonDate(windowFrom, windowUntil));
  const firstDay = reachedOn === null ? (windowFrom ?? windowUntil) : parsePartialDate(reachedOn)?.first;
  return {
    status: statusOf(claimed?.status ?? null, crossing.kind),
    reachedOn,
    sortOn: new Date(firstDay ?? NO_DAY),
    elapsedSort: elapsedSortOf(subject, reachedOn, claims),
    windowFrom: windowFrom === null ? null : new Date(windowFrom),
    windowUntil: windowUntil === null ? null : new Date(windowUntil),
  };
}

/** Combines the status of the claims (null: there are none) with the crossing. */
function statusOf(claimed: MilestoneStatus | null, crossing: Crossing['kind']): MilestoneStatus {
  switch (claimed) {
    case 'ANNOUNCED':
      return crossing === 'CROSSED' ? 'CONFIRMED' : crossing === 'ELSEWHERE' ? 'DISPUTED' : 'ANNOUNCED';
    case null:
      return crossing === 'CROSSED' ? 'DETECTED' : 'WITHDRAWN';
    // Only expected, or claimed only by claims that do not count: then only the figures can show that it was reached.
    default:
      return crossing === 'CROSSED' ? 'DETECTED' : claimed;
  }
}

/** The most precise date that contains every day of a window. */
function commonDate(from: Day | null, until: Day): string | null {
  if (from === null) return null;
  if (from === until) return until;
  if (from.slice(0, 7) === until.slice(0, 7)) return until.slice(0, 7);
  if (quarterOf(from) === quarterOf(until)) return quarterOf(until);
  return from.slice(0, 4) === until.slice(0, 4) ? until.slice(0, 4) : null;
}
