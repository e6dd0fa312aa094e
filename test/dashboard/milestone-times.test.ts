import { expect, test } from 'vitest';
import { dateRange, isTelling, sinceTheOneBefore, spanInWords } from '../../dashboard/src/maker/milestone-times.ts';

const UNITS = { kind: 'UNITS', metric: 'DELIVERIES', window: null } as const;
const WORDS = {
  dayCount: (days: string, isOne: boolean) => `${days} ${isOne ? 'day' : 'days'}`,
  near: (days: string, words: string) => `${days} (about ${words})`,
  months: (count: string, isOne: boolean) => `${count} ${isOne ? 'month' : 'months'}`,
  years: (count: string, isOne: boolean) => `${count} ${isOne ? 'year' : 'years'}`,
};

test.each([
  ['2026-01-06', null, '2026-01-06', '2026-01-06'],
  ['2024-02', null, '2024-02-01', '2024-02-29'],
  ['2025', null, '2025-01-01', '2025-12-31'],
  ['2026-01', ['2026-01-10', '2026-01-20'], '2026-01-10', '2026-01-20'],
  [null, ['2026-01-10', '2026-02-20'], '2026-01-10', '2026-02-20'],
])('the date %s with the days %j is from %s to %s', (date, window, first, last) => {
  expect(dateRange(date, window)).toEqual({ first, last });
});

test('nothing is known of a milestone without a date', () => {
  expect(dateRange(null, null)).toBeNull();
});

test('the time since the one before is exact between days, and has bounds between months', () => {
  const spans = sinceTheOneBefore([
    { ...UNITS, id: 'b', threshold: 50_000, reachedOn: '2021-03-10' },
    { ...UNITS, id: 'a', threshold: 10_000, reachedOn: '2021-03-01' },
    { ...UNITS, id: 'c', threshold: 100_000, reachedOn: '2021-05' },
  ]);
  expect(spans.get('a')).toBeUndefined();
  expect(spans.get('b')).toEqual({ least: 9, most: 9 });
  expect(spans.get('c')).toEqual({ least: 52, most: 82 });
});

test('milestones of other metrics and without a number are not compared', () => {
  const spans = sinceTheOneBefore([
    { ...UNITS, id: 'a', threshold: 10_000, reachedOn: '2021-03-01' },
    { ...UNITS, id: 'b', metric: 'PRODUCTION', threshold: 50_000, reachedOn: '2021-03-10' },
    { ...UNITS, id: 'c', kind: 'RANKING', metric: null, threshold: null, reachedOn: '2021-05-01' },
  ]);
  expect(spans.size).toBe(0);
});

test('a milestone after one without a day is not compared with an earlier one', () => {
  const spans = sinceTheOneBefore([
    { ...UNITS, id: 'a', threshold: 10_000, reachedOn: '2021-03-01' },
    { ...UNITS, id: 'b', threshold: 50_000, reachedOn: null },
    { ...UNITS, id: 'c', threshold: 100_000, reachedOn: '2021-05-01' },
  ]);
  expect(spans.size).toBe(0);
});

test.each([
  [{ least: 1, most: 1 }, '1 day'],
  [{ least: 20, most: 50 }, '20–50 days'],
  [{ least: 213, most: 272 }, '213–272 days (about 7–9 months)'],
  [{ least: 2_777, most: 2_777 }, '2777 days (about 7.6 years)'],
])('%j is told as %s', (span, words) => {
  expect(spanInWords(span, WORDS, String)).toBe(words);
});

test('a span that is wider than half of its shortest time says nothing, unless it is short', () => {
  expect(isTelling({ least: 0, most: 60 })).toBe(true);
  expect(isTelling({ least: 0, most: 2_312 })).toBe(false);
  expect(isTelling({ least: 1_000, most: 1_500 })).toBe(true);
});
