import { dayAt } from '../values/calendar.ts';
import {
  type Comparison,
  compareWithNear,
  directionOf,
  type Measures,
  NEAR_DAYS,
  PACE_LIMIT,
  SUSPECT_FACTOR,
  writeComparisons,
  writeTimes,
} from './pace.ts';
import { type Amount, daysIn, nameOf, type Stated } from './stated.ts';
import { type Timeline, timelineOf } from './timeline.ts';

/** If nobody knows when a subject began, its first total may be as much as its pace brings in this time. */
const LONGEST_LIFE_YEARS = 100;
const DAYS_IN_YEAR = 365.25;

/** What is known of a subject and an additive metric, as far as totals to date are compared with it. */
export interface KnownTotals {
  /** The totals in the order of their days, one a day. */
  readonly totals: readonly Stated[];
  /** For each total the amount since the one before; null if it is not bounded, or nothing. */
  readonly increases: readonly (Amount | null)[];
  /** The amounts of periods. */
  readonly amounts: readonly Amount[];
  /** The amounts of periods, and the increases. */
  readonly paces: readonly Timeline<Amount>[];
  /** The first day on which the subject can have begun; null if it is not known. */
  readonly start: number | null;
}

/**
 * Compares a total to date, which is one of the known ones, with those before and after it, by the pace between them; if no other pace is
 * known, by the numbers themselves. A first total is compared with the fastest known pace since the start.
 * `twin` is what others state for the same day.
 */
export function compareTotal(total: Stated, twin: Stated | null, known: KnownTotals): readonly Comparison[] {
  const { totals, increases, paces } = known;
  const place = totals.findIndex(({ end }) => end === total.end);
  const [earlier, later] = [totals[place - 1], totals[place + 1]];
  const around = earlier === undefined || later === undefined ? null : increase(earlier, later);
  const measures = {
    amounts: [...paces, timelineOf(around === null ? [] : [around])],
    except: [increases[place], increases[place + 1]],
  };
  const comparisons: Comparison[] = [];
  if (twin !== null) comparisons.push(compareNumbers(total, twin));
  if (earlier !== undefined) comparisons.push(compareStep(earlier, total, measures, 1));
  if (later !== undefined) comparisons.push(compareStep(total, later, measures, -1));
  if (earlier === undefined && twin === null) comparisons.push(...compareFirst(total, known));
  return comparisons;
}

/** For each total the amount since the one before, for the first since the start; null if it is not bounded, or nothing. */
export function increasesOf(totals: readonly Stated[], start: number | null): readonly (Amount | null)[] {
  return totals.map((total, index) => {
    const before = totals[index - 1];
    if (before !== undefined) return increase(before, total);
    if (start === null || start > total.end || total.upper === null) return null;
    return { start, end: total.end, low: total.lower, high: total.upper, period: total.period };
  });
}

function increase(from: Stated, to: Stated): Amount | null {
  if (from.upper === null || to.upper === null || to.upper <= from.lower) return null;
  const [low, high] = [Math.max(0, to.lower - from.upper), to.upper - from.lower];
  return { start: from.end + 1, end: to.end, low, high, period: to.period, from: from.period };
}

/** Whether the step between two totals is too large. `direction` says which of them is in question: the later one (1), or the earlier (-1). */
function compareStep(from: Stated, to: Stated, measures: Measures, direction: 1 | -1): Comparison {
  const [total, known] = direction === 1 ? [to, from] : [from, to];
  const step = from.upper === null ? null : Math.max(0, to.lower - from.upper);
  const span = { start: from.end + 1, end: to.end, low: step ?? 0, high: step ?? 0 };
  const near = step === null ? [] : compareWithNear(span, measures);
  if (near.length === 0) return compareNumbers(total, known);
  const relation = direction === 1 ? 'more' : 'less';
  return {
    direction: directionOf(near) === 1 ? direction : 0,
    limit: PACE_LIMIT,
    write: () => `${step} ${relation} than the ${nameOf(known)}, and that is ${writeComparisons(near)}`,
  };
}

/** Compares a total with another one by the numbers themselves; the limit grows with the years between. */
function compareNumbers(total: Stated, known: Stated): Comparison {
  const years = Math.max(1, Math.ceil(Math.abs(known.end - total.end) / NEAR_DAYS));
  const limit = SUSPECT_FACTOR * years;
  const isOver = known.end <= total.end && total.low >= limit * known.high;
  const isUnder = known.end >= total.end && total.high * limit <= known.low;
  return {
    direction: isOver ? 1 : isUnder ? -1 : 0,
    limit: years === 1 ? PACE_LIMIT : `${limit} times in ${years} years is the limit`,
    write: () => {
      const times = isOver ? total.low / known.high : known.low / total.high;
      return `${writeTimes(times)} times ${isOver ? 'more' : 'less'} than the ${nameOf(known)}`;
    },
  };
}

/** Compares a first total with the fastest known pace; nothing if none is known. */
function compareFirst(total: Stated, { amounts, start }: KnownTotals): readonly Comparison[] {
  const [first, ...rest] = amounts;
  if (first === undefined) return [];
  const fastest = rest.reduce(
    (best, next) => (next.high * daysIn(best) > best.high * daysIn(next) ? next : best),
    first,
  );
  const days = (total.low * daysIn(fastest)) / fastest.high;
  const lived = start === null ? Number.POSITIVE_INFINITY : Math.max(1, total.end - start + 1);
  const longest = LONGEST_LIFE_YEARS * DAYS_IN_YEAR;
  const byLife = lived * SUSPECT_FACTOR < longest;
  const pace = `what the pace of the ${nameOf(fastest)} gives`;
  return [
    {
      direction: days >= (byLife ? lived * SUSPECT_FACTOR : longest) ? 1 : 0,
      limit: byLife ? PACE_LIMIT : `${LONGEST_LIFE_YEARS} years is the limit`,
      write: () =>
        byLife
          ? `${writeTimes(days / lived)} times ${pace} since ${dayAt(total.end - lived + 1)}`
          : `${pace} in ${writeTimes(days / DAYS_IN_YEAR)} years`,
    },
  ];
}
