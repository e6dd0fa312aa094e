import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildHistories, type MetricHistory } from '../../../src/domain/estimates/history.ts';
import { keptPeriods } from '../../../src/domain/estimates/kept-periods.ts';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import { compareVoices, type SpanClaim, slotsOf } from '../../../src/domain/estimates/weighing.ts';
import { dayNumber } from '../../../src/domain/values/calendar.ts';
import { boundsOf, isInside } from '../../../src/domain/values/interval.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present, required } from '../../../src/required.ts';
import { historyOf, type Said } from '../../support/said.ts';

const PERIODS = ['2025-10', '2025-11', '2025-12', '2025-Q4', '2025-10/2025-11', '../2025-10-31', '../2025-12-31'].map(
  (text) => present(parsePeriod(text)),
);

/** Few values of everything, so that claims are often equal in what decides between them, and often contradict each other. */
const anyClaim: fc.Arbitrary<SpanClaim> = fc
  .record({
    period: fc.constantFrom(...PERIODS),
    value: fc.constantFrom(0, 100, 104, 200, 204, 304, 500),
    qualifier: fc.constantFrom<Said[2][]>('EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER'),
    rank: fc.constantFrom<SpanClaim['rank'][]>('NORMAL', 'NORMAL', 'NORMAL', 'NORMAL', 'PREFERRED', 'DEPRECATED'),
    slug: fc.constantFrom('gasgoo', 'cnevpost', 'nio'),
    tier: fc.integer({ min: 1, max: 2 }),
    days: fc.option(fc.nat(1)),
  })
  .map(({ period, value, qualifier, rank, slug, tier, days }) => ({
    ...{
      id: 0,
      subjectId: 1,
      metric: 'DELIVERIES' as const,
      period: period.text,
      value,
      qualifier,
      rank,
      tier,
      origin: slug,
      title: 'What it says',
    },
    bounds: boundsOf(qualifier, value),
    after: period.start === null ? null : dayNumber(period.start) - 1,
    through: dayNumber(period.end),
    publisher: { slug, name: slug },
    publishedOn: days === null ? null : dayNumber(period.end) + days,
    statedChangePercent: null,
  }));
const anyClaims = fc.array(anyClaim, { minLength: 1, maxLength: 10 });
const inTwoOrders = anyClaims.chain((claims) =>
  fc.tuple(fc.constant(claims), fc.shuffledSubarray([...claims], { minLength: claims.length })),
);

describe('what is known', () => {
  it('does not depend on the order in which the claims were recorded', () => {
    fc.assert(
      fc.property(inTwoOrders, ([claims, shuffled]) => {
        expect(knownFrom(shuffled)).toEqual(knownFrom(claims));
      }),
      { numRuns: 300 },
    );
  });

  it('is not changed by what is deprecated, except that the editors decided', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const bounds = (of: readonly SpanClaim[]) =>
          knownFrom(of).map(({ period, value, lower, upper, agreement }) => ({
            period,
            value,
            lower,
            upper,
            agreement,
          }));
        expect(bounds(claims.filter(({ rank }) => rank !== 'DEPRECATED'))).toEqual(bounds(claims));
      }),
    );
  });

  it('is within what each claim that stands says, and lower is never above upper', () => {
    fc.assert(
      fc.property(anyClaims, (claims) => {
        const history = built(claims);
        for (const [text, voices] of present(history.curve).entered) {
          const observed = present(observationOf(history, present(parsePeriod(text))));
          for (const { bounds } of voices) expect(isInside(observed, bounds)).toBe(true);
        }
        for (const { lower, upper } of knownFrom(claims)) expect(lower ?? 0).toBeLessThanOrEqual(upper ?? Infinity);
      }),
    );
  });

  it('is the truth, or has it within its bounds, when all claims are true', () => {
    const anyTruth = fc.tuple(fc.nat(900), fc.nat(900), fc.nat(900), fc.nat(900));
    fc.assert(
      fc.property(
        anyTruth,
        fc.array(fc.tuple(fc.constantFrom(...PERIODS), fc.nat(3)), { minLength: 1 }),
        (truth, said) => {
          const [before, october, november, december] = truth;
          const counts = [
            ...[october, november, december, october + november + december, october + november],
            ...[before + october, before + october + november + december],
          ];
          const countOf = new Map(PERIODS.map(({ text }, index) => [text, present(counts[index])]));
          const distinct = new Map(said.map(([period, slack]) => [period.text, [period, slack] as const]));
          const history = historyOf(
            [...distinct.values()].map(([period, slack]): Said => {
              const count = required(countOf, period.text);
              if (slack === 0) return [period, count, 'EXACT'];
              return slack === 1 ? [period, Math.max(0, count - 5), 'OVER'] : [period, count + 5, 'UNDER'];
            }),
          );
          for (const period of PERIODS) {
            const count = required(countOf, period.text);
            const observed = observationOf(history, period);
            if (observed === null) continue;
            expect(isInside({ lower: count, upper: count }, observed)).toBe(true);
            expect(observed.agreement).toBe('SOLE');
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('the order of what claims about a period say', () => {
  it('is total and transitive', () => {
    fc.assert(
      fc.property(fc.array(anyClaim, { minLength: 1, maxLength: 8 }), (claims) => {
        const ofOne = claims.map((claim) => ({ ...claim, ...present(claims[0]), ...voiceOf(claim) }));
        const voices = slotsOf(ofOne).flatMap((slot) => slot.voices);
        for (const a of voices) {
          for (const b of voices) {
            expect(Math.sign(compareVoices(a, b)) + Math.sign(compareVoices(b, a))).toBe(0);
            expect(compareVoices(a, b) === 0).toBe(a === b);
            for (const c of voices)
              if (compareVoices(a, b) < 0 && compareVoices(b, c) < 0) expect(compareVoices(a, c)).toBeLessThan(0);
          }
        }
      }),
    );
  });
});

/** What a claim says, apart from its period. */
function voiceOf({ value, qualifier, bounds, rank, origin, publisher, tier, publishedOn }: SpanClaim) {
  return { value, qualifier, bounds, rank, origin, publisher, tier, publishedOn };
}

/** Everything that is known from claims that were recorded in this order, by the text of the period. */
function knownFrom(claims: readonly SpanClaim[]) {
  const history = built(claims);
  return keptPeriods(history)
    .flatMap(({ period }) => observationOf(history, period) ?? [])
    .map(({ bestId: _bestId, period, place: _place, ...known }) => ({ period: period.text, ...known }))
    .sort((a, b) => (a.period < b.period ? -1 : 1));
}

function built(claims: readonly SpanClaim[]): MetricHistory {
  const brand = { id: 1, slug: 'nio', name: 'NIO', kind: 'BRAND', parentId: null, brandsComplete: true } as const;
  const relatives = { subjects: [{ ...brand, firstDeliveryOn: null, launchedOn: null }], memberships: [] };
  const recorded = claims.map((claim, index) => ({ ...claim, id: index + 1 }));
  const knowledge = {
    slots: new Map([[1, slotsOf(recorded)]]),
    ...{ revised: new Map(), announced: [], elsewhere: new Map(), deliveries: null },
  };
  return required(buildHistories(relatives, { metric: 'DELIVERIES', withinId: null, asOf: null }, knowledge), 1);
}
