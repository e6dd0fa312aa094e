import { dayAt } from '../values/calendar.ts';
import { monthsIn } from '../values/period.ts';
import { type Amount, daysIn, nameOf } from './stated.ts';
import { endingBefore, type Timeline, within } from './timeline.ts';

/** A pace that is this many times above or below others is probably in the wrong unit, such as 41 for 410,000. */
export const SUSPECT_FACTOR = 20;
/** The neighbouring year: what is further away than this is no measure. */
export const NEAR_DAYS = 366;
export const PACE_LIMIT = `${SUSPECT_FACTOR} times is the limit`;

/** A message names this many of the values that it compares with. */
const NAMED = 3;

/** How a value compares with one measure: far above it (1), far below it (-1), or neither (0). */
export interface Comparison {
  readonly direction: -1 | 0 | 1;
  /** How much more or less, and than what. Written only if it is needed, because there can be many. */
  write(): string;
  /** What would still be accepted. */
  readonly limit: string;
}

/** What an amount is compared with. There can be thousands, for each of thousands, so only those nearby are looked at. */
export interface Measures {
  readonly amounts: readonly Timeline<Amount>[];
  /** Those that are left out. */
  readonly except: readonly (object | null | undefined)[];
}

type Span = Pick<Amount, 'start' | 'end' | 'low' | 'high'>;

/**
 * Compares an amount with those nearest in time: all that overlap it, and the closest before or after it within a year, both if they are
 * equally close.
 * Amounts are compared by the month if both are whole months, else by the day. Levels are compared as they are.
 */
export function compareWithNear(amount: Span, measures: Measures, isLevel = false): readonly Comparison[] {
  return nearest(amount, measures).map((other) => compareAmounts(amount, other, isLevel));
}

/** 1 or -1 if all measures say the same; 0 if one of them does not, or if there is none. */
export function directionOf(comparisons: readonly Comparison[]): Comparison['direction'] {
  const [first, ...rest] = comparisons;
  if (first === undefined || rest.some(({ direction }) => direction !== first.direction)) return 0;
  return first.direction;
}

/** The comparisons as a text: "20 times more than … and 30 times more than … and likewise for 4 more". */
export function writeComparisons(comparisons: readonly Comparison[]): string {
  const named = comparisons.slice(0, NAMED).map((comparison) => comparison.write());
  const others = comparisons.length - named.length;
  return named.join(' and ') + (others === 0 ? '' : ` and likewise for ${others} more`);
}

/** A ratio of numbers in a message. Three digits are enough to show a wrong unit. */
export function writeTimes(times: number): string {
  return String(Number(times.toPrecision(3)));
}

function compareAmounts(amount: Span, other: Amount, isLevel: boolean): Comparison {
  const { length, otherLength, unit } = lengthsOf(amount, other, isLevel);
  const isOver = amount.low * otherLength >= SUSPECT_FACTOR * other.high * length;
  const isUnder = amount.high * otherLength * SUSPECT_FACTOR <= other.low * length;
  return {
    direction: isOver ? 1 : isUnder ? -1 : 0,
    limit: PACE_LIMIT,
    write: () => {
      const times = isOver
        ? (amount.low * otherLength) / (other.high * length)
        : (other.low * length) / (amount.high * otherLength);
      return `${writeTimes(times)} times ${isOver ? 'more' : 'less'}${unit} than the ${nameOf(other)}`;
    },
  };
}

/** The lengths by which two amounts are divided, and how a message says so: not at all if they are equal. */
function lengthsOf(amount: Span, other: Amount, isLevel: boolean) {
  if (isLevel) return { length: 1, otherLength: 1, unit: '' };
  const [months, otherMonths] = [lengthInMonths(amount), lengthInMonths(other)];
  const byMonths = months !== null && otherMonths !== null;
  const length = byMonths ? months : daysIn(amount);
  const otherLength = byMonths ? otherMonths : daysIn(other);
  return { length, otherLength, unit: length === otherLength ? '' : byMonths ? ' a month' : ' a day' };
}

function lengthInMonths({ start, end }: Span): number | null {
  return monthsIn(dayAt(start), dayAt(end));
}

/** All that overlap the amount, and, before or after it, those with the fewest days between, in the order of their days. */
function nearest(amount: Span, { amounts, except }: Measures): readonly Amount[] {
  const overlapping: Amount[] = [];
  let closest: Amount[] = [];
  // The last one before bounds how near the others have to be.
  let fewest = NEAR_DAYS;
  for (const timeline of amounts) {
    for (const other of endingBefore(timeline, amount.start)) {
      if (except.includes(other)) continue;
      fewest = Math.min(fewest, amount.start - other.end);
      break;
    }
  }
  for (const timeline of amounts) {
    for (const other of within(timeline, amount.start - fewest, amount.end + fewest)) {
      const days = Math.max(amount.start - other.end, other.start - amount.end);
      if (days > fewest || except.includes(other)) continue;
      if (days <= 0) overlapping.push(other);
      else {
        if (days < fewest) closest = [];
        closest.push(other);
        fewest = days;
      }
    }
  }
  return [...overlapping.sort(inOrder), ...closest.sort(inOrder)];
}

/** An order that does not depend on who came first. */
function inOrder(a: Amount, b: Amount): number {
  return a.start - b.start || a.end - b.end || (nameOf(a) < nameOf(b) ? -1 : 1);
}
