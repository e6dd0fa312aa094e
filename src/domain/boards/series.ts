import type { Metric } from '../../database/generated/client.ts';
import { BadInput } from '../../errors.ts';
import { present } from '../../required.ts';
import type { MetricHistory } from '../estimates/history.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import type { DaysBetween } from '../estimates/reading.ts';
import { type Day, dayAt, dayOf, maxDay, minDay, parseDay } from '../values/calendar.ts';
import { checkDate } from '../values/date-input.ts';
import { type Growth, growthOf } from '../values/interval.ts';
import {
  countPeriods,
  PERIOD_FORMATS,
  type Period,
  parsePeriod,
  periodsBetween,
  previousPeriod,
  type SeriesGranularity,
  yearAgo,
} from '../values/period.ts';
import { collectProblems } from '../values/problems.ts';
import { remember } from '../values/remember.ts';

/** A hundred years of months; requests for more periods are refused. */
const MAX_PERIODS = 1_200;

/** Many series of one answer go by the same periods, and have the same bases. */
const MOST_REMEMBERED = 2_000;
const MOST_LISTS = 100;

const previousOf = remember(MOST_REMEMBERED, (text) => previousPeriod(requirePeriod(text)));
const yearBefore = remember(MOST_REMEMBERED, (text) => yearAgo(requirePeriod(text)));
const listed = remember(MOST_LISTS, (text): readonly Period[] => {
  const [granularity, first, last] = text.split('|') as [SeriesGranularity, Day, Day];
  return periodsBetween(granularity, first, last);
});

/** The earlier period that a change is measured against: the one before, or the same of the year before. */
export type Over = 'PREVIOUS' | 'YEAR_AGO';

/** The observations of one granularity, in order, and the periods without data. */
export interface SubjectSeries {
  readonly subjectId: number;
  readonly metric: Metric;
  readonly granularity: SeriesGranularity;
  readonly observations: readonly Observed[];
  readonly missing: readonly Period[];
}

/**
 * Which periods of a series: all that touch these days. Dates that are not given: from the first, and to the last period of which
 * anything is known.
 */
export interface SeriesRange {
  readonly granularity: SeriesGranularity;
  readonly from: Day | null;
  readonly to: Day | null;
}

/** Growth with the value it is measured against. */
export interface GrowthOver extends Growth {
  readonly base: number | null;
}

/** Parses a period; throws BadInput (INVALID_PERIOD) if the text is not one. */
export function requirePeriod(text: string, path = 'period'): Period {
  const period = parsePeriod(text);
  if (period !== null) return period;
  throw new BadInput([
    {
      code: 'INVALID_PERIOD',
      path: [path],
      message: `"${text}" is not a period; write ${PERIOD_FORMATS}.`,
      didYouMean: [],
    },
  ]);
}

/** Parses a day; throws BadInput (INVALID_INPUT) if the text is not one. */
export function requireDay(text: string, path: string): Day {
  const day = parseDay(text);
  if (day !== null) return day;
  throw new BadInput([
    { code: 'INVALID_INPUT', path: [path], message: `"${text}" is not a day; write 2026-01-13.`, didYouMean: [] },
  ]);
}

/** The range of a series, to the end of the period that it ends in; throws BadInput if a text is not a date. */
export function rangeOf(
  granularity: SeriesGranularity,
  from: string | null | undefined,
  to: string | null | undefined,
): SeriesRange {
  const [first, last] = [dateArgument('from', from)?.first ?? null, dateArgument('to', to)?.last ?? null];
  return { granularity, from: first, to: last === null ? null : endOfPeriodAt(granularity, last) };
}

/** The periods of a range of which a history can know anything. Throws BadInput (TOO_MANY) for more than 1,200 periods. */
export function observationsIn(history: MetricHistory, range: SeriesRange): readonly Observed[] {
  if (history.known === null) return [];
  const { granularity, from, to } = range;
  const first = dayAt(history.known.first);
  // The range can begin after the last known day and still in the same period.
  const last = endOfPeriodAt(granularity, dayAt(history.known.last));
  const periods = countedPeriods(granularity, maxDay(from ?? first, first), minDay(to ?? last, last));
  return periods.flatMap((period) => observationOf(history, period) ?? []);
}

/**
 * A series from everything that is known of its periods: what tells more than nothing, and what is missing. Throws BadInput (TOO_MANY) for
 * more than 1,200 periods.
 */
export function seriesOf(
  place: Pick<SubjectSeries, 'subjectId' | 'metric'>,
  { granularity, from, to }: SeriesRange,
  known: readonly Observed[],
): SubjectSeries {
  const told = known.filter(({ value, lower }) => value !== null || (lower ?? 0) > 0);
  const byPeriod = new Map(told.map((observed) => [observed.period.text, observed]));
  // A year to date begins before its month: the first period is the one that ends when the first known one does.
  const first = from ?? told[0]?.period.end;
  const last = to ?? told.at(-1)?.period.end ?? dayOf(new Date());
  const periods = first == null ? [] : countedPeriods(granularity, first, last);
  return {
    ...place,
    granularity,
    observations: periods.flatMap(({ text }) => byPeriod.get(text) ?? []),
    missing: periods.filter(({ text }) => (byPeriod.get(text)?.value ?? null) === null),
  };
}

/** The period that a change is measured against. Null if there is none. */
export function baseOf({ text }: Period, over: Over): Period | null {
  return over === 'PREVIOUS' ? previousOf(text) : yearBefore(text);
}

/** The days on which the periods of a range end, and those that their changes are measured against; of each period its last day. */
export function daysWithBases(
  { granularity, from, to }: SeriesRange,
  overs: ReadonlySet<Over>,
): readonly DaysBetween[] {
  if (from === null) return [{ from, to }];
  const baseAt = (day: Day, over: Over): Day | null =>
    baseOf(present(periodsBetween(granularity, day, day)[0]), over)?.end ?? null;
  const main = { from: overs.has('PREVIOUS') ? baseAt(from, 'PREVIOUS') : from, to };
  if (!overs.has('YEAR_AGO') || main.from === null) return [main];
  const bases = { from: baseAt(from, 'YEAR_AGO'), to: to === null ? null : baseAt(to, 'YEAR_AGO') };
  const areApart = bases.to !== null && bases.to < main.from;
  return areApart ? [bases, main] : [{ from: bases.from, to }];
}

/** The change against a base, in percent with bounds; null if either value is unknown. */
export function growthSince(observed: Observed, base: Observed | null): GrowthOver | null {
  if (base === null || base.missing.length > 0 || observed.missing.length > 0) return null;
  const growth = growthOf(observed, base);
  return growth === null ? null : { ...growth, base: base.value };
}

function dateArgument(path: string, text: string | null | undefined) {
  const problems = collectProblems();
  const date = checkDate(problems, path, text);
  problems.throwIfAny();
  return date;
}

/** The last day of the period that a day is in. */
function endOfPeriodAt(granularity: SeriesGranularity, day: Day): Day {
  return present(periodsBetween(granularity, day, day)[0]).end;
}

function countedPeriods(granularity: SeriesGranularity, first: Day, last: Day): readonly Period[] {
  refuseTooMany(countPeriods(granularity, first, last));
  return listed([granularity, first, last].join('|'));
}

function refuseTooMany(count: number): void {
  const problems = collectProblems();
  if (count > MAX_PERIODS)
    problems.add('TOO_MANY', 'from', `${count} periods were asked for; at most ${MAX_PERIODS} are answered at once.`);
  problems.throwIfAny();
}
