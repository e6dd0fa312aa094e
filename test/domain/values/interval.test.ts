import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  growthOf,
  type Interval,
  isExact,
  isInside,
  overlaps,
  type Qualifier,
  subtract,
  sumOf,
  widthOf,
} from '../../../src/domain/values/interval.ts';

const UNKNOWN: Interval = { lower: null, upper: null };

const anyQuantity = fc.integer({ min: 0, max: 10_000_000 });
const closedInterval = fc
  .tuple(anyQuantity, anyQuantity)
  .map(([a, b]) => ({ lower: Math.min(a, b), upper: Math.max(a, b) }));
const anyInterval: fc.Arbitrary<Interval> = fc.oneof(
  closedInterval,
  anyQuantity.map((lower) => ({ lower, upper: null })),
  anyQuantity.map((upper) => ({ lower: null, upper })),
  fc.constant(UNKNOWN),
);
const anyQualifier = fc.constantFrom<Qualifier>('EXACT', 'ABOUT', 'OVER', 'UNDER');
const anyValue = fc.oneof(
  fc.maxSafeNat(),
  fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
  fc.tuple(fc.nat(9_999), fc.integer({ min: -6, max: 9 })).map(([digits, place]) => Number(`${digits}e${place}`)),
);

describe('boundsOf', () => {
  it('knows an exact value', () => {
    expect(boundsOf('EXACT', 57_000)).toEqual({ lower: 57_000, upper: 57_000 });
    expect(boundsOf('EXACT', 0)).toEqual({ lower: 0, upper: 0 });
  });

  it('opens upwards over a value', () => {
    expect(boundsOf('OVER', 57_000)).toEqual({ lower: 57_000, upper: null });
  });

  it('reaches down to 0 under a value', () => {
    expect(boundsOf('UNDER', 57_000)).toEqual({ lower: 0, upper: 57_000 });
  });

  it.each([
    [410_000, 405_000, 415_000],
    [25, 24.5, 25.5],
    [69.5, 69.45, 69.55],
    [1_000_000, 500_000, 1_500_000],
    [550_000, 545_000, 555_000],
    [1, 0.5, 1.5],
    [10, 5, 15],
    [101, 100.5, 101.5],
    [0.3, 0.25, 0.35],
    [4.35, 4.345, 4.355],
    [1.005, 1.0045, 1.0055],
    [0.000001, 0.0000005, 0.0000015],
    [1e-7, 5e-8, 1.5e-7],
    [3.21e10, 3.205e10, 3.215e10],
    [2e21, 1.5e21, 2.5e21],
    [0, 0, 0],
  ])('of about %d are %d to %d', (value, lower, upper) => {
    expect(boundsOf('ABOUT', value)).toEqual({ lower, upper });
  });

  it('takes the bounds given for between, with or without a value', () => {
    expect(boundsOf('BETWEEN', null, { lower: 40_000, upper: 45_000 })).toEqual({ lower: 40_000, upper: 45_000 });
    expect(boundsOf('BETWEEN', 42_000, { lower: 40_000, upper: null })).toEqual({ lower: 40_000, upper: null });
    expect(boundsOf('BETWEEN', 42_000)).toEqual(UNKNOWN);
  });

  it('ignores given bounds for anything but between', () => {
    expect(boundsOf('EXACT', 5, { lower: 1, upper: 9 })).toEqual({ lower: 5, upper: 5 });
  });

  it('knows nothing without a value', () => {
    fc.assert(
      fc.property(anyQualifier, (qualifier) => {
        expect(boundsOf(qualifier, null)).toEqual(UNKNOWN);
      }),
    );
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => boundsOf('ABOUT', value)).toThrow(RangeError);
    expect(() => boundsOf('UNDER', value)).toThrow(`${value}`);
  });

  it('always contains the value and never falls below 0', () => {
    fc.assert(
      fc.property(anyQualifier, anyValue, (qualifier, value) => {
        const bounds = boundsOf(qualifier, value);
        expect(isInside({ lower: value, upper: value }, bounds)).toBe(true);
        expect(bounds.lower).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('are, around a whole value, as wide as its last significant digit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.nat(9), (digits, zeros) => {
        const place = 10 ** (zeros + (/0*$/.exec(`${digits}`)?.[0].length ?? 0));
        expect(widthOf(boundsOf('ABOUT', digits * 10 ** zeros))).toBe(place);
      }),
    );
  });
});

describe('sumOf', () => {
  it('adds both ends', () => {
    expect(
      sumOf([
        { lower: 1, upper: 2 },
        { lower: 10, upper: 20 },
      ]),
    ).toEqual({ lower: 11, upper: 22 });
  });

  it('is open on a side on which one member is', () => {
    expect(
      sumOf([
        { lower: 1, upper: 2 },
        { lower: 10, upper: null },
      ]),
    ).toEqual({ lower: 11, upper: null });
    expect(sumOf([UNKNOWN, { lower: 10, upper: 20 }])).toEqual(UNKNOWN);
  });

  it('is exactly 0 of nothing', () => {
    expect(sumOf([])).toEqual({ lower: 0, upper: 0 });
  });

  it('does not depend on order or grouping', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, anyInterval, (a, b, c) => {
        expect(sumOf([a, b])).toEqual(sumOf([b, a]));
        expect(sumOf([sumOf([a, b]), c])).toEqual(sumOf([a, sumOf([b, c])]));
        expect(sumOf([a, b, c])).toEqual(sumOf([sumOf([a, b]), c]));
      }),
    );
  });

  it('contains every sum of members', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyInterval, anyQuantity)), (members) => {
        const total = members.reduce((sum, [interval, at]) => sum + memberOf(interval, at), 0);
        const sum = sumOf(members.map(([interval]) => interval));
        expect(isInside({ lower: total, upper: total }, sum)).toBe(true);
      }),
    );
  });
});

describe('subtract', () => {
  it('subtracts the maximum from the minimum, and the minimum from the maximum', () => {
    expect(subtract({ lower: 405_000, upper: 415_000 }, { lower: 100, upper: 200 })).toEqual({
      lower: 404_800,
      upper: 414_900,
    });
  });

  it('is open below where the subtrahend is open above', () => {
    expect(subtract({ lower: 10, upper: 10 }, { lower: 4, upper: null })).toEqual({ lower: null, upper: 6 });
    expect(subtract({ lower: 10, upper: null }, { lower: 4, upper: 5 })).toEqual({ lower: 5, upper: null });
  });

  it('contains every difference of members', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, anyQuantity, anyQuantity, (a, b, atA, atB) => {
        const difference = memberOf(a, atA) - memberOf(b, atB);
        expect(isInside({ lower: difference, upper: difference }, subtract(a, b))).toBe(true);
      }),
    );
  });
});

describe('overlaps and isInside', () => {
  it('count touching ends', () => {
    expect(overlaps({ lower: 1, upper: 2 }, { lower: 2, upper: 3 })).toBe(true);
    expect(overlaps({ lower: 1, upper: 2 }, { lower: 3, upper: 4 })).toBe(false);
    expect(isInside({ lower: 1, upper: 2 }, { lower: 1, upper: 3 })).toBe(true);
  });

  it('take an open side as unbounded', () => {
    expect(overlaps({ lower: 57_000, upper: null }, { lower: 57_915, upper: 57_915 })).toBe(true);
    expect(overlaps({ lower: 57_000, upper: null }, { lower: 56_999, upper: 56_999 })).toBe(false);
    expect(isInside({ lower: 57_915, upper: 57_915 }, { lower: 57_000, upper: null })).toBe(true);
    expect(isInside({ lower: 57_000, upper: null }, { lower: 57_000, upper: 60_000 })).toBe(false);
    expect(isInside({ lower: 1, upper: 2 }, UNKNOWN)).toBe(true);
    expect(isInside(UNKNOWN, { lower: 1, upper: 2 })).toBe(false);
  });

  it('let about 410,000 agree with 405,000 but not with 404,999', () => {
    expect(overlaps(boundsOf('ABOUT', 410_000), boundsOf('EXACT', 405_000))).toBe(true);
    expect(overlaps(boundsOf('ABOUT', 410_000), boundsOf('EXACT', 404_999))).toBe(false);
  });

  it('overlap the same in both directions', () => {
    fc.assert(fc.property(anyInterval, anyInterval, (a, b) => overlaps(a, b) === overlaps(b, a)));
  });

  it('overlap whatever is inside', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, (a, b) => {
        expect(isInside(a, a)).toBe(true);
        if (isInside(a, b)) {
          expect(overlaps(a, b)).toBe(true);
          expect(widthOf(a)).toBeLessThanOrEqual(widthOf(b));
        }
        if (isInside(a, b) && isInside(b, a)) expect(a).toEqual(b);
      }),
    );
  });

  it('stay inside whatever contains the container', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, anyInterval, (a, b, c) => {
        if (isInside(a, b) && isInside(b, c)) expect(isInside(a, c)).toBe(true);
      }),
    );
  });
});

describe('widthOf and isExact', () => {
  it('measure from end to end', () => {
    expect(widthOf({ lower: 405_000, upper: 415_000 })).toBe(10_000);
    expect(widthOf({ lower: 5, upper: 5 })).toBe(0);
  });

  it('are infinite and inexact with an open side', () => {
    for (const open of [UNKNOWN, { lower: 5, upper: null }, { lower: null, upper: 5 }]) {
      expect(widthOf(open)).toBe(Number.POSITIVE_INFINITY);
      expect(isExact(open)).toBe(false);
    }
  });

  it('are exact for one single value', () => {
    expect(isExact({ lower: 0, upper: 0 })).toBe(true);
    expect(isExact({ lower: 0, upper: 1 })).toBe(false);
  });
});

describe('growthOf', () => {
  it('is exact between exact values', () => {
    expect(growthOf(exactly(110), exactly(100))).toEqual({ percent: 10, lower: 10, upper: 10 });
    expect(growthOf(exactly(50), exactly(200))).toEqual({ percent: -75, lower: -75, upper: -75 });
    expect(growthOf(exactly(0), exactly(200))).toEqual({ percent: -100, lower: -100, upper: -100 });
  });

  it('divides the minimum by the maximum, and the maximum by the minimum', () => {
    const growth = growthOf({ value: 150, lower: 120, upper: 180 }, { value: 100, lower: 80, upper: 120 });
    expect(growth).toEqual({ percent: 50, lower: 0, upper: 125 });
  });

  it('has no upper bound on a base that may be 0', () => {
    expect(growthOf(exactly(150), { value: 100, lower: 0, upper: 100 })).toEqual({
      percent: 50,
      lower: 50,
      upper: null,
    });
    expect(growthOf(exactly(150), { value: 100, lower: null, upper: 100 })?.upper).toBeNull();
  });

  it('has no lower bound on a base that is open above', () => {
    expect(growthOf(exactly(150), { value: 100, lower: 100, upper: null })).toEqual({
      percent: 50,
      lower: null,
      upper: 50,
    });
  });

  it('has no upper bound for a value that is open above', () => {
    expect(growthOf({ value: 150, lower: 150, upper: null }, exactly(100))).toEqual({
      percent: 50,
      lower: 50,
      upper: null,
    });
  });

  it('keeps its bounds where only the value is open', () => {
    expect(growthOf({ value: null, lower: 110, upper: 120 }, exactly(100))).toEqual({
      percent: null,
      lower: 10,
      upper: 20,
    });
  });

  it('keeps the only bound that is known', () => {
    const [none, base] = [{ value: null, ...UNKNOWN }, exactly(100)];
    expect(growthOf({ ...none, lower: 110 }, base)).toEqual({ percent: null, lower: 10, upper: null });
    expect(growthOf({ ...none, upper: 120 }, base)).toEqual({ percent: null, lower: null, upper: 20 });
  });

  it('is null on an unknown base, on a base of 0 and where nothing is known now', () => {
    expect(growthOf(exactly(150), { value: null, lower: 90, upper: 110 })).toBeNull();
    expect(growthOf(exactly(150), exactly(0))).toBeNull();
    expect(growthOf(exactly(150), { value: 0, lower: 0, upper: 5 })).toBeNull();
    expect(growthOf({ value: null, ...UNKNOWN }, exactly(100))).toBeNull();
  });

  it('contains the growth between any members', () => {
    const anyBounded = fc.tuple(closedInterval, anyQuantity).map(([interval, at]) => ({
      ...interval,
      value: memberOf(interval, at),
    }));
    fc.assert(
      fc.property(anyBounded, anyBounded, (now, base) => {
        const growth = growthOf(now, base);
        if (growth?.percent == null) return;
        const slack = 1e-9 * Math.max(1, Math.abs(growth.percent));
        expect(growth.lower).toBeLessThanOrEqual(growth.percent + slack);
        if (growth.upper !== null) expect(growth.upper).toBeGreaterThanOrEqual(growth.percent - slack);
      }),
    );
  });
});

function exactly(value: number): Interval & { readonly value: number } {
  return { value, lower: value, upper: value };
}

/** The number of the interval that is nearest to `at`. */
function memberOf(interval: Interval, at: number): number {
  return Math.min(Math.max(at, interval.lower ?? at), interval.upper ?? Number.POSITIVE_INFINITY);
}
