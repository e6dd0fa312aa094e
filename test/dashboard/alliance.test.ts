import { expect, test } from 'vitest';
import { sumOf } from '../../dashboard/src/alliance/basis-sum.ts';
import { REST, segmentsOf, stackMonths } from '../../dashboard/src/alliance/stack.ts';

const JUNE = { period: '2026-06', metric: 'DELIVERIES', periodStart: '2026-06-01', periodEnd: '2026-06-30' } as const;

function member(slug: string, value: number | null, joinedOn: string | null = null, leftOn: string | null = null) {
  return { joinedOn, leftOn, brand: { slug, series: { observations: [{ ...JUNE, value }] } } };
}

test('members stand on each other, and what is left of the total on them', () => {
  const months = stackMonths([{ ...JUNE, value: 100 }], [member('a', 30), member('b', null), member('c', 20)]);
  expect(months).toEqual([
    {
      period: '2026-06',
      from: '2026-06-01',
      to: '2026-06-30',
      total: 100,
      parts: [
        { slug: 'a', value: 30 },
        { slug: 'c', value: 20 },
      ],
      memberCount: 3,
    },
  ]);
  expect(segmentsOf(months).map(({ part, lower, upper }) => [part, lower, upper])).toEqual([
    ['a', 0, 30],
    ['c', 30, 50],
    [REST, 50, 100],
  ]);
});

test('a member counts from the month at whose end it was one, to the month at whose end it was not', () => {
  const count = (joinedOn: string | null, leftOn: string | null) =>
    stackMonths([{ ...JUNE, value: 100 }], [member('a', 30, joinedOn, leftOn)])[0]?.memberCount;
  expect(count('2026-06-30', null)).toBe(1);
  expect(count('2026-07-01', null)).toBe(0);
  expect(count(null, '2026-06-30')).toBe(0);
  expect(count(null, '2026-07-01')).toBe(1);
});

test('a member that counts something else than the whole is not put into its bar', () => {
  const [month] = stackMonths([{ ...JUNE, metric: 'SALES', value: 100 }], [member('a', 30)]);
  expect(month?.parts).toEqual([]);
});

test('a month of which only members are known has no rest', () => {
  expect(segmentsOf(stackMonths([], [member('a', 30)])).map(({ part }) => part)).toEqual(['a']);
});

test('a sum is a value only if all members are known', () => {
  const known = { value: 10, lower: 10, upper: 10 };
  const whole = { parts: [known, known], membersWithData: 2, memberCount: 2, missing: [] };
  expect(sumOf(whole)).toEqual({ value: 20, lower: 20, upper: 20 });
  expect(sumOf({ ...whole, memberCount: 3 })).toEqual({ value: null, lower: 20, upper: null });
  expect(sumOf({ ...whole, missing: ['2026-05'] })).toEqual({ value: null, lower: 20, upper: null });
});

test('bounds of members are added up, and an open one leaves the sum open', () => {
  const whole = { membersWithData: 1, memberCount: 1, missing: [] };
  expect(sumOf({ ...whole, parts: [{ value: null, lower: 5, upper: 9 }] })).toEqual({
    value: null,
    lower: 5,
    upper: 9,
  });
  expect(sumOf({ ...whole, parts: [{ value: null, lower: 5, upper: null }] }).upper).toBeNull();
});

test('nothing is known of a sum of which no member is known', () => {
  expect(sumOf({ parts: [], membersWithData: 0, memberCount: 5, missing: ['2026-06'] })).toEqual({
    value: null,
    lower: null,
    upper: null,
  });
});
