import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, addMonths, type Day, daysBetween, lastDayOfMonth } from '../../../src/domain/values/calendar.ts';
import {
  type Granularity,
  monthsOf,
  nextPeriod,
  type Period,
  parsePeriod,
  periodFromDays,
  periodsBetween,
  previousPeriod,
  tilingsOf,
  toDate,
} from '../../../src/domain/values/period.ts';

const anyDay: fc.Arbitrary<Day> = fc.integer({ min: 0, max: 20_000 }).map((days) => addDays('1990-01-01', days));
const anyGranularity = fc.constantFrom<Granularity>('WEEK', 'MONTH', 'QUARTER', 'HALF', 'YEAR');
const rangeOfDays = fc
  .tuple(anyDay, fc.nat(800))
  .map(([start, days]): Period => periodFromDays(start, addDays(start, days)));
const rangeOfMonths = fc.tuple(anyDay, fc.nat(40)).map(([day, months]): Period => {
  const start = `${day.slice(0, 7)}-01`;
  return periodFromDays(start, lastDayOfMonth(addMonths(start, months)));
});
const namedPeriod = fc
  .tuple(anyGranularity, anyDay)
  .map(([granularity, day]): Period => periodsBetween(granularity, day, day)[0] as Period);
const boundedPeriod = fc.oneof(rangeOfDays, rangeOfMonths, namedPeriod);
const anyPeriod = fc.oneof(boundedPeriod, anyDay.map(toDate));

describe('the text of a period', () => {
  it('names these days and no others', () => {
    fc.assert(
      fc.property(anyPeriod, anyPeriod, (a, b) => {
        expect(a.text === b.text).toBe(a.start === b.start && a.end === b.end);
      }),
    );
  });

  it('is no longer than that of its first and last day', () => {
    fc.assert(
      fc.property(boundedPeriod, ({ text, start, end }) => {
        expect(text.length).toBeLessThanOrEqual(`${start}/${end}`.length);
      }),
    );
  });

  it('is a range of two texts only when nothing shorter names these days', () => {
    fc.assert(
      fc.property(boundedPeriod, ({ kind, start, end }) => {
        const named = (['WEEK', 'MONTH', 'QUARTER', 'HALF', 'YEAR'] as const).flatMap((granularity) =>
          periodsBetween(granularity, start as Day, start as Day),
        );
        const fits = named.some((period) => period.start === start && period.end === end) || start === end;
        expect(kind === 'RANGE').toBe(!fits);
      }),
    );
  });

  it('reads two texts as everything from the first day of one to the last day of the other', () => {
    const partOfRange = fc.oneof(
      namedPeriod.filter(({ kind }) => kind !== 'WEEK'),
      anyDay.map((day) => periodFromDays(day, day)),
    );
    fc.assert(
      fc.property(partOfRange, partOfRange, (a, b) => {
        const read = parsePeriod(`${a.text}/${b.text}`);
        if (b.end < (a.start as Day)) expect(read).toBeNull();
        else expect(read).toEqual(periodFromDays(a.start as Day, b.end));
      }),
    );
  });
});

describe('nextPeriod', () => {
  it.each([
    ['2025-01', '2025-02'],
    ['2024-02', '2024-03'],
    ['2024-Q4', '2025-Q1'],
    ['2025', '2026'],
    ['2024-W52', '2025-W01'],
    ['2020-W53', '2021-W01'],
    ['2025-02-28', '2025-03-01'],
    ['2024-04/2024-12', '2025-01/2025-09'],
    ['2022/2023', '2024/2025'],
    ['2025-01-01/2025-01-10', '2025-01-11/2025-01-20'],
  ])('of %s is %s', (text, after) => {
    expect(nextPeriod(parsePeriod(text) as Period)?.text).toBe(after);
  });

  it('is null for a to-date', () => {
    expect(nextPeriod(toDate('2026-01-13'))).toBeNull();
  });

  it('begins the day after the end, and previousPeriod leads back when it is made of months or equally long', () => {
    fc.assert(
      fc.property(boundedPeriod, (period) => {
        const next = nextPeriod(period) as Period;
        expect(next.start).toBe(addDays(period.end, 1));
        // Ten days can be followed by a month's worth of whole days, which has another length.
        const sameMeasure = (monthsOf(next) === null) === (monthsOf(period) === null);
        if (sameMeasure) expect(previousPeriod(next)).toEqual(period);
      }),
    );
  });

  it('has as many months, or else as many days', () => {
    fc.assert(
      fc.property(boundedPeriod, (period) => {
        const next = nextPeriod(period) as Period;
        const months = monthsOf(period);
        if (months === null) expect(lengthOf(next)).toBe(lengthOf(period));
        else expect(monthsOf(next)).toHaveLength(months.length);
      }),
    );
  });
});

describe('tilings', () => {
  it('have as many days as what they tile, and no tile twice', () => {
    fc.assert(
      fc.property(boundedPeriod, (period) => {
        for (const tiles of tilingsOf(period)) {
          expect(tiles.reduce((days, tile) => days + lengthOf(tile), 0)).toBe(lengthOf(period));
          expect(new Set(tiles.map(({ text }) => text)).size).toBe(tiles.length);
        }
      }),
    );
  });

  it('consist of periods that the finer tilings tile in turn', () => {
    fc.assert(
      fc.property(rangeOfMonths, (period) => {
        const tilings = tilingsOf(period);
        for (const [index, finer] of tilings.slice(1).entries()) {
          const ends = new Set(finer.map(({ end }) => end));
          for (const { end } of tilings[index] ?? []) expect(ends.has(end)).toBe(true);
        }
      }),
    );
  });
});

function lengthOf({ start, end }: Period): number {
  return daysBetween(start as Day, end) + 1;
}
