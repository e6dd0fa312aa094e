import type { Metric, MilestoneKind, MilestoneStatus, Subject } from '../database/generated/client.ts';
import { type Day, parsePartialDate } from './calendar.ts';
import { elapsedSortOf } from './milestone-elapsed.ts';
import type { Evidence } from './milestone-evidence.ts';
import { NO_DAY, type RankedClaim, summarise } from './milestone-summary.ts';
import { foldText } from './text.ts';

/** What is counted, as a title says it. */
const NOUNS: Partial<Record<Metric, string>> = {
  DELIVERIES: 'deliveries',
  PRODUCTION: 'vehicles produced',
  SALES: 'vehicles sold',
  WHOLESALE: 'vehicles wholesaled',
  RETAIL: 'vehicles retailed',
  REGISTRATIONS: 'registrations',
  EXPORTS: 'vehicles exported',
};

/** The columns of a milestone that follow from its claims and the figures. */
export interface MilestoneState {
  readonly status: MilestoneStatus;
  readonly reachedOn: string | null;
  readonly sortOn: Date;
  readonly elapsedSort: number;
  readonly windowFrom: Date | null;
  readonly windowUntil: Date | null;
}

/** What makes two claims be about one milestone: subject, kind, metric and threshold; for other kinds than UNITS the title as well. */
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

/** The title of a milestone that the figures found. */
export function unitsTitle(subject: Pick<Subject, 'name'>, metric: Metric, threshold: number): string {
  return `${subject.name} passes ${threshold.toLocaleString('en-US')} ${NOUNS[metric] ?? metric}`;
}

/** Works out what a milestone is from what sources say and, given the day they claim, what the figures say. */
export function rowOf(
  subject: Subject,
  claims: readonly RankedClaim[],
  evidenceOn: (claimedOn: string | null) => Evidence,
): MilestoneState {
  const said = claims.length === 0 ? null : summarise(claims);
  const evidence = evidenceOn(said?.reachedOn ?? null);
  const crossed = evidence.kind === 'CROSSED' ? evidence : null;
  const reachedOn = said?.reachedOn ?? (crossed === null ? null : commonDate(crossed.windowFrom, crossed.windowUntil));
  const firstDay =
    reachedOn === null ? (crossed?.windowFrom ?? crossed?.windowUntil) : parsePartialDate(reachedOn)?.first;
  return {
    status: statusOf(said?.status ?? null, evidence.kind),
    reachedOn,
    sortOn: new Date(firstDay ?? NO_DAY),
    elapsedSort: elapsedSortOf(subject, reachedOn, claims),
    windowFrom: crossed?.windowFrom == null ? null : new Date(crossed.windowFrom),
    windowUntil: crossed === null ? null : new Date(crossed.windowUntil),
  };
}

/** What sources say (null: nothing) together with what the figures say. */
function statusOf(said: MilestoneStatus | null, evidence: Evidence['kind']): MilestoneStatus {
  switch (said) {
    case 'ANNOUNCED':
      return evidence === 'CROSSED' ? 'CONFIRMED' : evidence === 'BELOW' ? 'DISPUTED' : 'ANNOUNCED';
    case null:
      return evidence === 'CROSSED' ? 'DETECTED' : 'WITHDRAWN';
    // Expected by some, or told only by claims that do not count: the figures alone can say that it was reached.
    default:
      return evidence === 'CROSSED' ? 'DETECTED' : said;
  }
}

/** The most precise date that holds every day of a window. */
function commonDate(from: Day | null, until: Day): string | null {
  if (from === null) return null;
  if (from === until) return until;
  if (from.slice(0, 7) === until.slice(0, 7)) return until.slice(0, 7);
  return from.slice(0, 4) === until.slice(0, 4) ? until.slice(0, 4) : null;
}
