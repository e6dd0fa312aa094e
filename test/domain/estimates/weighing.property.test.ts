import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Relatives } from '../../../src/domain/catalog/families.ts';
import { contradictionsAmong } from '../../../src/domain/estimates/contradictions.ts';
import type { MetricHistory } from '../../../src/domain/estimates/history.ts';
import { keptOf } from '../../../src/domain/estimates/kept.ts';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import type { SpanClaim } from '../../../src/domain/estimates/weighing.ts';
import { boundsOf } from '../../../src/domain/values/interval.ts';
import { parsePeriod, periodsBetween, toDate } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { claimOn, historiesOf, historyOf } from '../../support/histories.ts';

const MONTHS = periodsBetween('MONTH', '2024-01-01', '2025-06-30');
const PERIODS = [
  ...MONTHS.map(({ text }) => text),
  ...periodsBetween('QUARTER', '2024-01-01', '2025-06-30').map(({ text }) => text),
  ...['2024', '2024-H2', '2025-H1', '2024-03/2024-05', '2024-11/2025-02'],
  ...MONTHS.map(({ end }) => toDate(end).text),
];

/** What was really counted in each month, and before the first one. */
const anyTruth = fc.record({
  before: fc.nat(5_000),
  months: fc.array(fc.nat(3_000), { minLength: MONTHS.length, maxLength: MONTHS.length }),
});
type Truth = typeof anyTruth extends fc.Arbitrary<infer Value> ? Value : never;

function countOf({ before, months }: Truth, text: string): number {
  const { start, end } = present(parsePeriod(text));
  const counted = months.filter((_, index) => {
    const month = present(MONTHS[index]);
    return (start === null || present(month.start) >= start) && month.end <= end;
  });
  return counted.reduce((sum, units) => sum + units, start === null ? before : 0);
}

const anyClaimed = fc.record({
  period: fc.constantFrom(...PERIODS),
  qualifier: fc.constantFrom('EXACT', 'EXACT', 'EXACT', 'OVER', 'UNDER', 'ABOUT'),
  origin: fc.nat(4),
  tier: fc.integer({ min: 1, max: 4 }),
  publishedOn: fc.option(fc.integer({ min: 19_700, max: 20_300 })),
});

/** Claims that are true of a curve; some only vaguely. */
const anyTrueClaims = fc
  .tuple(anyTruth, fc.array(anyClaimed, { minLength: 1, maxLength: 25 }))
  .map(([truth, drawn]) => ({
    truth,
    claims: drawn.map(({ period, qualifier, origin, ...others }, index): SpanClaim => {
      const value = countOf(truth, period);
      const bounds = boundsOf(qualifier, value);
      return claimOn(index + 1, period, value, { ...others, qualifier, bounds, origin: `origin-${origin}` });
    }),
  }));

/** Claims about anything, true or not. */
const anyClaims = fc.array(fc.tuple(anyClaimed, fc.nat(6_000)), { minLength: 1, maxLength: 20 }).map((drawn) =>
  drawn.map(([{ period, qualifier, origin, ...others }, value], index) =>
    claimOn(index + 1, period, value, {
      ...{ ...others, qualifier, bounds: boundsOf(qualifier, value), origin: `origin-${origin}` },
    }),
  ),
);

/** Everything that is known, in a form that can be compared. */
function everythingOf(history: MetricHistory): unknown {
  return {
    kept: [...keptOf(history)].sort(([a], [b]) => (a < b ? -1 : 1)),
    contradictions: contradictionsAmong([history])
      .map(({ identity, gap, periods, setAsideIds }) => ({ identity, gap, periods, setAsideIds }))
      .sort((a, b) => (a.identity < b.identity ? -1 : 1)),
  };
}

describe('claims that are all true', () => {
  it('contradict nothing, and the truth lies in the bounds of every period', () => {
    fc.assert(
      fc.property(anyTrueClaims, ({ truth, claims }) => {
        const history = historyOf(claims);
        expect(contradictionsAmong([history])).toEqual([]);
        for (const text of PERIODS) {
          const observed = observationOf(history, present(parsePeriod(text)));
          if (observed === null) continue;
          const count = countOf(truth, text);
          expect(observed.lower ?? 0).toBeLessThanOrEqual(count);
          expect(observed.upper ?? count).toBeGreaterThanOrEqual(count);
          if (observed.qualifier === 'EXACT') expect(observed.value).toBe(count);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('still lead to the truth with a false one among them that they determine', () => {
    fc.assert(
      fc.property(anyTruth, fc.nat(MONTHS.length - 1), fc.integer({ min: 1, max: 900 }), (truth, at, off) => {
        // A round value may be taken as the other one rounded.
        fc.pre((countOf(truth, present(MONTHS[at]).text) + off) % 100 !== 0);
        // Two independent origins state each month; each quarter is stated as well; one origin has one month wrong.
        const month = present(MONTHS[at]).text;
        const periods = [...MONTHS, ...periodsBetween('QUARTER', '2024-01-01', '2025-06-30')].map(({ text }) => text);
        const claims = periods.flatMap((period, index) => [
          claimOn(2 * index + 1, period, countOf(truth, period), { origin: 'one', tier: 2 }),
          claimOn(2 * index + 2, period, countOf(truth, period) + (period === month ? off : 0), {
            origin: 'two',
            tier: 1,
          }),
        ]);
        const history = historyOf(claims);
        expect(observationOf(history, present(parsePeriod(month)))).toMatchObject({
          ...{ value: countOf(truth, month), agreement: 'CONFLICTS', decidedBy: 'SUMS' },
        });
        expect(contradictionsAmong([history])).toMatchObject([{ kind: 'SAME_PERIOD', gap: off, periods: [month] }]);
      }),
    );
  });
});

describe('what claims amount to', () => {
  it('does not depend on the order in which they were recorded', () => {
    fc.assert(
      fc.property(
        anyClaims.chain((claims) =>
          fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })),
        ),
        ([claims, shuffled]) => {
          expect(everythingOf(historyOf(shuffled))).toEqual(everythingOf(historyOf(claims)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is always possible: bounds are in order, and a value lies in them', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        for (const { lower, upper, value } of keptOf(historyOf(claims)).values()) {
          expect(lower ?? 0).toBeLessThanOrEqual(upper ?? Number.POSITIVE_INFINITY);
          if (value === null) continue;
          expect(value).toBeGreaterThanOrEqual(lower ?? 0);
          expect(value).toBeLessThanOrEqual(upper ?? Number.POSITIVE_INFINITY);
        }
      }),
      { numRuns: 100 },
    );
  });
});

/** Company 1 over the brands 2 and 3, of which 4 is a part of 3. Alliance 5 of the brands 2 and 3. */
const FAMILY: Relatives = {
  subjects: [
    [1, 'COMPANY', null],
    [2, 'BRAND', 1],
    [3, 'BRAND', 1],
    [4, 'BRAND', 3],
    [5, 'ALLIANCE', null],
  ].map(([id, kind, parentId]) => ({
    ...{ id: id as number, slug: `subject-${id}`, kind: kind as 'BRAND', parentId: parentId as number | null },
    ...{ name: 'A brand', brandsComplete: true, firstDeliveryOn: null, launchedOn: null },
  })),
  memberships: [2, 3].map((brandId) => ({ allianceId: 5, brandId, joinedOn: null, leftOn: null })),
};

describe('a family', () => {
  /** What was really counted of the brand 2, of the brand 3, and of its part 4, which is less. */
  const anyTruths = fc.tuple(anyTruth, anyTruth, fc.integer({ min: 0, max: 100 })).map(([two, three, percent]) => {
    const share = (units: number): number => Math.floor((units * percent) / 100);
    const four: Truth = { before: share(three.before), months: three.months.map(share) };
    const both: Truth = {
      before: two.before + three.before,
      months: two.months.map((units, index) => units + (three.months[index] ?? 0)),
    };
    return new Map<number, Truth>([
      [1, both],
      [2, two],
      [3, three],
      [4, four],
      [5, both],
    ]);
  });
  const anyFamily = fc
    .tuple(anyTruths, fc.array(fc.tuple(anyClaimed, fc.integer({ min: 1, max: 5 })), { minLength: 1, maxLength: 30 }))
    .map(([truths, drawn]) => {
      const claims = new Map<number, SpanClaim[]>();
      for (const [index, [{ period, qualifier, origin, ...others }, id]] of drawn.entries()) {
        const value = countOf(present(truths.get(id)), period);
        const bounds = boundsOf(qualifier, value);
        const claim = claimOn(index + 1, period, value, { ...others, qualifier, bounds, origin: `origin-${origin}` });
        claims.set(id, [...(claims.get(id) ?? []), claim]);
      }
      return { truths, claims };
    });

  it('of which all claims are true contradicts nothing, and the truth lies in all bounds', () => {
    fc.assert(
      fc.property(anyFamily, ({ truths, claims }) => {
        const histories = historiesOf(FAMILY, claims);
        expect(contradictionsAmong(histories.values())).toEqual([]);
        for (const [id, history] of histories) {
          for (const text of PERIODS) {
            const observed = observationOf(history, present(parsePeriod(text)));
            if (observed === null) continue;
            const count = countOf(present(truths.get(id)), text);
            expect(observed.lower ?? 0).toBeLessThanOrEqual(count);
            expect(observed.upper ?? count).toBeGreaterThanOrEqual(count);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('has parts that are at most the whole, and a whole that is what its parts add up to', () => {
    const claims = new Map([
      [1, [claimOn(1, '2025-01', 1_000)]],
      [2, [claimOn(2, '2025-01', 400)]],
      [4, [claimOn(3, '2025-01', 150)]],
    ]);
    const at = (id: number) =>
      observationOf(present(historiesOf(FAMILY, claims).get(id)), present(parsePeriod('2025-01')));
    expect(at(3)).toMatchObject({ value: 600, lower: 600, upper: 600, method: 'DERIVED' });
    expect(at(4)).toMatchObject({ value: 150 });
    expect(at(5)).toMatchObject({ value: 1_000, method: 'DERIVED' });
  });
});
