import type { Metric, Target } from '../../database/generated/client.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { addDays, type Day, daysBetween, lastDayOfMonth, monthsBetween } from '../values/calendar.ts';
import { parsePeriod, yearAgo } from '../values/period.ts';
import { type Projection, projectedDay, projectedTotal } from './projection.ts';
import {
  type Aimed,
  type Goal,
  goalOf,
  isMet,
  isMissed,
  leastGrowthOf,
  type Reached,
  reachedBy,
  reachedIn,
  type Span,
} from './reached.ts';

const AHEAD = 1.05;
const BEHIND = 0.95;

export type VerdictName = 'MET' | 'MISSED' | 'AHEAD' | 'ON_TRACK' | 'BEHIND' | 'UNDETERMINED' | 'NO_DATA';

/** The progress of a target. */
export interface Progress {
  /** What was counted. */
  readonly metric: Metric;
  /** What is reached. Null if nothing is reported. */
  readonly observed: Observed | null;
  readonly achieved: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** The achieved share of the target: 1 is all of it. */
  readonly ratio: number | null;
  readonly remaining: number | null;
  readonly dataUntil: Day | null;
  readonly requiredPerMonth: number | null;
  readonly requiredPerDay: number | null;
  /**
   * The ratio divided by the share of time for which there is data: 1 is exactly on pace. Of a growth target: what is reached, divided by
   * what the same days of the year before come to with the least growth.
   */
  readonly paceIndex: number | null;
  readonly verdict: VerdictName;
  readonly projectedOn: Day | null;
  readonly projected: Projection | null;
}

/**
 * The progress of a target by a history, as it is on a day: the total over its period as far as it is reported without a gap, or as far as
 * anything is known if that decides.
 * The remainder is spread over the time after the last report, not after today. Once the period is over, nothing is left to come.
 */
export function progressOf(target: Aimed & Pick<Target, 'period'>, history: MetricHistory, today: Day): Progress {
  const period = target.period === null ? null : parsePeriod(target.period);
  const goal = goalOf(target, history, period);
  const span = period !== null && period.start !== null ? { start: period.start, end: period.end } : null;
  const last = period?.end ?? target.deadline?.toISOString().slice(0, 10) ?? null;
  const isOver = last !== null && last < today;
  const reached = span === null ? reachedBy(history, last, goal) : reachedIn(history, span, goal);
  const projected = span === null || reached === null || isOver ? null : projectedTotal(history, span, reached);
  const known = { ...NOTHING, ...amountOf(reached), metric: history.metric, projected };
  if (goal === null) return { ...known, verdict: 'NO_DATA' };
  const remaining = Math.max(0, goal.value - (known.achieved ?? 0));
  const required = span === null || isOver ? NO_PACE : requiredPace(remaining, span, reached?.until ?? null);
  if (reached === null) return { ...known, ...required, remaining, verdict: 'NO_DATA' };
  const ratio = known.achieved === null ? null : known.achieved / goal.value;
  const paceIndex =
    span === null || ratio === null
      ? null
      : (paceOfGrowth(target, history, reached) ?? ratio / elapsedShare(span, reached.until));
  return {
    ...known,
    ratio,
    remaining,
    ...required,
    paceIndex,
    verdict: verdictOf(reached, goal, isOver ? null : paceIndex),
    projectedOn: remaining === 0 || isOver ? null : projectedDay(history, reached, remaining, { span, last }),
  };
}

/**
 * Of the progress by several metrics the first that decides, or that reaches as far as any other: another metric may know a year of which
 * this one has only the first months.
 */
export function furthestOf(all: readonly Progress[]): Progress | undefined {
  const reached = all.map(({ dataUntil }) => dataUntil ?? '');
  const last = reached.sort().at(-1);
  return all.find(({ verdict, dataUntil }) => isFinal(verdict) || (dataUntil ?? '') === last);
}

function isFinal(verdict: VerdictName): boolean {
  return verdict === 'MET' || verdict === 'MISSED';
}

const NO_PACE = { requiredPerMonth: null, requiredPerDay: null };
const NOTHING = { ...NO_PACE, ratio: null, remaining: null, paceIndex: null, projectedOn: null };

function amountOf(reached: Reached | null) {
  if (reached === null) return { observed: null, achieved: null, lower: null, upper: null, dataUntil: null };
  const { observed, until } = reached;
  const { value, lower, upper } = observed;
  return { observed, achieved: value ?? lower, lower, upper, dataUntil: until };
}

function verdictOf({ observed, complete }: Reached, goal: Goal, paceIndex: number | null): VerdictName {
  if (isMet(observed, goal)) return 'MET';
  if (complete) return isMissed(observed, goal) ? 'MISSED' : 'UNDETERMINED';
  if (paceIndex === null) return 'UNDETERMINED';
  return paceIndex >= AHEAD ? 'AHEAD' : paceIndex < BEHIND ? 'BEHIND' : 'ON_TRACK';
}

/** Months differ, so a growth is measured by the same days of the year before. Null if they are not known, or for a target of a number. */
function paceOfGrowth(target: Aimed, history: MetricHistory, { observed }: Reached): number | null {
  const achieved = observed.value ?? observed.lower;
  const before = yearAgo(observed.period);
  const base = before === null ? null : observationOf(history, before);
  const percent = leastGrowthOf(target);
  if (percent === null || achieved === null || base === null || base.value === null || base.value === 0) return null;
  return (achieved * 100) / (base.value * (100 + percent));
}

/** The remainder, spread over the months and days of the period after the last report. */
function requiredPace(remaining: number, { start, end }: Span, until: Day | null) {
  const from = until === null ? start : addDays(until, 1);
  if (from > end) return NO_PACE;
  return {
    requiredPerMonth: remaining / monthsIn(from, end),
    requiredPerDay: remaining / (daysBetween(from, end) + 1),
  };
}

/** The share of the period that has passed at the end of a day, in months; an incomplete month counts by its days. */
function elapsedShare({ start, end }: Span, until: Day): number {
  return monthsIn(start, until) / monthsIn(start, end);
}

/** The months from one day to another, both inclusive; an incomplete one counts by its days. */
function monthsIn(from: Day, to: Day): number {
  return monthsBetween(from, to) + dayOfMonth(to) / daysInMonth(to) - (dayOfMonth(from) - 1) / daysInMonth(from);
}

function daysInMonth(day: Day): number {
  return dayOfMonth(lastDayOfMonth(day));
}

function dayOfMonth(day: Day): number {
  return Number(day.slice(8));
}
