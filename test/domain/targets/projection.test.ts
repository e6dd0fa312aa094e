import { describe, expect, it } from 'vitest';
import { projectedDay, projectedTotal } from '../../../src/domain/targets/projection.ts';
import { reachedIn } from '../../../src/domain/targets/reached.ts';
import { parsePeriod } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { historyOf, type Said } from '../../support/said.ts';

const YEAR = { start: '2026-01-01', end: '2026-12-31' };

/** The projection of 2026 by what is known of some periods. */
function projected(values: Readonly<Record<string, number>>, span = YEAR) {
  const history = historyOf(
    Object.entries(values).map(([text, value]): Said => [present(parsePeriod(text)), value, 'EXACT']),
  );
  return projectedTotal(history, span, present(reachedIn(history, span, null)));
}

describe('the total of a period', () => {
  it('follows from the share of the same months of the year before, with the bounds of three years', () => {
    const years = { '2025-H1': 40, '2025': 100, '2024-H1': 50, '2024': 100, '2023-H1': 30, '2023': 120 };
    expect(projected({ ...years, '2026-H1': 200 })).toEqual({
      ...{ value: 500, lower: 400, upper: 800 },
      method: 'As in 2025, of whose total 40.0% was 2025-H1; the bounds as in 2023, 2024 and 2025.',
    });
  });

  it('has bounds that cover it and the pace of the last three months where fewer years are known', () => {
    const months = { '2026-01': 3_100, '2026-02': 2_800, '2026-03': 6_200 };
    // 12,100 are half of 24,200. At 100 a day to 200 a day for 275 days: 27,500 to 55,000 more.
    expect(projected({ ...months, '2025-Q1': 50, '2025': 100 })).toEqual({
      ...{ value: 24_200, lower: 24_200, upper: 67_100 },
      method:
        'As in 2025, of whose total 50.0% was 2025-Q1; the bounds cover that and the pace of the slowest and of the fastest of 2026-01, 2026-02 and 2026-03.',
    });
  });

  it('follows from that pace alone without the year before', () => {
    // 12,100 in 90 days: 134.4 a day for 275 days are 36,972 more.
    expect(projected({ '2026-01': 3_100, '2026-02': 2_800, '2026-03': 6_200 })).toEqual({
      ...{ value: 49_072, lower: 39_600, upper: 67_100 },
      method: 'At the mean pace of 2026-01, 2026-02 and 2026-03; the bounds at that of the slowest and of the fastest.',
    });
  });

  it('is not known from fewer months, and not asked when all of it is reported', () => {
    expect(projected({ '2026-01': 3_100, '2026-02': 2_800 })).toBeNull();
    expect(projected({ '2026': 3_100, '2025': 100 })).toBeNull();
  });

  it('of more than a year goes by the pace', () => {
    const months = { '2026-01': 3_100, '2026-02': 2_800, '2026-03': 3_100, '2025-Q1': 50, '2025': 100 };
    expect(projected(months, { start: '2026-01-01', end: '2027-12-31' })?.value).toBe(73_000);
  });

  it('does not divide by a share of nothing', () => {
    expect(projected({ '2026-01': 1, '2025-01': 0, '2025': 100 })).toBeNull();
  });
});

describe('the projected day', () => {
  const history = historyOf(
    ['2026-01', '2026-02', '2026-03'].map((text): Said => [present(parsePeriod(text)), 3_000, 'EXACT']),
  );

  const reached = present(reachedIn(history, YEAR, null));

  it('is never after the last day of the target', () => {
    // 9,000 in 90 days are 100 a day.
    expect(projectedDay(history, reached, 27_500, { span: YEAR, last: YEAR.end })).toBe('2026-12-31');
    expect(projectedDay(history, reached, 27_501, { span: YEAR, last: YEAR.end })).toBeNull();
  });

  it('is any day of the calendar for a target without a last day', () => {
    expect(projectedDay(history, reached, 27_501, { span: null, last: null })).toBe('2027-01-01');
  });

  it('goes the way of the year before, as the projected total does', () => {
    const years = { '2025-Q1': 100, '2025-Q2': 100, '2025-Q3': 300, '2025-Q4': 500, '2026-Q1': 200 };
    const twice = historyOf(
      Object.entries(years).map(([text, value]): Said => [present(parsePeriod(text)), value, 'EXACT']),
    );
    const first = present(reachedIn(twice, YEAR, null));
    const day = (remaining: number) => projectedDay(twice, first, remaining, { span: YEAR, last: YEAR.end });
    expect(projectedTotal(twice, YEAR, first)?.value).toBe(2_000);
    expect(day(200)).toBe('2026-06-30');
    // Half of the third quarter's 92 days.
    expect(day(500)).toBe('2026-08-15');
    expect(day(1_800)).toBe('2026-12-31');
    expect(day(1_801)).toBeNull();
  });

  it('is not known where nothing has come yet', () => {
    const nothing = historyOf([
      [present(parsePeriod('2025')), 100, 'EXACT'],
      [present(parsePeriod('2025-Q1')), 10, 'EXACT'],
      [present(parsePeriod('2026-Q1')), 0, 'EXACT'],
    ]);
    const none = present(reachedIn(nothing, YEAR, null));
    expect(projectedDay(nothing, none, 100, { span: YEAR, last: YEAR.end })).toBeNull();
  });
});
