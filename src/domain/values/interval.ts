/** The bounds of a value, both inclusive, in base units; null is unbounded or unknown. */
export interface Interval {
  readonly lower: number | null;
  readonly upper: number | null;
}

/** How a source qualifies its value: exactly, about, over, under, or between two bounds. */
export type Qualifier = 'EXACT' | 'ABOUT' | 'OVER' | 'UNDER' | 'BETWEEN';

/** A value with its bounds. */
export interface BoundedValue extends Interval {
  readonly value: number | null;
}

/** Growth in percent: of the value, and the least and most that the bounds allow; null if they do not determine it. */
export interface Growth {
  readonly percent: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

const UNKNOWN: Interval = { lower: null, upper: null };

/** The bounds of a qualified value; `given` are those of BETWEEN. Throws RangeError for a negative or infinite value. */
export function boundsOf(qualifier: Qualifier, value: number | null, given: Interval = UNKNOWN): Interval {
  if (qualifier === 'BETWEEN') return { lower: given.lower, upper: given.upper };
  if (value === null) return UNKNOWN;
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`A value of ${value} has no bounds`);
  switch (qualifier) {
    case 'EXACT':
      return { lower: value, upper: value };
    case 'OVER':
      return { lower: value, upper: null };
    case 'UNDER':
      return { lower: 0, upper: value };
    case 'ABOUT':
      return roundingBounds(value);
  }
}

/** The bounds of a sum; a bound is null if it is null in any part. */
export function sumOf(intervals: readonly Interval[]): Interval {
  return intervals.reduce<Interval>(
    (sum, interval) => ({ lower: plus(sum.lower, interval.lower), upper: plus(sum.upper, interval.upper) }),
    { lower: 0, upper: 0 },
  );
}

/** The bounds of `a` minus `b`. */
export function subtract(a: Interval, b: Interval): Interval {
  return { lower: minus(a.lower, b.upper), upper: minus(a.upper, b.lower) };
}

/** Whether some value lies in both intervals; touching ends count. */
export function overlaps(a: Interval, b: Interval): boolean {
  return lowest(a) <= highest(b) && lowest(b) <= highest(a);
}

/** Whether every value of `inner` lies in `outer`; an interval is inside itself. */
export function isInside(inner: Interval, outer: Interval): boolean {
  return lowest(outer) <= lowest(inner) && highest(inner) <= highest(outer);
}

/** The width of the interval; Infinity if a bound is open. */
export function widthOf(interval: Interval): number {
  return highest(interval) - lowest(interval);
}

/** Whether the bounds allow a single value only. */
export function isExact(interval: Interval): boolean {
  return widthOf(interval) === 0;
}

/** The growth from `base` to `now`, both never negative, in percent; null when the base is unknown or 0. */
export function growthOf(now: BoundedValue, base: BoundedValue): Growth | null {
  if (base.value === null || base.value === 0) return null;
  const growth = {
    percent: percentOver(now.value, base.value),
    lower: percentOver(now.lower, base.upper),
    upper: percentOver(now.upper, base.lower),
  };
  const isUnknown = growth.percent === null && growth.lower === null && growth.upper === null;
  return isUnknown ? null : growth;
}

// Half a unit of the last significant digit to each side: 410,000 was rounded from 405,000 to 415,000. Computed from the shortest
// decimal digits, since 69.5 - 0.05 is not 69.45 in binary.
function roundingBounds(value: number): Interval {
  if (value === 0) return { lower: 0, upper: 0 };
  const [mantissa = '', exponent] = value.toExponential().split('e');
  const digits = mantissa.replace('.', '');
  const tenths = BigInt(digits) * 10n;
  const tenthOfPlace = Number(exponent) - digits.length;
  return { lower: Number(`${tenths - 5n}e${tenthOfPlace}`), upper: Number(`${tenths + 5n}e${tenthOfPlace}`) };
}

function percentOver(now: number | null, base: number | null): number | null {
  if (now === null || base === null || base === 0) return null;
  // Not (now / base - 1) * 100, which gives 10.000000000000009 for the growth from 100 to 110.
  return ((now - base) * 100) / base;
}

function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

function minus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a - b;
}

function lowest(interval: Interval): number {
  return interval.lower ?? Number.NEGATIVE_INFINITY;
}

function highest(interval: Interval): number {
  return interval.upper ?? Number.POSITIVE_INFINITY;
}
