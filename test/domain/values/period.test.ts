import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addDays, type Day, FIRST_DAY, LAST_DAY, lastDayOfMonth } from '../../../src/domain/values/calendar.ts';
import {
  countPeriods,
  type Granularity,
  monthsOf,
  PERIOD_FORMATS,
  type Period,
  parsePeriod,
  periodFromDays,
  periodsBetween,
  previousPeriod,
  tilingsOf,
  toDate,
  yearAgo,
} from '../../../src/domain/values/period.ts';
import { datesWorkedOut } from '../../support/calendar-work.ts';

const anyDay: fc.Arbitrary<Day> = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('1990-01-01', days));
const anyGranularity = fc.constantFrom<Granularity>('WEEK', 'MONTH', 'QUARTER', 'HALF', 'YEAR');
const nearbyDays = fc
  .tuple(anyDay, fc.integer({ min: 0, max: 1_500 }))
  .map(([start, days]): [Day, Day] => [start, addDays(start, days)]);
const namedPeriod = fc.tuple(anyGranularity, anyDay).map(([granularity, day]) => only(granularity, day));
const rangeOfMonths = nearbyDays.map(([start, end]) => periodFromDays(`${start.slice(0, 7)}-01`, lastDayOfMonth(end)));
const rangeOfDays = nearbyDays.map(([start, end]) => periodFromDays(start, end));
const boundedPeriod = fc.oneof(namedPeriod, rangeOfMonths, rangeOfDays);
const anyPeriod = fc.oneof(boundedPeriod, anyDay.map(toDate));

describe('parsePeriod', () => {
  it.each([
    ['2025-12', 'MONTH', '2025-12-01', '2025-12-31'],
    ['2024-02', 'MONTH', '2024-02-01', '2024-02-29'],
    ['2025-H1', 'HALF', '2025-01-01', '2025-06-30'],
    ['2025-H2', 'HALF', '2025-07-01', '2025-12-31'],
    ['2025-Q1', 'QUARTER', '2025-01-01', '2025-03-31'],
    ['2025-Q3', 'QUARTER', '2025-07-01', '2025-09-30'],
    ['2025-Q4', 'QUARTER', '2025-10-01', '2025-12-31'],
    ['2025', 'YEAR', '2025-01-01', '2025-12-31'],
    ['2025-W12', 'WEEK', '2025-03-17', '2025-03-23'],
    ['2025-W01', 'WEEK', '2024-12-30', '2025-01-05'],
    ['2020-W53', 'WEEK', '2020-12-28', '2021-01-03'],
    ['2026-W53', 'WEEK', '2026-12-28', '2027-01-03'],
    ['1900-W01', 'WEEK', '1900-01-01', '1900-01-07'],
    ['2026-01-13', 'DAY', '2026-01-13', '2026-01-13'],
    ['2025-01/2025-09', 'RANGE', '2025-01-01', '2025-09-30'],
    ['2024/2025', 'RANGE', '2024-01-01', '2025-12-31'],
    ['2025-01-15/2025-02-03', 'RANGE', '2025-01-15', '2025-02-03'],
    ['../2026-01-13', 'TO_DATE', null, '2026-01-13'],
  ])('reads %s under its own name', (text, kind, start, end) => {
    expect(parsePeriod(text)).toEqual({ text, kind, start, end });
  });

  it.each([
    ['2025-01/2025-12', '2025'],
    ['2025-Q1/2025-Q4', '2025'],
    ['2025/2025', '2025'],
    ['2024-01/2025-12', '2024/2025'],
    ['2025-07/2025-09', '2025-Q3'],
    ['2025-01/2025-06', '2025-H1'],
    ['2025-Q3/2025-Q4', '2025-H2'],
    ['2025-07-01/2025-12-31', '2025-H2'],
    ['2025-H1/2025-H2', '2025'],
    ['2025-h1', '2025-H1'],
    ['2024-H2/2025-H1', '2024-07/2025-06'],
    ['2025-04/2025-09', '2025-04/2025-09'],
    ['../2025-H1', '../2025-06-30'],
    ['2025-07-01/2025-07-31', '2025-07'],
    ['2025-07/2025-07', '2025-07'],
    ['2025-01-01/2025-09-30', '2025-01/2025-09'],
    ['2025-Q1/2025-Q3', '2025-01/2025-09'],
    ['2025/2026-Q1', '2025-01/2026-03'],
    ['2025-02/2025-04', '2025-02/2025-04'],
    ['2025-07/2026-06', '2025-07/2026-06'],
    ['2025-01-15/2025-09', '2025-01-15/2025-09-30'],
    ['2026-01-13/2026-01-13', '2026-01-13'],
    ['2026-01-12/2026-01-18', '2026-W03'],
    ['2024-12-30/2025-01-05', '2025-W01'],
    ['2026-01-13/2026-01-19', '2026-01-13/2026-01-19'],
    ['2026-01-12/2026-01-25', '2026-01-12/2026-01-25'],
    ['../2025-12', '../2025-12-31'],
    ['../2025-Q3', '../2025-09-30'],
    ['../2025', '../2025-12-31'],
    ['../2024-02', '../2024-02-29'],
    ['2025-q3', '2025-Q3'],
    ['2025-w05', '2025-W05'],
    ['  2025-12\n', '2025-12'],
    ['\u30002025-12', '2025-12'],
  ])('names %j %s', (text, name) => {
    expect(parsePeriod(text)?.text).toBe(name);
  });

  it.each([
    '',
    ' ',
    '/',
    '..',
    '../',
    '/2025',
    '2025/',
    '2025//2026',
    '2024/2025/2026',
    '2025/..',
    '../..',
    '../2025-W12',
    '2025-W01/2025-W04',
    '2025-09/2025-01',
    '2026-01-13/2026-01-12',
    '2025-W53',
    '2024-W53',
    '2025-W00',
    '2025-W54',
    '2025-W5',
    '2025-W051',
    '12025-W05',
    '12025-Q3',
    '12025',
    '2025-W',
    '2025-Q0',
    '2025-Q5',
    '2025-H0',
    '2025-H3',
    '2025H1',
    '12025-H1',
    '1899-H2',
    '2025Q3',
    'Q3 2025',
    '2025-00',
    '2025-13',
    '2025-1',
    '202512',
    '2025-02-30',
    '2025-02-29',
    '1899',
    '1899-Q4',
    '1899-W52',
    '3000-01',
    '3000-W01',
    '../3000',
    '2025-01 / 2025-09',
    '2025-01–2025-09',
    'December 2025',
    'undefined',
    '２０２５',
  ])('refuses %j', (text) => {
    expect(parsePeriod(text)).toBeNull();
  });

  it('reads the text of any period back to an equal one', () => {
    fc.assert(
      fc.property(anyPeriod, (period) => {
        expect(parsePeriod(period.text)).toEqual(period);
        expect(parsePeriod(` ${period.text.toLowerCase()} `)).toEqual(period);
      }),
    );
  });

  it('gives the same days the same text, however they are written', () => {
    fc.assert(
      fc.property(boundedPeriod, (period) => {
        expect(parsePeriod(`${period.start}/${period.end}`)).toEqual(period);
      }),
    );
  });

  it('answers any text with null or a period it reads back', () => {
    const periodLike = fc.stringMatching(/^[0-9QWqw./ -]{0,24}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), periodLike), (text) => {
        const period = parsePeriod(text);
        if (period !== null) expect(parsePeriod(period.text)).toEqual(period);
      }),
    );
  });

  it('reads every example in its list of formats', () => {
    const examples = PERIOD_FORMATS.match(/\S*\d{4}\S*/g) ?? [];
    expect(examples).toHaveLength(8);
    for (const example of examples) expect(parsePeriod(example.replace(',', ''))?.text).toBe(example.replace(',', ''));
  });
});

describe('periodFromDays and toDate', () => {
  it('refuse a reversed period', () => {
    expect(() => periodFromDays('2025-01-02', '2025-01-01')).toThrow(RangeError);
  });

  it('have no start to date', () => {
    expect(toDate('2026-01-13')).toEqual({ text: '../2026-01-13', kind: 'TO_DATE', start: null, end: '2026-01-13' });
  });
});

describe('previousPeriod', () => {
  it.each([
    ['2025-01', '2024-12'],
    ['2025-03', '2025-02'],
    ['2025-Q1', '2024-Q4'],
    ['2025-H1', '2024-H2'],
    ['2025-H2', '2025-H1'],
    ['2025', '2024'],
    ['2025-W01', '2024-W52'],
    ['2021-W01', '2020-W53'],
    ['2025-03-01', '2025-02-28'],
    ['2025-01/2025-09', '2024-04/2024-12'],
    ['2024/2025', '2022/2023'],
    ['2025-02/2025-04', '2024-11/2025-01'],
    ['2025-01-11/2025-01-20', '2025-01-01/2025-01-10'],
    ['2025-02-01/2025-03-03', '2025-01'],
    ['1900-02', '1900-01'],
    ['1901', '1900'],
    ['1900-01-02', '1900-01-01'],
  ])('of %s is %s', (text, before) => {
    expect(previousPeriod(read(text))?.text).toBe(before);
  });

  it.each(['../2026-01-13', '1900', '1900-W01', '1900-H1', '1900-01', '1900-01-01'])('is null for %s', (text) => {
    expect(previousPeriod(read(text))).toBeNull();
  });

  it('ends the day before the start', () => {
    fc.assert(
      fc.property(boundedPeriod, (period) => {
        expect(previousPeriod(period)?.end).toBe(addDays(startOf(period), -1));
      }),
    );
  });

  it('keeps the kind of a named period', () => {
    fc.assert(fc.property(namedPeriod, (period) => previousPeriod(period)?.kind === period.kind));
  });
});

describe('yearAgo', () => {
  it.each([
    ['2025-12', '2024-12'],
    ['2025-02', '2024-02'],
    ['2024-02', '2023-02'],
    ['2025-Q3', '2024-Q3'],
    ['2025-H2', '2024-H2'],
    ['2025', '2024'],
    ['2025-W12', '2024-W12'],
    ['2020-W53', null],
    ['2026-01-13', '2025-01-13'],
    ['2024-02-29', '2023-02-28'],
    ['2025-01/2025-09', '2024-01/2024-09'],
    ['2024-12/2025-02', '2023-12/2024-02'],
    ['2023-12/2024-02', '2022-12/2023-02'],
    ['2024/2025', '2023/2024'],
    ['2024-02-15/2024-02-29', '2023-02-15/2023-02-28'],
    ['2025-01-15/2025-02-28', '2024-01-15/2024-02-28'],
    ['../2026-01-13', '../2025-01-13'],
    ['../2024-02-29', '../2023-02-28'],
    ['1901', '1900'],
    ['1901-01-01', '1900-01-01'],
    ['../1901-01-01', '../1900-01-01'],
    ['1900-W01', null],
    ['1900', null],
    ['1900/1901', null],
    ['../1900-12-31', null],
  ])('of %s is %s', (text, before) => {
    const period = parsePeriod(text);
    expect(period && (yearAgo(period)?.text ?? null)).toBe(before);
  });

  it('keeps the kind of months, quarters, halves and years', () => {
    fc.assert(fc.property(namedPeriod, (period) => period.kind === 'WEEK' || yearAgo(period)?.kind === period.kind));
  });
});

describe('periodsBetween', () => {
  it.each<[Granularity, Day, Day, string[]]>([
    ['MONTH', '2025-11-30', '2026-01-01', ['2025-11', '2025-12', '2026-01']],
    ['QUARTER', '2025-06-30', '2025-07-01', ['2025-Q2', '2025-Q3']],
    ['HALF', '2024-12-31', '2025-07-01', ['2024-H2', '2025-H1', '2025-H2']],
    ['YEAR', '2024-12-31', '2026-01-01', ['2024', '2025', '2026']],
    ['WEEK', '2025-12-28', '2026-01-05', ['2025-W52', '2026-W01', '2026-W02']],
    ['WEEK', '2026-01-01', '2026-01-01', ['2026-W01']],
    ['MONTH', '2025-02-01', '2025-01-31', []],
    ['MONTH', '2025-01-02', '2025-01-01', []],
  ])('lists every %s from %s to %s', (granularity, from, to, texts) => {
    expect(textsOf(periodsBetween(granularity, from, to))).toEqual(texts);
  });

  it('is contiguous, of one granularity and no longer than needed', () => {
    fc.assert(
      fc.property(anyGranularity, nearbyDays, (granularity, [from, to]) => {
        const periods = periodsBetween(granularity, from, to);
        expect(periods.every((period) => period.kind === granularity)).toBe(true);
        expectContiguous(periods);
        expect(startOf(at(periods, 0)) <= from && from <= at(periods, 0).end).toBe(true);
        expect(startOf(at(periods, -1)) <= to && to <= at(periods, -1).end).toBe(true);
      }),
    );
  });
});

describe('the year to date', () => {
  it('runs from January to each month, each under its shortest name', () => {
    expect(textsOf(periodsBetween('YEAR_TO_DATE', '2024-12-15', '2026-01-01'))).toEqual([
      '2024',
      ...['2025-01', '2025-01/2025-02', '2025-Q1', '2025-01/2025-04', '2025-01/2025-05', '2025-H1'],
      ...['2025-01/2025-07', '2025-01/2025-08', '2025-01/2025-09', '2025-01/2025-10', '2025-01/2025-11', '2025'],
      '2026-01',
    ]);
  });

  it('has the end of each month, and the first day of the year of that month', () => {
    fc.assert(
      fc.property(nearbyDays, ([from, to]) => {
        const months = periodsBetween('MONTH', from, to);
        const expected = months.map(({ end }) => periodFromDays(`${end.slice(0, 4)}-01-01`, end));
        expect(periodsBetween('YEAR_TO_DATE', from, to)).toEqual(expected);
      }),
    );
  });
});

describe('countPeriods', () => {
  it('counts what periodsBetween lists', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyGranularity, fc.constant('YEAR_TO_DATE' as const)),
        anyDay,
        fc.integer({ min: -40, max: 1_500 }),
        (granularity, from, days) => {
          const to = addDays(from, days);
          expect(countPeriods(granularity, from, to)).toBe(periodsBetween(granularity, from, to).length);
        },
      ),
    );
  });

  it('counts those of all days there are without listing them', async () => {
    expect(await datesWorkedOut(() => countPeriods('WEEK', FIRST_DAY, LAST_DAY))).toBeLessThan(10);
    expect(countPeriods('MONTH', FIRST_DAY, LAST_DAY)).toBe(13_200);
    expect(countPeriods('YEAR', FIRST_DAY, LAST_DAY)).toBe(1_100);
  });
});

describe('monthsOf', () => {
  it.each([
    ['2025-Q3', ['2025-07', '2025-08', '2025-09']],
    ['2025-12', ['2025-12']],
    ['2025-11/2026-02', ['2025-11', '2025-12', '2026-01', '2026-02']],
  ])('lists the months of %s', (text, months) => {
    expect(textsOf(monthsOf(read(text)) ?? [])).toEqual(months);
  });

  it('lists twelve months of a year', () => {
    expect(monthsOf(read('2025'))).toHaveLength(12);
  });

  it.each(['2025-W12', '2026-01-13', '2025-01-15/2025-02-28', '2025-01-01/2025-02-27', '../2025-12-31'])(
    'is null for %s',
    (text) => {
      expect(monthsOf(read(text))).toBeNull();
    },
  );
});

describe('tilingsOf', () => {
  it('tiles a year with its halves, then with its quarters, then with its months', () => {
    const [halves = [], quarters = [], months = [], ...rest] = tilingsOf(read('2025'));
    expect(textsOf(halves)).toEqual(['2025-H1', '2025-H2']);
    expect(textsOf(quarters)).toEqual(['2025-Q1', '2025-Q2', '2025-Q3', '2025-Q4']);
    expect(months).toEqual(monthsOf(read('2025')));
    expect(rest).toEqual([]);
  });

  it('tiles a half with its quarters, then with its months', () => {
    const [quarters = [], months = [], ...rest] = tilingsOf(read('2025-H2'));
    expect(textsOf(quarters)).toEqual(['2025-Q3', '2025-Q4']);
    expect(months).toEqual(monthsOf(read('2025-H2')));
    expect(rest).toEqual([]);
  });

  it('tiles a quarter with its months', () => {
    expect(tilingsOf(read('2025-Q3')).map(textsOf)).toEqual([['2025-07', '2025-08', '2025-09']]);
  });

  it('tiles a range with years, halves, quarters and months as they fit', () => {
    const [mixed = [], halves = [], quarters = [], months = [], ...rest] = tilingsOf(read('2023-12/2025-05'));
    expect(textsOf(halves)).toEqual(['2023-12', '2024-H1', '2024-H2', '2025-Q1', '2025-04', '2025-05']);
    expect(textsOf(mixed)).toEqual(['2023-12', '2024', '2025-Q1', '2025-04', '2025-05']);
    expect(textsOf(quarters)).toEqual([
      '2023-12',
      '2024-Q1',
      '2024-Q2',
      '2024-Q3',
      '2024-Q4',
      '2025-Q1',
      '2025-04',
      '2025-05',
    ]);
    expect(months).toHaveLength(18);
    expect(rest).toEqual([]);
  });

  it('names a tiling once where coarser periods do not fit', () => {
    expect(tilingsOf(read('2025-01/2025-09')).map((tiling) => tiling.length)).toEqual([2, 3, 9]);
    expect(tilingsOf(read('2025-02/2025-04')).map(textsOf)).toEqual([['2025-02', '2025-03', '2025-04']]);
    expect(tilingsOf(read('2024/2025')).map((tiling) => tiling.length)).toEqual([2, 4, 8, 24]);
  });

  it.each(['2025-12', '2025-W12', '2026-01-13', '2025-01-15/2025-03-31', '../2025-12-31'])(
    'leaves %s whole',
    (text) => {
      expect(tilingsOf(read(text))).toEqual([]);
    },
  );

  it('leaves the years before and after the known days whole', () => {
    const known = { first: '2024-05-03', last: '2025-02-11' };
    expect(textsOf(tilingsOf(read('1900/2999'), known)[0] ?? [])).toEqual(['1900/2023', '2024', '2025', '2026/2999']);
    expect(textsOf(tilingsOf(read('2023-07/2024-06'), known)[0] ?? [])).toEqual(['2023-H2', '2024-H1']);
    expect(tilingsOf(read('1900/2023'), known)).toEqual([]);
    expect(tilingsOf(read('2026'), known)).toEqual([]);
    expect(tilingsOf(read('2025'), known)).toEqual(tilingsOf(read('2025')));
  });

  it('builds no more for all years there are than for the known ones', async () => {
    const known = { first: '2024-05-03', last: '2025-02-11' };
    const near = await datesWorkedOut(() => tilingsOf(read('2023/2026'), known));
    expect(await datesWorkedOut(() => tilingsOf(read('1900/2999'), known))).toBeLessThanOrEqual(near);
  });

  it('tiles the known days as it does without knowing them', () => {
    fc.assert(
      fc.property(fc.oneof(namedPeriod, rangeOfMonths), nearbyDays, (period, [first, last]) => {
        const finest = tilingsOf(period, { first, last }).at(-1) ?? [];
        const touching = (tile: Period) => startOf(tile) <= last && tile.end >= first;
        expect(finest.filter(touching)).toEqual((tilingsOf(period).at(-1) ?? []).filter(touching));
        if (finest.length > 0) expect(startOf(at(finest, 0))).toBe(period.start);
        expectContiguous(finest);
      }),
    );
  });

  it('tiles exactly, each time finer', () => {
    fc.assert(
      fc.property(fc.oneof(namedPeriod, rangeOfMonths), (period) => {
        let coarser = 1;
        for (const tiling of tilingsOf(period)) {
          expect(startOf(at(tiling, 0))).toBe(period.start);
          expect(at(tiling, -1).end).toBe(period.end);
          expectContiguous(tiling);
          expect(tiling.length).toBeGreaterThan(coarser);
          coarser = tiling.length;
        }
      }),
    );
  });

  it('ends with the months of whatever it tiles', () => {
    fc.assert(
      fc.property(fc.oneof(namedPeriod, rangeOfMonths), (period) => {
        const finest = tilingsOf(period).at(-1);
        if (finest !== undefined) expect(finest).toEqual(monthsOf(period));
      }),
    );
  });
});

function read(text: string): Period {
  const period = parsePeriod(text);
  if (period === null) throw new Error(`"${text}" is no period`);
  return period;
}

function only(granularity: Granularity, day: Day): Period {
  return at(periodsBetween(granularity, day, day), 0);
}

function at(periods: readonly Period[], index: number): Period {
  const period = periods.at(index);
  if (period === undefined) throw new Error(`No period at ${index}`);
  return period;
}

function startOf(period: Period): Day {
  if (period.start === null) throw new Error(`"${period.text}" has no start`);
  return period.start;
}

function textsOf(periods: readonly Period[]): string[] {
  return periods.map((period) => period.text);
}

function expectContiguous(periods: readonly Period[]): void {
  for (const [index, period] of periods.slice(1).entries()) {
    expect(startOf(period)).toBe(addDays(at(periods, index).end, 1));
  }
}
