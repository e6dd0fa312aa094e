import { createHash } from 'node:crypto';
import type { Metric, Target, TargetKind } from '../../database/generated/client.ts';
import { type Day, dayOf, parsePartialDate, startOfDay, yearOf } from '../values/calendar.ts';
import { type Period, parsePeriod, periodFromDays } from '../values/period.ts';
import { type Goal, goalIn, isSameGoal } from './claims.ts';
import { sameGoalAs } from './measures.ts';

/** When a target is to be reached, and by how much: what tells two targets of a subject apart. */
export interface Aim extends Goal {
  readonly period: string | null;
  readonly deadline: Date | null;
}

/** What makes a target one, apart from its time: whose it is, of which kind, and what is counted. */
export interface Owner {
  readonly subjectId: number;
  readonly kind: TargetKind;
  readonly metric: Metric;
}

/**
 * Whether two targets of a subject that count the same are one: for the same period and deadline. A target without either is the one with the
 * same numbers; a growth without a year is also the one that another source gives a year.
 */
export function isSameAim(a: Aim, b: Aim): boolean {
  const isTimeless = [a, b].some(({ period, deadline }) => period === null && deadline === null);
  const isSameTime = a.period === b.period && a.deadline?.getTime() === b.deadline?.getTime();
  if (!isTimeless) return isSameTime;
  return isSameGoal(a, b) && (isSameTime || (isGrowth(a) && a.deadline === null && b.deadline === null));
}

/** The period in which a target is to be reached: for a growth without a year the year after the one in which it was set. Null: none. */
export function periodOf(target: Aim & Pick<Target, 'setOn'>, knownFrom: Date | null): Period | null {
  if (target.period !== null) return parsePeriod(target.period);
  if (target.deadline !== null || !isGrowth(target)) return null;
  const set = target.setOn === null ? null : parsePartialDate(target.setOn);
  const day = set?.first ?? (knownFrom === null ? null : dayOf(knownFrom));
  if (day === null) return null;
  const year = yearOf(day) + 1;
  return periodFromDays(`${year}-01-01`, `${year}-12-31`);
}

/** The identity of a new target: its place among those of its subject. It never changes, because the log vouches for it. */
export function identityOf(owner: Owner, aim: Aim, revisesId: number | null): string {
  const isTimeless = aim.period === null && aim.deadline === null;
  const place = {
    subjectId: owner.subjectId,
    kind: owner.kind,
    counted: sameGoalAs(owner.metric)[0],
    period: aim.period,
    deadline: aim.deadline,
    goal: isTimeless ? goalIn(aim) : null,
    revisesId,
  };
  return createHash('sha256').update(JSON.stringify(place)).digest('hex');
}

/**
 * The instant from which a claim counts: the start of its source's publication day, or if that is not known of the day on which the target was
 * set; the recording, if that is earlier or neither is known.
 */
export function claimKnownFrom(publishedOn: Date | null, setOn: string | null, recordedAt: Date): Date {
  const set = setOn === null ? null : (parsePartialDate(setOn)?.last ?? null);
  const day: Day | null = publishedOn?.toISOString().slice(0, 10) ?? set;
  if (day === null) return recordedAt;
  const start = startOfDay(day);
  return start < recordedAt ? start : recordedAt;
}

function isGrowth({ value, lower, growthMinPercent, growthMaxPercent }: Goal): boolean {
  return value === null && lower === null && (growthMinPercent !== null || growthMaxPercent !== null);
}
