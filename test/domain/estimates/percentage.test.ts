import { describe, expect, test } from 'vitest';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import type { SpanClaim } from '../../../src/domain/estimates/weighing.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { claimOn, historyOf } from '../../support/histories.ts';

const YEAR_AGO = claimOn(1, '2024-12', 40_000);

/** The higher tier says 43,000 and another source 42,000, each with what it states as its change. */
function decemberOf(higher: number | null, lower: number | null, ...others: readonly SpanClaim[]) {
  const claims = [
    claimOn(2, '2025-12', 43_010, { tier: 1, statedChangePercent: higher }),
    claimOn(3, '2025-12', 42_010, { tier: 3, statedChangePercent: lower }),
  ];
  return observationOf(historyOf([...claims, ...others]), present(parsePeriod('2025-12')));
}

describe("a source's own percentage", () => {
  test('bears out the value that it fits, to the place to which it is stated', () => {
    // 42,010 is 5.025 percent over 40,000.
    for (const percent of [5, 5.03, 5.025])
      expect(decemberOf(null, percent, YEAR_AGO)).toMatchObject({
        ...{ value: 42_010, agreement: 'CONFLICTS', decidedBy: 'SUMS' },
        resolution: 'What Publisher 3 says fits other periods and parts, and what Publisher 2 says does not.',
      });
  });

  test('says nothing for a value that it does not fit, so that the tier decides', () => {
    for (const percent of [5.1, 5.04, 4, -5])
      expect(decemberOf(null, percent, YEAR_AGO)).toMatchObject({ value: 43_010, decidedBy: 'TIER' });
  });

  test('decides for the one of two values whose percentage fits', () => {
    // 43,010 is 7.525 percent over 40,000.
    expect(decemberOf(7.4, 5.0, YEAR_AGO)).toMatchObject({ value: 42_010, decidedBy: 'SUMS' });
    expect(decemberOf(7.5, 5.3, YEAR_AGO)).toMatchObject({ value: 43_010, decidedBy: 'SUMS' });
  });

  test('decides nothing if both fit, or if nothing exact is known of the year before', () => {
    expect(decemberOf(7.5, 5, YEAR_AGO)).toMatchObject({ value: 43_010, decidedBy: 'TIER' });
    expect(decemberOf(null, 5)).toMatchObject({ value: 43_010, decidedBy: 'TIER' });
    const vague = claimOn(1, '2024-12', 40_000, { qualifier: 'ABOUT', bounds: { lower: 39_500, upper: 40_500 } });
    expect(decemberOf(null, 5, vague)).toMatchObject({ value: 43_010, decidedBy: 'TIER' });
  });

  test('counts from what other periods say of the year before', () => {
    const others = [claimOn(4, '2024-Q4', 110_010), claimOn(5, '2024-10', 35_005), claimOn(6, '2024-11', 35_005)];
    expect(decemberOf(null, 5, ...others)).toMatchObject({ value: 42_010, decidedBy: 'SUMS' });
  });

  test('stands behind what other periods add up to, and behind more origins', () => {
    const months = [claimOn(4, '2025-Q4', 113_010), claimOn(5, '2025-10', 35_005), claimOn(6, '2025-11', 34_995)];
    expect(decemberOf(null, 5, YEAR_AGO, ...months)).toMatchObject({ value: 43_010, decidedBy: 'SUMS' });
    expect(decemberOf(null, 5, YEAR_AGO, claimOn(4, '2025-12', 43_010))).toMatchObject({
      ...{ value: 43_010, decidedBy: 'ORIGINS' },
    });
  });
});
