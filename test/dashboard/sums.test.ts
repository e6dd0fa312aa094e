import { expect, test } from 'vitest';
import { sumOf } from '../../dashboard/src/contradictions/sums.ts';
import { spanOf } from '../../dashboard/src/format/span.ts';

const DAY_MS = 86_400_000;

test.each([
  ['2026-07', '2026-07-01', '2026-07-31'],
  ['2024-02', '2024-02-01', '2024-02-29'],
  ['2025-Q4', '2025-10-01', '2025-12-31'],
  ['2025-H1', '2025-01-01', '2025-06-30'],
  ['2025', '2025-01-01', '2025-12-31'],
  ['2025-W01', '2024-12-30', '2025-01-05'],
  ['2021-W01', '2021-01-04', '2021-01-10'],
  ['2026-01-13', '2026-01-13', '2026-01-13'],
  ['2025-01/2025-09', '2025-01-01', '2025-09-30'],
  ['2025-01-01/2025-03-15', '2025-01-01', '2025-03-15'],
  ['../2026-07-31', null, '2026-07-31'],
])('%s is from %s to %s', (period, first, last) => {
  const span = spanOf(period);
  expect([dayOf(span?.first), dayOf(span?.last)]).toEqual([first, last]);
});

test.each(['', 'July', '2026-', '2026-13-99x', '../'])('%j is no period', (text) => {
  expect(spanOf(text)).toBe(null);
});

test('months and a total to date add up to a later total', () => {
  const claims = [
    claim('../2020-04-30', 38_906),
    claim('2020-05', 3_436),
    claim('../2020-06-30', 46_078),
    claim('2020-06', 3_740),
  ];
  const sum = sumOf(claims, (id) => id === '../2020-06-30 46078');
  expect(sum?.whole.period).toBe('../2020-06-30');
  expect(sum?.parts.map(({ period }) => period)).toEqual(['../2020-04-30', '2020-05', '2020-06']);
  expect(sum?.total).toBe(46_082);
});

test('of two claims about a part the one that counts is added up', () => {
  const claims = [
    claim('2025-Q4', 100),
    claim('2025-10', 30),
    claim('2025-10', 31),
    claim('2025-11', 31),
    claim('2025-12', 32),
  ];
  expect(sumOf(claims, (id) => id === '2025-10 30')?.total).toBe(94);
});

test('brands of the same month add up to their company', () => {
  const claims = [claim('2025-10', 50, 'company'), claim('2025-10', 20, 'one'), claim('2025-10', 25, 'other')];
  expect(sumOf(claims, () => false)).toMatchObject({ whole: { value: 50 }, total: 45 });
});

test.each([
  ['a month is missing', [claim('2025-Q4', 100), claim('2025-10', 30), claim('2025-12', 32)]],
  ['all claims are about one period', [claim('2025-10', 30), claim('2025-10', 31)]],
  ['everything adds up', [claim('2025-H1', 5), claim('2025-Q1', 2), claim('2025-Q2', 3)]],
  ['a part has only bounds', [claim('2025-H1', 5), claim('2025-Q1', null), claim('2025-Q2', 3)]],
])('nothing is added up where %s', (_why, claims) => {
  expect(sumOf(claims, () => false)).toBe(null);
});

function claim(period: string, value: number | null, subject = 'nio-inc') {
  return { id: `${period} ${value}`, period, value, subject: { id: subject } };
}

function dayOf(day: number | null | undefined): string | null {
  return day == null ? null : new Date(day * DAY_MS).toISOString().slice(0, 10);
}
