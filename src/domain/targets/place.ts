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

/** A target with all that was ever said of it. */
export interface Placed extends Aim {
  readonly claims: readonly Goal[];
}

/**
 * Whether a claim can be about a target of a subject that counts the same: it is for the same period and deadline. A claim without either is about
 * one of which its numbers were said, whatever was said since; a growth without a year may have been given one by another source.
 */
export function canBeAbout(target: Placed, said: Aim): boolean {
  if (isTimeless(said)) return saysSame(target, said) && (isTimeless(target) || (isGrowth(said) && !target.deadline));
  const isGivenYear = isTimeless(target) && isGrowth(said) && said.deadline === null;
  return isSameTime(target, said) || (isGivenYear && saysSame(target, said));
}

/** Whether anyone says these numbers of the target. */
export function saysSame(target: Placed, said: Goal): boolean {
  return target.claims.some((claim) => isSameGoal(claim, said));
}

export function isTimeless({ period, deadline }: Aim): boolean {
  return period === null && deadline === null;
}

export function isSameTime(a: Aim, b: Aim): boolean {
  return a.period === b.period && a.deadline?.getTime() === b.deadline?.getTime();
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
  const place = {
    subjectId: owner.subjectId,
    kind: owner.kind,
    counted: sameGoalAs(owner.metric)[0],
    period: aim.period,
    deadline: aim.deadline,
    goal: isTimeless(aim) ? goalIn(aim) : null,
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
