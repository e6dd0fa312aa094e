import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  addMonths,
  addYears,
  type Day,
  dayOf,
  daysBetween,
  elapsedBetween,
  firstDayOfMonth,
  lastDayOfMonth,
  maxDay,
  minDay,
  mondayOf,
  monthOf,
  monthsBetween,
  parseDay,
  parsePartialDate,
  quarterOf,
  startOfDay,
  yearOf,
} from '../../../src/domain/values/calendar.ts';

const anyDay: fc.Arbitrary<Day> = fc.integer({ min: 0, max: 70_000 }).map((days) => addDays('1950-01-01', days));

describe('parseDay', () => {
  it.each(['1900-01-01', '2999-12-31', '2024-02-29', '2000-02-29', '2026-01-13'])('reads the real day %s', (text) => {
    expect(parseDay(text)).toBe(text);
  });

  it.each([
    '2025-02-29',
    '1900-02-29',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '2025-01-32',
    '1899-12-31',
    '3000-01-01',
    '2025-1-1',
    '20250101',
    '2025-01',
    ' 2025-01-01',
    '2025-01-01\n',
    '2025-01-01T00:00:00Z',
    '-2025-01-01',
    '12025-01-01',
    '２０２５-01-01',
    '',
  ])('refuses %j', (text) => {
    expect(parseDay(text)).toBeNull();
  });

  it('reads every day it writes', () => {
    fc.assert(fc.property(anyDay, (day) => parseDay(day) === day));
  });
});

describe('parsePartialDate', () => {
  it('reads a year as all of its days', () => {
    expect(parsePartialDate('2024')).toEqual({
      text: '2024',
      precision: 'YEAR',
      first: '2024-01-01',
      last: '2024-12-31',
    });
  });

  it.each([
    ['2024-Q1', '2024-01-01', '2024-03-31'],
    ['2025-Q3', '2025-07-01', '2025-09-30'],
    ['2025-Q4', '2025-10-01', '2025-12-31'],
  ])('reads the quarter %s as all of its days', (text, first, last) => {
    expect(parsePartialDate(text)).toEqual({ text, precision: 'QUARTER', first, last });
    expect([quarterOf(first), quarterOf(last)]).toEqual([text, text]);
  });

  it('reads a month as all of its days', () => {
    expect(parsePartialDate('2024-02')).toEqual({
      text: '2024-02',
      precision: 'MONTH',
      first: '2024-02-01',
      last: '2024-02-29',
    });
  });

  it('reads a day as itself', () => {
    expect(parsePartialDate('2024-10-15')).toEqual({
      text: '2024-10-15',
      precision: 'DAY',
      first: '2024-10-15',
      last: '2024-10-15',
    });
  });

  it.each([
    '1899',
    '3000',
    '2024-00',
    '2024-13',
    '1899-12',
    '2024-02-30',
    '2024-Q0',
    '2024-Q5',
    '1899-Q4',
    '24',
    '2024-1',
    '2024-',
    '12024',
    '12024-01',
    '',
  ])('refuses %j', (text) => {
    expect(parsePartialDate(text)).toBeNull();
  });
});

describe('days and instants', () => {
  it('starts a day in Shanghai at 16:00 UTC of the day before', () => {
    expect(startOfDay('2026-01-01').toISOString()).toBe('2025-12-31T16:00:00.000Z');
  });

  it('turns to the next day at midnight in Shanghai', () => {
    expect(dayOf(new Date('2025-12-31T15:59:59.999Z'))).toBe('2025-12-31');
    expect(dayOf(new Date('2025-12-31T16:00:00.000Z'))).toBe('2026-01-01');
  });

  it('keeps eight hours in summer', () => {
    expect(dayOf(new Date('2025-06-30T15:59:59Z'))).toBe('2025-06-30');
    expect(dayOf(new Date('2025-06-30T16:00:00Z'))).toBe('2025-07-01');
  });

  it('holds a day from its start until the start of the next', () => {
    fc.assert(
      fc.property(anyDay, (day) => {
        expect(dayOf(startOfDay(day))).toBe(day);
        expect(dayOf(new Date(startOfDay(addDays(day, 1)).getTime() - 1))).toBe(day);
      }),
    );
  });
});

describe('addDays and daysBetween', () => {
  it('crosses months, years and leap days', () => {
    expect(addDays('2024-02-28', 1)).toBe('2024-02-29');
    expect(addDays('2025-02-28', 1)).toBe('2025-03-01');
    expect(addDays('2026-01-01', -1)).toBe('2025-12-31');
    expect(addDays('2026-01-13', 0)).toBe('2026-01-13');
  });

  it('counts 602 days from 2024-03-28 to 2025-11-20', () => {
    expect(daysBetween('2024-03-28', '2025-11-20')).toBe(602);
  });

  it('counts backwards as negative', () => {
    expect(daysBetween('2025-01-02', '2025-01-01')).toBe(-1);
  });

  it('are each other’s inverse', () => {
    fc.assert(fc.property(anyDay, anyDay, (from, to) => addDays(from, daysBetween(from, to)) === to));
  });
});

describe('addMonths and addYears', () => {
  it('clamp to the end of a shorter month', () => {
    expect(addMonths('2024-01-31', 1)).toBe('2024-02-29');
    expect(addMonths('2025-01-31', 1)).toBe('2025-02-28');
    expect(addMonths('2025-05-31', -1)).toBe('2025-04-30');
    expect(addYears('2024-02-29', 1)).toBe('2025-02-28');
    expect(addYears('2024-02-29', 4)).toBe('2028-02-29');
  });

  it('do not move the end of a shorter month to the end of a longer one', () => {
    expect(addMonths('2025-02-28', 1)).toBe('2025-03-28');
    expect(addYears('2025-02-28', -1)).toBe('2024-02-28');
  });

  it('cross years in both directions', () => {
    expect(addMonths('2025-12-15', 1)).toBe('2026-01-15');
    expect(addMonths('2025-01-15', -1)).toBe('2024-12-15');
    expect(addMonths('2025-01-15', -25)).toBe('2022-12-15');
    expect(addMonths('2025-01-15', 0)).toBe('2025-01-15');
  });

  it('never leave the target month', () => {
    fc.assert(
      fc.property(anyDay, fc.integer({ min: -500, max: 500 }), (day, months) => {
        const moved = addMonths(day, months);
        expect(parseDay(moved)).toBe(moved);
        expect(monthsBetween(day, moved)).toBe(months);
        const keepsItsDay = moved.slice(8) === day.slice(8);
        expect(keepsItsDay || (moved === lastDayOfMonth(moved) && moved.slice(8) < day.slice(8))).toBe(true);
      }),
    );
  });
});

describe('elapsedBetween', () => {
  it('counts 19 months and 23 days, 602 days in all, from 2024-03-28 to 2025-11-20', () => {
    expect(elapsedBetween('2024-03-28', '2025-11-20')).toEqual({ months: 19, days: 23, totalDays: 602 });
  });

  it('clamps months from the last day of a longer month', () => {
    expect(elapsedBetween('2024-01-31', '2024-02-29')).toEqual({ months: 1, days: 0, totalDays: 29 });
    expect(elapsedBetween('2024-01-31', '2024-02-28')).toEqual({ months: 0, days: 28, totalDays: 28 });
    expect(elapsedBetween('2024-01-31', '2024-03-01')).toEqual({ months: 1, days: 1, totalDays: 30 });
    expect(elapsedBetween('2024-02-29', '2025-02-28')).toEqual({ months: 12, days: 0, totalDays: 365 });
  });

  it('completes a month on the same day of the next', () => {
    expect(elapsedBetween('2025-01-15', '2025-02-14')).toEqual({ months: 0, days: 30, totalDays: 30 });
    expect(elapsedBetween('2025-01-15', '2025-02-15')).toEqual({ months: 1, days: 0, totalDays: 31 });
  });

  it('counts nothing on the same day', () => {
    expect(elapsedBetween('2025-01-31', '2025-01-31')).toEqual({ months: 0, days: 0, totalDays: 0 });
  });

  it('refuses to run backwards', () => {
    expect(() => elapsedBetween('2025-01-02', '2025-01-01')).toThrow(RangeError);
    expect(() => elapsedBetween('2025-01-02', '2025-01-01')).toThrow('"2025-01-01"');
  });

  it('leads back to the end, with no complete month left in its days', () => {
    fc.assert(
      fc.property(anyDay, anyDay, (one, other) => {
        const from = minDay(one, other);
        const to = maxDay(one, other);
        const { months, days, totalDays } = elapsedBetween(from, to);
        expect(addDays(addMonths(from, months), days)).toBe(to);
        expect(totalDays).toBe(daysBetween(from, to));
        expect(days).toBeGreaterThanOrEqual(0);
        expect(addMonths(from, months + 1) > to).toBe(true);
      }),
    );
  });
});

describe('the parts of a day', () => {
  it('finds the edges of its month', () => {
    expect(firstDayOfMonth('2024-02-15')).toBe('2024-02-01');
    expect(lastDayOfMonth('2024-02-15')).toBe('2024-02-29');
    expect(lastDayOfMonth('2025-12-31')).toBe('2025-12-31');
  });

  it('finds the Monday of its ISO week', () => {
    expect(mondayOf('2026-01-13')).toBe('2026-01-12');
    expect(mondayOf('2026-01-12')).toBe('2026-01-12');
    expect(mondayOf('2026-01-18')).toBe('2026-01-12');
    expect(mondayOf('2026-01-01')).toBe('2025-12-29');
  });

  it('reads its year and month', () => {
    expect(yearOf('2026-01-13')).toBe(2026);
    expect(monthOf('2026-01-13')).toBe(1);
  });

  it('counts months by the calendar alone', () => {
    expect(monthsBetween('2025-01-31', '2025-02-01')).toBe(1);
    expect(monthsBetween('2026-01-01', '2025-12-31')).toBe(-1);
  });

  it('orders days', () => {
    expect(minDay('2025-12-31', '2026-01-01')).toBe('2025-12-31');
    expect(maxDay('2025-12-31', '2026-01-01')).toBe('2026-01-01');
    expect(minDay('2026-01-01', '2025-12-31')).toBe('2025-12-31');
    expect(maxDay('2026-01-01', '2025-12-31')).toBe('2026-01-01');
  });
});
