import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Relatives } from '../../../src/domain/catalog/families.ts';
import { contradictionsAmong } from '../../../src/domain/estimates/contradictions.ts';
import { keptOf } from '../../../src/domain/estimates/kept.ts';
import { historiesFrom, saidIn } from '../../../src/domain/estimates/knowledge.ts';
import type { RecordedClaim } from '../../../src/domain/estimates/recorded-rows.ts';
import { boundsOf } from '../../../src/domain/values/interval.ts';
import { claimOn } from '../../support/histories.ts';

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

const METRICS = ['DELIVERIES', 'SALES', 'PRODUCTION'] as const;
const WITHDRAWN = 1_000;

/** Few values and periods, so that claims agree and disagree, also across metrics. */
const anyClaim = fc
  .record({
    subjectId: fc.integer({ min: 1, max: 5 }),
    metric: fc.constantFrom(...METRICS),
    period: fc.constantFrom('2025-01', '2025-02', '2025-03', '2025-Q1', '../2025-01-31', '../2025-03-31'),
    value: fc.constantFrom(1_010, 1_041, 2_051, 3_092, 3_100),
    qualifier: fc.constantFrom('EXACT', 'EXACT', 'EXACT', 'OVER', 'UNDER', 'ABOUT'),
    origin: fc.constantFrom('gasgoo', 'cnevpost', 'nio', 'caam'),
    tier: fc.integer({ min: 1, max: 4 }),
    rank: fc.constantFrom<RecordedClaim['rank'][]>('NORMAL', 'NORMAL', 'NORMAL', 'PREFERRED', 'DEPRECATED'),
  })
  .map(({ period, value, qualifier, ...others }) => ({
    ...claimOn(0, period, value, { ...others, qualifier, bounds: boundsOf(qualifier, value) }),
    ...{ ...others, withinId: null, isCurrent: true },
  }));

/** Everything that is known from claims, except whether anything about a period was ever revised. */
function everythingFrom(claims: readonly RecordedClaim[]): unknown {
  const said = saidIn(claims);
  const known = { milestones: [], said, others: said };
  const histories = historiesFrom(FAMILY, { withinId: null, asOf: null }, METRICS, known);
  const ofMetrics = [...histories.values()].map((ofMetric) => [...ofMetric.values()]);
  const kept = ofMetrics.flat().flatMap((history) => [...keptOf(history).values()]);
  return {
    kept: kept.map(({ revised: _revised, ...others }) => others).sort(({ slot: a }, { slot: b }) => (a < b ? -1 : 1)),
    contradictions: ofMetrics
      .flatMap((ofMetric) => contradictionsAmong(ofMetric))
      .sort(({ identity: a }, { identity: b }) => (a < b ? -1 : 1)),
  };
}

it('withdrawing a claim gives what there was before it, wherever among the others it was recorded', () => {
  fc.assert(
    fc.property(fc.array(anyClaim, { minLength: 1, maxLength: 20 }), anyClaim, fc.nat(20), (drawn, one, at) => {
      const others: readonly RecordedClaim[] = drawn.map((claim, index) => ({ ...claim, id: index + 1 }));
      const added: RecordedClaim = { ...one, id: WITHDRAWN };
      const before = everythingFrom(others);
      everythingFrom([...others.slice(0, at), added, ...others.slice(at)]);
      // It stays recorded, and counts nowhere: neither for its own metric nor for another one of the same vehicles.
      const withdrawn = { ...added, isCurrent: false };
      expect(everythingFrom([...others.slice(0, at), withdrawn, ...others.slice(at)])).toEqual(before);
    }),
    { numRuns: 200 },
  );
});
