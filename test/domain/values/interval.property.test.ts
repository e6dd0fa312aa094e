import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  growthOf,
  type Interval,
  isExact,
  isInside,
  overlaps,
  subtract,
  sumOf,
  widthOf,
} from '../../../src/domain/values/interval.ts';

const anyQuantity = fc.integer({ min: 0, max: 10_000_000 });
const anyEnd = fc.option(anyQuantity, { freq: 4 });
const anyInterval: fc.Arbitrary<Interval> = fc
  .tuple(anyEnd, anyEnd)
  .map(([a, b]) =>
    a === null || b === null ? { lower: a, upper: b } : { lower: Math.min(a, b), upper: Math.max(a, b) },
  );
/** An interval and one inside it. */
const nested: fc.Arbitrary<readonly [Interval, Interval]> = fc
  .tuple(anyInterval, anyQuantity, anyQuantity)
  .map(([outer, a, b]) => {
    const inner = { lower: memberOf(outer, Math.min(a, b)), upper: memberOf(outer, Math.max(a, b)) };
    return [outer, inner];
  });
const bounded = fc
  .tuple(anyQuantity, anyQuantity)
  .map(([a, b]) => ({ lower: Math.min(a, b), upper: Math.max(a, b), value: a }));

describe('sums of intervals', () => {
  it('are as wide as their members together', () => {
    fc.assert(
      fc.property(fc.array(anyInterval), (members) => {
        const widths = members.reduce((sum, member) => sum + widthOf(member), 0);
        expect(widthOf(sumOf(members))).toBe(widths);
      }),
    );
  });

  it('are exact only when every member is', () => {
    fc.assert(
      fc.property(fc.array(anyInterval), (members) => {
        expect(isExact(sumOf(members))).toBe(members.every(isExact));
      }),
    );
  });

  it('only become narrower when a member becomes narrower', () => {
    fc.assert(
      fc.property(fc.array(nested), (members) => {
        const wide = sumOf(members.map(([outer]) => outer));
        const narrow = sumOf(members.map(([, inner]) => inner));
        expect(isInside(narrow, wide)).toBe(true);
      }),
    );
  });

  it('do not change by adding nothing', () => {
    fc.assert(
      fc.property(anyInterval, (interval) => {
        expect(sumOf([interval, { lower: 0, upper: 0 }])).toEqual(interval);
      }),
    );
  });

  it('contain a member after the other members are subtracted', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, (a, b) => {
        expect(isInside(a, subtract(sumOf([a, b]), b))).toBe(true);
        if (isExact(b)) expect(subtract(sumOf([a, b]), b)).toEqual(a);
      }),
    );
  });
});

describe('orderings of intervals', () => {
  it('overlap exactly when their difference can be 0', () => {
    fc.assert(
      fc.property(anyInterval, anyInterval, (a, b) => {
        expect(overlaps(a, b)).toBe(isInside({ lower: 0, upper: 0 }, subtract(a, b)));
      }),
    );
  });

  it('still overlap when one of them grows', () => {
    fc.assert(
      fc.property(nested, anyInterval, ([outer, inner], other) => {
        if (overlaps(inner, other)) expect(overlaps(outer, other)).toBe(true);
      }),
    );
  });

  it('put the exact interval of a value inside those of the other qualifiers', () => {
    fc.assert(
      fc.property(anyQuantity, (value) => {
        const exact = boundsOf('EXACT', value);
        for (const qualifier of ['ABOUT', 'OVER', 'UNDER', 'EXACT'] as const) {
          expect(isInside(exact, boundsOf(qualifier, value))).toBe(true);
        }
        expect(overlaps(boundsOf('OVER', value), boundsOf('UNDER', value))).toBe(true);
      }),
    );
  });

  it('put "over more" inside "over less", and "under less" inside "under more"', () => {
    fc.assert(
      fc.property(anyQuantity, anyQuantity, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        expect(isInside(boundsOf('OVER', more), boundsOf('OVER', less))).toBe(true);
        expect(isInside(boundsOf('UNDER', less), boundsOf('UNDER', more))).toBe(true);
      }),
    );
  });
});

describe('growth', () => {
  it('has narrower bounds for narrower values', () => {
    fc.assert(
      fc.property(nested, nested, bounded, ([wideNow, now], [wideBase, base], { value }) => {
        const narrow = growthOf({ ...now, value }, { ...base, value: 1 });
        const wide = growthOf({ ...wideNow, value }, { ...wideBase, value: 1 });
        if (narrow !== null && wide !== null) expect(isInside(narrow, wide)).toBe(true);
      }),
    );
  });

  it('never has reversed bounds', () => {
    fc.assert(
      fc.property(bounded, bounded, (now, base) => {
        const growth = growthOf(now, base);
        if (growth?.lower == null || growth.upper === null) return;
        expect(growth.lower).toBeLessThanOrEqual(growth.upper);
        expect(growth.lower).toBeGreaterThanOrEqual(-100);
      }),
    );
  });
});

/** The number of the interval that is nearest to `at`. */
function memberOf(interval: Interval, at: number): number {
  return Math.min(Math.max(at, interval.lower ?? 0), interval.upper ?? Number.POSITIVE_INFINITY);
}
