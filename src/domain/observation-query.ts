import type { Subject } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { BadInput } from '../errors.ts';
import { type Day, dayOf, parseDay, parsePartialDate } from './calendar.ts';
import { deriveObservation, type Ledger, type Observed, toDatePoints } from './derivation.ts';
import { type Growth, growthOf } from './interval.ts';
import {
  type Granularity,
  PERIOD_FORMATS,
  type Period,
  parsePeriod,
  periodsBetween,
  previousPeriod,
  toDate,
  yearAgo,
} from './period.ts';
import { collectProblems } from './problems.ts';

/** A century of months; more periods at once are refused. */
const MAX_PERIODS = 1_200;

/** The observations of one granularity, in order, and the periods of which nothing is known. */
export interface SeriesOfOne {
  readonly ledger: Ledger;
  readonly granularity: Granularity;
  readonly observations: readonly Observed[];
  readonly missing: readonly Period[];
}

/** Growth with the value it is measured from. */
export interface GrowthOver extends Growth {
  readonly base: number | null;
}

/** The period of a text; BadInput (INVALID_PERIOD) when it is none. */
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

/** The day of a text; BadInput (INVALID_INPUT) when it is none. */
export function requireDay(text: string, path: string): Day {
  const day = parseDay(text);
  if (day !== null) return day;
  throw new BadInput([
    { code: 'INVALID_INPUT', path: [path], message: `"${text}" is not a day; write 2026-01-13.`, didYouMean: [] },
  ]);
}

/** The market a share is of; undefined for a slug that names none. */
export async function findMarketId(db: Db, slug: string | null | undefined): Promise<number | null | undefined> {
  if (slug == null) return null;
  const market: Pick<Subject, 'id'> | null = await db.subject.findUnique({ where: { slug }, select: { id: true } });
  return market?.id;
}

/** The to-date value of a day; without a day the newest that is known. */
export function cumulativeOf(ledger: Ledger, on: string | null | undefined): Observed | null {
  return on == null ? (toDatePoints(ledger).at(-1) ?? null) : deriveObservation(ledger, toDate(requireDay(on, 'on')));
}

/** The observations of every period of a granularity between two dates; without dates from the first to the last period that anything is known of. */
export function seriesOf(
  ledger: Ledger,
  granularity: Granularity,
  from: string | null | undefined,
  to: string | null | undefined,
): SeriesOfOne {
  const known = [ledger, ...ledger.brands]
    .flatMap(({ asserted }) => [...asserted.keys()])
    .flatMap((text) => {
      const period = parsePeriod(text);
      return period === null || period.start === null ? [] : [{ start: period.start, end: period.end }];
    });
  const first = dateArgument('from', from)?.first ?? known.map(({ start }) => start).sort()[0];
  const last =
    dateArgument('to', to)?.last ??
    known
      .map(({ end }) => end)
      .sort()
      .at(-1) ??
    dayOf(new Date());
  const periods = first === undefined ? [] : periodsBetween(granularity, first, last);
  refuseTooMany(periods.length);
  const observations: Observed[] = [];
  const missing: Period[] = [];
  for (const period of periods) {
    const observed = deriveObservation(ledger, period);
    if (observed === null || observed.missing.length > 0) missing.push(period);
    else observations.push(observed);
  }
  return { ledger, granularity, observations, missing };
}

/** The change against the period before, or the same a year ago, in percent with its bounds; null where either value is not known. */
export function growthSince(observed: Observed, over: 'PREVIOUS' | 'YEAR_AGO'): GrowthOver | null {
  const period = over === 'PREVIOUS' ? previousPeriod(observed.period) : yearAgo(observed.period);
  const base = period === null ? null : deriveObservation(observed.ledger, period);
  if (base === null || base.missing.length > 0 || observed.missing.length > 0) return null;
  const growth = growthOf(observed, base);
  return growth === null ? null : { ...growth, base: base.value };
}

function dateArgument(path: string, text: string | null | undefined) {
  if (text == null) return null;
  const date = parsePartialDate(text);
  if (date !== null) return date;
  throw new BadInput([
    {
      code: 'INVALID_INPUT',
      path: [path],
      message: `"${text}" is not a date; write 2024, 2024-10 or 2024-10-15.`,
      didYouMean: [],
    },
  ]);
}

function refuseTooMany(count: number): void {
  const problems = collectProblems();
  if (count > MAX_PERIODS)
    problems.add('TOO_MANY', 'from', `${count} periods were asked for; at most ${MAX_PERIODS} are answered at once.`);
  problems.throwIfAny();
}
