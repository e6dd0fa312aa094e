import { describe, expect, it } from 'vitest';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import type { SpanClaim } from '../../../src/domain/estimates/weighing.ts';
import { type Period, parsePeriod, periodsBetween, toDate } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { claimOn, historiesOf, historyOf, knownOf, relativeOf } from '../../support/histories.ts';

describe('what the maker rounds', () => {
  it('in the quarters of 14 years never replaces the exact sums of their months', () => {
    const quarters = periodsBetween('QUARTER', '2012-01-01', '2025-12-31');
    const months = periodsBetween('MONTH', '2012-01-01', '2025-12-31');
    const claims = [
      ...quarters.map(({ text }, index) => claimOn(1 + index, text, 35_700, { tier: 1 })),
      ...months.map(({ text }, index) => claimOn(1_001 + index, text, index % 3 === 2 ? 11_887 : 11_901, { tier: 2 })),
    ];
    expect(valuesOf(claims, quarters)).toEqual(quarters.map(() => 35_689));
  });

  it('in the months of 6 years never replaces what follows from exact totals', () => {
    const months = periodsBetween('MONTH', '2020-01-01', '2025-12-31');
    let total = 0;
    const values: number[] = [];
    const claims = [claimOn(1, '../2019-12-31', 0, { tier: 1 })];
    for (const [index, month] of months.entries()) {
      const value = 11_860 + ((index * 17) % 80);
      // No total looks rounded.
      values.push((total + value) % 100 === 0 ? value + 1 : value);
      total += present(values.at(-1));
      claims.push(claimOn(1_001 + index, month.text, 11_900, { tier: 1 }));
      claims.push(claimOn(2_001 + index, toDate(month.end).text, total, { tier: 2 }));
    }
    expect(valuesOf(claims, months)).toEqual(values);
  });
});

it('the years between a figure of 1900 and one of 2025 are one gap', () => {
  const history = historyOf([claimOn(1, '1900-12', 5), claimOn(2, '2025-01', 7)]);
  expect(observationOf(history, present(parsePeriod('1900/2025')))).toMatchObject({
    ...{ value: null, lower: 12, upper: null },
    missing: ['1900-H1', '1900-Q3', '1900-10', '1900-11', '1901/2024', '2025-02', '2025-03', '2025-Q2', '2025-H2'],
  });
});

it('money to a tenth of a fen is what is stated', () => {
  const relatives = { subjects: [relativeOf(1, 'COMPANY')], memberships: [] };
  for (const value of [12_345.678, 0.004, 123_456_789_012_345.67]) {
    const histories = historiesOf(relatives, new Map([[1, [claimOn(1, '2025', value)]]]), 'REVENUE');
    expect(knownOf(histories, 1, '2025')).toEqual([value, value, value]);
    expect(observationOf(present(histories.get(1)), present(parsePeriod('2025')))).toMatchObject({
      ...{ method: 'ASSERTED', bestId: 1 },
    });
  }
});

function valuesOf(claims: readonly SpanClaim[], periods: readonly Period[]): readonly (number | null | undefined)[] {
  const history = historyOf(claims);
  return periods.map((period) => observationOf(history, period)?.value);
}
