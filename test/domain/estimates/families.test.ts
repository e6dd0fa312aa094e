import { describe, expect, it } from 'vitest';
import type { Joined, Relatives } from '../../../src/domain/catalog/families.ts';
import { contradictionsAmong, type FoundContradiction } from '../../../src/domain/estimates/contradictions.ts';
import { groundsOf } from '../../../src/domain/estimates/grounds.ts';
import type { SpanClaim } from '../../../src/domain/estimates/weighing.ts';
import { crossingOf } from '../../../src/domain/milestones/crossing.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { claimOn, historiesOf, knownOf, relativeOf } from '../../support/histories.ts';

const [COMPANY, BRAND, OTHER] = [1, 2, 3];
const PART = 4;
const ALLIANCE = 5;

const company = relativeOf(COMPANY, 'COMPANY');
const brand = relativeOf(BRAND, 'BRAND', { parentId: COMPANY });
const other = relativeOf(OTHER, 'BRAND', { parentId: COMPANY });
const part = relativeOf(PART, 'BRAND', { parentId: BRAND });

const ONE_BRAND: Relatives = { subjects: [company, brand], memberships: [] };
const TWO_BRANDS: Relatives = { subjects: [company, brand, other], memberships: [] };
/** A company over a brand over a part of the brand. */
const CHAIN: Relatives = { subjects: [company, brand, part], memberships: [] };

describe('a company', () => {
  it('follows its only brand when a claim of the brand is set aside late', () => {
    const claims = [
      claimOn(1, '2025-Q1', 5_000),
      ...[claimOn(2, '2025-01', 10_007), claimOn(3, '2025-01', 10_007), claimOn(4, '2025-01', 9_003)],
      ...[claimOn(5, '2025-02', 10_011), claimOn(6, '2025-02', 10_011), claimOn(7, '2025-02', 9_005)],
      claimOn(8, '2025-03', 1_001),
    ];
    const histories = historiesOf(ONE_BRAND, new Map([[BRAND, claims]]));
    expect(knownOf(histories, BRAND, '2025-Q1')).toEqual(exactly(21_019));
    expect(knownOf(histories, COMPANY, '2025-Q1')).toEqual(exactly(21_019));
  });

  it('has the sum of a quarter of which one brand is known by subtraction and one by its months', () => {
    const histories = historiesOf(
      TWO_BRANDS,
      new Map([
        [BRAND, [claimOn(1, '2024', 1_000), claimOn(2, '2024-H1', 200), claimOn(3, '2024-Q4', 400)]],
        [OTHER, [claimOn(4, '2024-07', 11), claimOn(5, '2024-08', 12), claimOn(6, '2024-09', 13)]],
      ]),
    );
    expect(knownOf(histories, COMPANY, '2024-Q3')).toEqual(exactly(436));
  });

  it('counts nothing before the first delivery of its only brand', () => {
    const relatives = { ...ONE_BRAND, subjects: [company, { ...brand, firstDeliveryOn: '2025-04-05' }] };
    const histories = historiesOf(relatives, new Map([[COMPANY, [claimOn(1, '2025-04', 503)]]]));
    expect(knownOf(histories, COMPANY, '../2025-04-30')).toEqual(exactly(503));
    expect(knownOf(histories, BRAND, '../2025-04-30')).toEqual(exactly(503));
  });
});

describe('a brand', () => {
  it('has what its company and the other brand leave, between its own first and last day', () => {
    const histories = historiesOf(
      TWO_BRANDS,
      new Map([
        [COMPANY, [claimOn(1, '2024-Q3', 1_000), claimOn(2, '2024-07', 300), claimOn(3, '2024-08', 300)]],
        [BRAND, [claimOn(4, '2024-01', 5), claimOn(5, '2024-12', 5)]],
        [OTHER, [claimOn(6, '2024-09', 100)]],
      ]),
    );
    expect(knownOf(histories, BRAND, '2024-09')).toEqual(exactly(300));
  });

  it('has what they leave after its own last day as well', () => {
    const histories = historiesOf(
      TWO_BRANDS,
      new Map([
        [COMPANY, [claimOn(1, '../2025-06-30', 1_050_007)]],
        [BRAND, [claimOn(2, '2024-01', 5)]],
        [OTHER, [claimOn(3, '../2025-06-30', 10_001)]],
      ]),
    );
    expect(knownOf(histories, BRAND, '../2025-06-30')).toEqual(exactly(1_040_006));
    expect(knownOf(histories, BRAND, '../2025-07-31')).toEqual([null, 1_040_006, null]);
    expect(crossingOf(present(histories.get(BRAND)), 1_000_000, null)).toMatchObject({ windowUntil: '2025-06-30' });
  });

  it('had passed a number on the day to which its company and the other brand are known', () => {
    const histories = historiesOf(
      TWO_BRANDS,
      new Map([
        [COMPANY, [claimOn(1, '../2025-03-31', 1_050_007)]],
        [BRAND, [claimOn(2, '2024-01', 5), claimOn(3, '2025-12', 5)]],
        [OTHER, [claimOn(4, '../2025-03-31', 10_001)]],
      ]),
    );
    expect(crossingOf(present(histories.get(BRAND)), 1_000_000, '2025-09-15')).toMatchObject({
      ...{ kind: 'ELSEWHERE', windowUntil: '2025-03-31' },
    });
  });

  it('is bounded by a number that was announced of its company', () => {
    const reached = { milestoneId: 1, subjectId: COMPANY, metric: 'DELIVERIES', threshold: 10_000 } as const;
    const histories = historiesOf(
      TWO_BRANDS,
      new Map([
        [BRAND, [claimOn(1, '2025-01', 5)]],
        [OTHER, [claimOn(2, '../2025-06-10', 3_001)]],
      ]),
      'DELIVERIES',
      { announced: [{ ...reached, on: '2025-06-10' }] },
    );
    expect(knownOf(histories, BRAND, '../2025-06-09')).toEqual([null, 5, 9_999]);
    expect(knownOf(histories, BRAND, '../2025-06-10')).toEqual([null, 6_999, null]);
  });
});

describe('an alliance', () => {
  it('counts a part of a member that is a member too only once', () => {
    const relatives = allianceOf([relativeOf(BRAND, 'BRAND'), part], [memberOf(BRAND), memberOf(PART)]);
    const claims = [[BRAND, [claimOn(1, '2025-01', 1_003)]] as const, [PART, [claimOn(2, '2025-01', 401)]] as const];
    expect(knownOf(historiesOf(relatives, new Map(claims)), ALLIANCE, '2025-01')).toEqual(exactly(1_003));
    const stated = new Map([...claims, [ALLIANCE, [claimOn(3, '2025-01', 1_003)]] as const]);
    expect(contradictionsAmong(historiesOf(relatives, stated).values())).toEqual([]);
  });

  it('keeps its quarter when a brand joins and leaves within a month', () => {
    const brands = [relativeOf(BRAND, 'BRAND'), relativeOf(OTHER, 'BRAND')];
    const relatives = allianceOf(brands, [memberOf(BRAND, '2025-02-03', '2025-02-20'), memberOf(OTHER)]);
    const claims = new Map([
      [BRAND, [claimOn(1, '2025-Q1', 4_001)]],
      [OTHER, [claimOn(2, '2025-Q1', 12_007)]],
    ]);
    expect(knownOf(historiesOf(relatives, claims), ALLIANCE, '2025-Q1')).toEqual(exactly(12_007));
  });

  it('counts the month in which a brand joined, but no days and weeks before the day', () => {
    const brands = [relativeOf(BRAND, 'BRAND'), relativeOf(OTHER, 'BRAND')];
    // The Monday of the eighth week.
    const relatives = allianceOf(brands, [memberOf(BRAND, '2025-02-17'), memberOf(OTHER)]);
    const periods = ['2025-02', '2025-W07', '2025-W08', '2025-02-16', '2025-02-17'] as const;
    for (const period of periods) {
      const claims = new Map([
        [BRAND, [claimOn(1, period, 41)]],
        [OTHER, [claimOn(2, period, 103)]],
      ]);
      const isBefore = period === '2025-W07' || period === '2025-02-16';
      // The month counts as a whole, so there can be more in its days.
      const expected = isBefore ? [null, 103, null] : exactly(144);
      expect(knownOf(historiesOf(relatives, claims), ALLIANCE, period)).toEqual(expected);
    }
  });
});

describe('over two steps', () => {
  const below: readonly [number, readonly SpanClaim[]] = [PART, [claimOn(2, '2025-01', 1_501)]];

  it('a contradiction names the claims on both ends', () => {
    const claims = new Map([[COMPANY, [claimOn(1, '2025-01', 1_001)]], below]);
    expect(contradictionsIn(CHAIN, claims)).toMatchObject([
      { subjectId: COMPANY, kind: 'WHOLE_AND_PARTS', gap: 500, figureIds: [1, 2] },
    ]);
  });

  it('a contradiction does not hide another one of the same claim', () => {
    const own = [claimOn(1, '2025-01', 1_001), claimOn(3, '2025-Q1', 903, { tier: 4 })];
    const found = contradictionsIn(CHAIN, new Map([[COMPANY, own], below]));
    expect(found.map(({ figureIds }) => figureIds)).toEqual([
      [1, 2],
      [1, 3],
    ]);
  });

  it('what is known follows from the claims themselves', () => {
    const histories = historiesOf(CHAIN, new Map([below]));
    for (const id of [COMPANY, BRAND])
      expect(groundsOf(present(histories.get(id)), present(parsePeriod('2025-01'))).figureIds).toEqual([2]);
  });
});

describe('the id of a contradiction', () => {
  const claims = [
    ...[claimOn(1, '2025-01', 11_001), claimOn(2, '2025-02', 11_002), claimOn(3, '2025-03', 11_003)],
    claimOn(4, '2025-Q1', 35_077, { tier: 4 }),
  ];
  const idsWith = (...more: readonly SpanClaim[]) =>
    contradictionsIn(ONE_BRAND, new Map([[BRAND, [...claims, ...more]]])).map(({ identity }) => identity);

  it('stays when another source repeats a claim or states the sum of some of them', () => {
    const ids = idsWith();
    expect(ids).toHaveLength(1);
    expect(idsWith(claimOn(5, '2025-01', 11_001))).toEqual(ids);
    expect(idsWith(claimOn(5, '2025-01/2025-02', 22_003))).toEqual(ids);
  });
});

describe('production', () => {
  it('is at least what relatives delivered, to the day', () => {
    const deliveries = historiesOf(ONE_BRAND, new Map([[BRAND, [claimOn(1, '../2025-06-14', 5_001)]]]));
    const claims = new Map([[COMPANY, [claimOn(2, '2025-05', 103)]]]);
    const produced = historiesOf(ONE_BRAND, claims, 'PRODUCTION', { deliveries });
    expect(knownOf(produced, COMPANY, '../2025-06-13')).toEqual([null, 103, null]);
    expect(knownOf(produced, COMPANY, '../2025-06-14')).toEqual([null, 5_001, null]);
  });
});

function exactly(value: number) {
  return [value, value, value];
}

function allianceOf(brands: Relatives['subjects'], memberships: readonly Joined[]): Relatives {
  return { subjects: [...brands, relativeOf(ALLIANCE, 'ALLIANCE')], memberships };
}

function memberOf(brandId: number, joinedOn: string | null = null, leftOn: string | null = null): Joined {
  return { allianceId: ALLIANCE, brandId, joinedOn, leftOn };
}

function contradictionsIn(
  relatives: Relatives,
  claims: ReadonlyMap<number, readonly SpanClaim[]>,
): readonly FoundContradiction[] {
  return contradictionsAmong(historiesOf(relatives, claims).values());
}
