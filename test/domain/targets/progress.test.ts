import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Target } from '../../../src/database/generated/client.ts';
import type { MetricHistory } from '../../../src/domain/estimates/history.ts';
import { furthestOf, type Progress, progressOf as progressAt } from '../../../src/domain/targets/progress.ts';
import {
  addDays,
  addMonths,
  type Day,
  daysBetween,
  lastDayOfMonth,
  parseDay,
} from '../../../src/domain/values/calendar.ts';
import { boundsOf } from '../../../src/domain/values/interval.ts';
import { type Period, parsePeriod, periodFromDays, periodsBetween, toDate } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { historyOf, type Said } from '../../support/said.ts';

/** How much a sum of floating-point numbers may be off, relative to it. */
const PRECISION = 1e-9;

/** The progress while the time of the target runs. */
function progressOf(target: Target, history: MetricHistory): Progress {
  return progressAt(target, history, '2000-01-01');
}

const anyYear = fc.integer({ min: 2015, max: 2027 });
/** Years, quarters, and longer runs of months. */
const wholeMonths = fc.oneof(
  anyYear.map((year) => read(`${year}`)),
  fc.tuple(anyYear, fc.integer({ min: 1, max: 4 })).map(([year, quarter]) => read(`${year}-Q${quarter}`)),
  fc.tuple(anyYear, fc.nat(11), fc.integer({ min: 1, max: 30 })).map(([year, first, more]) => {
    const start = addMonths(`${year}-01-01`, first);
    return periodFromDays(start, lastDayOfMonth(addMonths(start, more)));
  }),
);
const runOfDays = fc
  .tuple(anyYear, fc.nat(364), fc.integer({ min: 1, max: 500 }))
  .map(([year, first, more]) =>
    periodFromDays(addDays(`${year}-01-01`, first), addDays(`${year}-01-01`, first + more)),
  );
const anyAmount = fc.nat(200_000);
const anyGoal = fc.integer({ min: 1, max: 2_000_000 });
const anyQualifier = fc.constantFrom<Said[2][]>('EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER');
/** "Over 0" says nothing, so that it reports nothing either. */
const anyClaim = fc
  .tuple(anyAmount, anyQualifier)
  .map(([amount, qualifier]) => [qualifier === 'OVER' ? amount + 1 : amount, qualifier] as const);

/** A target over whole months, of which the first ones are reported, each with its value. */
const monthByMonth = fc
  .tuple(wholeMonths, anyGoal, fc.array(anyClaim, { maxLength: 31 }))
  .map(([period, goal, claims]) => {
    const months = periodsBetween('MONTH', period.start as Day, period.end);
    const reported = months.slice(0, claims.length);
    const history = historyOf(reported.map((month, index): Said => [month, ...present(claims[index])]));
    return { target: targetOf(period, goal), history, period, goal, months, reported };
  });

/** A target over any days, reported in one figure from its first day on. */
const dayByDay = fc
  .tuple(fc.oneof(runOfDays, wholeMonths), anyGoal, anyAmount, fc.nat(900))
  .map(([period, goal, amount, days]) => {
    const lastReported = addDays(period.start as Day, Math.min(days, lengthOf(period) - 1));
    const history = historyOf([[periodFromDays(period.start as Day, lastReported), amount, 'EXACT']]);
    return { target: targetOf(period, goal), history, period, goal, lastReported };
  });

describe('what is left', () => {
  it('is the target minus what was achieved, and never below 0', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, goal }) => {
        const { achieved, remaining } = progressOf(target, history);
        expect(remaining).toBe(Math.max(0, goal - (achieved ?? 0)));
      }),
    );
  });

  it('is spread over the months after the last report', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, months, reported }) => {
        const { requiredPerMonth, remaining } = progressOf(target, history);
        const left = months.length - reported.length;
        if (left === 0) expect(requiredPerMonth).toBeNull();
        else expectNear((requiredPerMonth as number) * left, remaining);
      }),
    );
  });

  it('is spread over the days after the last report', () => {
    fc.assert(
      fc.property(dayByDay, ({ target, history, period, lastReported }) => {
        const { requiredPerDay, requiredPerMonth, remaining } = progressOf(target, history);
        const left = daysBetween(lastReported, period.end);
        if (left === 0) expect([requiredPerDay, requiredPerMonth]).toEqual([null, null]);
        else expectNear((requiredPerDay as number) * left, remaining);
      }),
    );
  });

  it('is 28 to 31 times as much for a month as for a day', () => {
    fc.assert(
      fc.property(dayByDay, ({ target, history }) => {
        const { requiredPerDay, requiredPerMonth } = progressOf(target, history);
        if (requiredPerDay === null || requiredPerMonth === null) return;
        expect(requiredPerMonth).toBeGreaterThanOrEqual(requiredPerDay * 28 * (1 - PRECISION));
        expect(requiredPerMonth).toBeLessThanOrEqual(requiredPerDay * 31 * (1 + PRECISION));
      }),
    );
  });

  it('counts a part of a month by its days', () => {
    const history = historyOf([[read('2025-01-01/2025-01-30'), 30_000, 'EXACT']]);
    const progress = progressOf(targetOf(read('2025-01'), 31_000), history);
    expect(progress).toMatchObject({ remaining: 1_000, requiredPerDay: 1_000, dataUntil: '2025-01-30' });
    expectNear(progress.requiredPerMonth, 31_000);
    expectNear(progress.paceIndex, 1);
  });

  it('is everything, spread over the whole period, when nothing is reported', () => {
    expect(progressOf(targetOf(read('2026'), 550_000), historyOf([]))).toEqual({
      ...NOTHING_YET,
      ...{ metric: 'DELIVERIES', observed: null, projected: null },
      remaining: 550_000,
      requiredPerMonth: 550_000 / 12,
      requiredPerDay: 550_000 / 365,
      verdict: 'NO_DATA',
    });
  });
});

describe('the ratio', () => {
  it('is the achieved part of the target, and adds up to all of it with the rest', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, goal }) => {
        const { achieved, ratio, remaining } = progressOf(target, history);
        if (achieved === null) expect(ratio).toBeNull();
        else {
          expectNear((ratio as number) * goal, achieved);
          if (achieved <= goal) expectNear((ratio as number) + (remaining as number) / goal, 1);
        }
      }),
    );
  });

  it('is the pace index times the part of the time that is reported', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, months, reported }) => {
        const { ratio, paceIndex, dataUntil } = progressOf(target, history);
        expect(dataUntil).toBe(reported.at(-1)?.end ?? null);
        const share = reported.length / months.length;
        expectNear(paceIndex === null ? null : paceIndex * share, ratio);
      }),
    );
  });

  it('is the pace index itself once everything is reported', () => {
    fc.assert(
      fc.property(fc.oneof(runOfDays, wholeMonths), anyGoal, anyAmount, (period, goal, amount) => {
        const { ratio, paceIndex } = progressOf(targetOf(period, goal), historyOf([[period, amount, 'EXACT']]));
        expectNear(paceIndex, ratio);
      }),
    );
  });

  it('requires exactly the pace so far when the pace index is 1', () => {
    fc.assert(
      fc.property(wholeMonths, fc.nat(30), fc.integer({ min: 1, max: 50_000 }), (period, count, perMonth) => {
        const months = periodsBetween('MONTH', period.start as Day, period.end);
        const reported = months.slice(0, Math.min(count + 1, months.length - 1));
        const history = historyOf(reported.map((month) => [month, perMonth, 'EXACT']));
        const { paceIndex, requiredPerMonth, verdict } = progressOf(
          targetOf(period, perMonth * months.length),
          history,
        );
        expectNear(paceIndex, 1);
        expectNear(requiredPerMonth, perMonth);
        expect(verdict).toBe('ON_TRACK');
      }),
    );
  });

  it('falls behind with every day that brings nothing', () => {
    fc.assert(
      fc.property(dayByDay, ({ target, history, period, lastReported }) => {
        const { achieved, paceIndex } = progressOf(target, history);
        if (achieved === null || achieved === 0 || lastReported === period.end) return;
        const dayLater = historyOf([
          [periodFromDays(period.start as Day, addDays(lastReported, 1)), achieved, 'EXACT'],
        ]);
        expect(progressOf(target, dayLater).paceIndex).toBeLessThan(paceIndex as number);
      }),
    );
  });
});

describe('the verdict', () => {
  it('is MET exactly when the target was certainly reached, whether or not everything is reported', () => {
    fc.assert(
      fc.property(fc.oneof(monthByMonth, dayByDay), ({ target, history, goal }) => {
        const { lower, verdict } = progressOf(target, history);
        expect(verdict === 'MET').toBe(lower !== null && lower >= goal);
      }),
    );
  });

  it('is MISSED exactly when everything is reported and the target was certainly not reached', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, goal, months, reported }) => {
        const { upper, verdict } = progressOf(target, history);
        const isComplete = reported.length === months.length;
        expect(verdict === 'MISSED').toBe(isComplete && upper !== null && upper < goal);
      }),
    );
  });

  it('is UNDETERMINED when everything is reported and the bounds straddle the target', () => {
    fc.assert(
      fc.property(wholeMonths, anyGoal, anyAmount, anyQualifier, (period, goal, amount, qualifier) => {
        const progress = progressOf(targetOf(period, goal), historyOf([[period, amount, qualifier]]));
        const { lower, upper } = boundsOf(qualifier, amount);
        const straddles = (lower ?? 0) < goal && (upper ?? Number.POSITIVE_INFINITY) >= goal;
        expect(progress.verdict === 'UNDETERMINED').toBe(straddles);
      }),
    );
  });

  it('goes by the pace while the time runs', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, months, reported }) => {
        const { paceIndex, verdict } = progressOf(target, history);
        if (verdict === 'MET' || paceIndex === null || reported.length === months.length) return;
        expect(verdict).toBe(paceIndex >= 1.05 ? 'AHEAD' : paceIndex < 0.95 ? 'BEHIND' : 'ON_TRACK');
      }),
    );
  });

  it('is NO_DATA exactly when nothing is reported from the first day on', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, history, reported }) => {
        expect(progressOf(target, history).verdict === 'NO_DATA').toBe(reported.length === 0);
      }),
    );
    const withoutJanuary = historyOf([[read('2025-02'), 100, 'EXACT']]);
    expect(progressOf(targetOf(read('2025'), 300), withoutJanuary).verdict).toBe('NO_DATA');
  });

  it('is MET in spite of a gap when what is known suffices', () => {
    const withGap = historyOf([
      [read('2025-Q1'), 10, 'OVER'],
      [read('2025-04'), 40, 'EXACT'],
      [read('2025-06'), 50, 'EXACT'],
    ]);
    expect(progressOf(targetOf(read('2025'), 100), withGap)).toMatchObject({
      ...{ verdict: 'MET', achieved: 100, lower: 100, upper: null, remaining: 0, dataUntil: '2025-06-30' },
      projectedOn: null,
    });
    // One more is not certain, and without a gap there are only 50 to April.
    expect(progressOf(targetOf(read('2025'), 101), withGap)).toMatchObject({
      ...{ verdict: 'AHEAD', achieved: 50, remaining: 51, dataUntil: '2025-04-30' },
    });
  });

  it('is MISSED as soon as what is known leaves too little', () => {
    const history = historyOf([
      [read('2025-Q1'), 10, 'EXACT'],
      [toDate('2024-12-31'), 1_000, 'EXACT'],
      [toDate('2026-02-28'), 1_090, 'EXACT'],
    ]);
    expect(progressOf(targetOf(read('2025'), 91), history)).toMatchObject({ verdict: 'MISSED', lower: 10, upper: 90 });
    expect(progressOf(targetOf(read('2025'), 90), history)).toMatchObject({ verdict: 'BEHIND', achieved: 10 });
  });

  it('of a target by a day goes by the newest to-date value up to that day', () => {
    const history = historyOf([
      [toDate('2025-06-30'), 900, 'EXACT'],
      [toDate('2025-12-31'), 1_200, 'EXACT'],
    ]);
    const by = (deadline: Day): Progress =>
      progressOf({ ...targetOf(null, 1_000), deadline: new Date(deadline) }, history);
    expect(by('2025-06-30')).toMatchObject({ achieved: 900, remaining: 100, verdict: 'MISSED', paceIndex: null });
    expect(by('2025-12-30')).toMatchObject({ achieved: 900, dataUntil: '2025-06-30', verdict: 'UNDETERMINED' });
    expect(by('2025-12-31')).toMatchObject({ achieved: 1_200, remaining: 0, verdict: 'MET' });
    expect(by('2025-06-29')).toMatchObject({ achieved: null, verdict: 'NO_DATA' });
  });

  it('of a target by a day is decided by what is known of that day, in spite of a gap', () => {
    const history = historyOf([
      [toDate('2025-06-30'), 900, 'EXACT'],
      [read('2025-08'), 100, 'EXACT'],
      [toDate('2025-12-31'), 1_200, 'EXACT'],
    ]);
    const by = (deadline: Day, goal: number): Progress =>
      progressOf({ ...targetOf(null, goal), deadline: new Date(deadline) }, history);
    expect(by('2025-09-15', 1_000)).toMatchObject({ achieved: 1_000, verdict: 'MET', dataUntil: '2025-08-31' });
    expect(by('2025-09-15', 1_201)).toMatchObject({ achieved: 1_000, upper: 1_200, verdict: 'MISSED' });
    expect(by('2025-09-15', 1_100)).toMatchObject({
      ...{ achieved: 900, verdict: 'UNDETERMINED', dataUntil: '2025-06-30' },
    });
  });

  it('of a target by a day without a complete total goes by the least that it can be', () => {
    const history = historyOf([[read('2025'), 900, 'EXACT']]);
    const target = { ...targetOf(null, 1_000), deadline: new Date('2030-12-31') };
    expect(progressOf(target, history)).toMatchObject({
      ...{ achieved: 900, upper: null, remaining: 100, dataUntil: '2025-12-31', verdict: 'UNDETERMINED' },
    });
  });
});

describe('once the time is over', () => {
  const over = (target: Target, ...said: Said[]) => progressAt(target, historyOf(said), '2026-01-01');
  const quarter: Said = [read('2025-Q1'), 10, 'EXACT'];
  const june: Said = [read('2025-06'), 50, 'EXACT'];
  const nothingToCome = { requiredPerMonth: null, requiredPerDay: null, projected: null, projectedOn: null };

  it('what is not known leaves it open, and nothing is left to come', () => {
    const months = periodsBetween('MONTH', '2025-01-01', '2025-03-31').map((month): Said => [month, 10, 'EXACT']);
    expect(over(targetOf(read('2025'), 100), ...months)).toMatchObject({
      ...{ verdict: 'UNDETERMINED', achieved: 30, remaining: 70, dataUntil: '2025-03-31', ...nothingToCome },
    });
    const onItsLastDay = progressAt(targetOf(read('2025'), 100), historyOf(months), '2025-12-31');
    expect(onItsLastDay).toMatchObject({ verdict: 'AHEAD', requiredPerMonth: 70 / 9 });
    expect(over(targetOf(read('2025'), 100))).toMatchObject({ verdict: 'NO_DATA', ...nothingToCome });
  });

  it('what is known after a gap decides', () => {
    expect(over(targetOf(read('2025'), 60), quarter, june)).toMatchObject({ verdict: 'MET', achieved: 60 });
    expect(over(targetOf(read('2025'), 61), quarter, june)).toMatchObject({ verdict: 'UNDETERMINED', achieved: 10 });
  });

  it('a deadline leaves nothing to come either', () => {
    const target = { ...targetOf(null, 1_000), deadline: new Date('2025-12-31') };
    const totals = ['2025-01', '2025-02', '2025-03'].map((text): Said => [read(text), 100, 'EXACT']);
    const known: Said[] = [[toDate('2025-03-31'), 300, 'EXACT'], ...totals];
    expect(over(target, ...known)).toMatchObject({ verdict: 'UNDETERMINED', ...nothingToCome });
    expect(progressAt(target, historyOf(known), '2025-12-31').projectedOn).toBe('2025-10-27');
  });
});

describe('of several metrics', () => {
  const by = (dataUntil: Day | null, verdict: Progress['verdict'], metric: Progress['metric']) => ({
    ...progressOf(targetOf(read('2025'), 100), historyOf([])),
    ...{ dataUntil, verdict, metric },
  });
  const chosen = (...all: Progress[]) => furthestOf(all)?.metric;

  it('the first counts that reaches as far as any other', () => {
    const sales = by('2025-12-31', 'MET', 'SALES');
    expect(chosen(by('2025-05-31', 'BEHIND', 'DELIVERIES'), sales)).toBe('SALES');
    expect(chosen(by('2025-12-31', 'UNDETERMINED', 'DELIVERIES'), sales)).toBe('DELIVERIES');
    expect(chosen(by(null, 'NO_DATA', 'DELIVERIES'), by('2025-01-31', 'BEHIND', 'SALES'))).toBe('SALES');
  });

  it('one that decides does not give way to one that reaches further', () => {
    expect(chosen(by('2025-05-31', 'MET', 'DELIVERIES'), by('2025-06-30', 'BEHIND', 'SALES'))).toBe('DELIVERIES');
  });

  it('the first is named if nothing is known', () => {
    expect(chosen(by(null, 'NO_DATA', 'DELIVERIES'), by(null, 'NO_DATA', 'SALES'))).toBe('DELIVERIES');
  });
});

describe('a growth to reach', () => {
  it('is a number on the same period a year before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(300), anyAmount, (base, percent, amount) => {
        const history = historyOf([
          [read('2024'), base, 'EXACT'],
          [read('2025'), amount, 'EXACT'],
        ]);
        const target = { ...targetOf(read('2025'), null), growthMinPercent: percent };
        const { remaining, verdict } = progressOf(target, history);
        expectNear(remaining, Math.max(0, (base * (100 + percent)) / 100 - amount));
        expect(verdict).toBe(amount * 100 >= base * (100 + percent) ? 'MET' : 'MISSED');
      }),
    );
  });

  it('is undetermined when the base leaves it open', () => {
    const grown = (base: Said[2], amount: number) =>
      progressOf(
        { ...targetOf(read('2025'), null), growthMinPercent: 10 },
        historyOf([
          [read('2024'), 100, base],
          [read('2025'), amount, 'EXACT'],
        ]),
      ).verdict;
    expect(grown('ABOUT', 54)).toBe('MISSED');
    expect(grown('ABOUT', 110)).toBe('UNDETERMINED');
    expect(grown('ABOUT', 165)).toBe('MET');
    expect(grown('OVER', 1_000_000)).toBe('UNDETERMINED');
  });

  it('is measured by the same months of the year before, because months differ', () => {
    const months = (year: string, amounts: readonly number[]): Said[] =>
      amounts.map((amount, index) => [read(`${year}-${String(index + 1).padStart(2, '0')}`), amount, 'EXACT']);
    const target = { ...targetOf(read('2025'), null), growthMinPercent: 40 };
    const soFar = (amount: number) =>
      progressOf(
        target,
        historyOf([
          ...months('2024', [10, 10, 20, 60]),
          [read('2024'), 300, 'EXACT'],
          ...months('2025', [amount, amount]),
        ]),
      );
    // A sixth of the year has passed, with 28 of 420.
    expect(soFar(14)).toMatchObject({ verdict: 'ON_TRACK', paceIndex: 1, ratio: 28 / 420 });
    expect(soFar(13)).toMatchObject({ verdict: 'BEHIND', paceIndex: 26 / 28 });
    expect(soFar(15)).toMatchObject({ verdict: 'AHEAD', paceIndex: 30 / 28 });
  });

  it('has no data without a value of the year before', () => {
    const target = { ...targetOf(read('2025'), null), growthMinPercent: 10 };
    const progress = progressOf(target, historyOf([[read('2025'), 100, 'EXACT']]));
    expect(progress).toMatchObject({ achieved: 100, remaining: null, verdict: 'NO_DATA' });
  });
});

describe('the projected day', () => {
  it('comes after the last report, is a day that can be written down, and is on time exactly when the pace suffices', () => {
    const steady = fc.tuple(
      wholeMonths,
      fc.integer({ min: 3, max: 30 }),
      fc.oneof(fc.integer({ min: 1, max: 50_000 }), fc.integer({ min: 1, max: 10 })),
      fc.oneof(anyGoal, fc.constantFrom(10_000_000, Number.MAX_SAFE_INTEGER)),
    );
    fc.assert(
      fc.property(steady, ([period, count, perMonth, goal]) => {
        const reported = periodsBetween('MONTH', period.start as Day, period.end).slice(0, count);
        if (reported.length < 3) return;
        const history = historyOf(reported.map((month) => [month, perMonth, 'EXACT']));
        const { projectedOn, dataUntil, remaining } = progressOf(targetOf(period, goal), history);
        if (remaining === 0) expect(projectedOn).toBeNull();
        if (projectedOn === null) return;
        expect(parseDay(projectedOn)).toBe(projectedOn);
        const days = daysBetween(dataUntil as Day, projectedOn);
        const last = reported.slice(-3);
        const perDay = (3 * perMonth) / last.reduce((sum, month) => sum + lengthOf(month), 0);
        expect(days * perDay).toBeGreaterThanOrEqual((remaining as number) * (1 - PRECISION));
        expect((days - 1) * perDay).toBeLessThan((remaining as number) * (1 + PRECISION));
      }),
    );
  });

  it('is not known when it lies beyond the calendar', () => {
    const history = historyOf(periodsBetween('MONTH', '2025-01-01', '2025-03-31').map((month) => [month, 1, 'EXACT']));
    expect(progressOf(targetOf(read('2025'), 550_000), history).projectedOn).toBeNull();
    expect(progressOf(targetOf(read('2025'), 1_000_000_000), history).projectedOn).toBeNull();
  });

  it('is not known from fewer than three months, nor from months that brought nothing', () => {
    const of = (...values: readonly number[]) => {
      const months = periodsBetween('MONTH', '2025-01-01', '2025-12-31');
      const history = historyOf(values.map((value, index) => [months[index] as Period, value, 'EXACT']));
      return progressOf(targetOf(read('2025'), 1_000), history).projectedOn;
    };
    expect(of(100, 100)).toBeNull();
    expect(of(0, 0, 0)).toBeNull();
    expect(of(100, 100, 100)).toBe('2025-10-27');
  });
});

describe('a target over all years there are', () => {
  it.each([
    ['1900/2999', '2023/2026'],
    ['2025/2999', '2025/2026'],
  ])('takes no more lookups over %s than over %s', (all, near) => {
    const months = periodsBetween('MONTH', '2025-01-01', '2025-09-30');
    const lookups = (text: string) => {
      const history = historyOf(months.map((month) => [month, 10, 'EXACT']));
      const boundsAsked = vi.spyOn(present(history.curve), 'boundsOf');
      const { achieved } = progressOf(targetOf(read(text), 1_000), history);
      return { achieved, count: boundsAsked.mock.calls.length };
    };
    expect(lookups(all).achieved).toBe(lookups(near).achieved);
    expect(lookups(near).count).toBeGreaterThan(0);
    expect(lookups(all).count).toBeLessThanOrEqual(lookups(near).count);
  });
});

const NOTHING_YET = {
  achieved: null,
  lower: null,
  upper: null,
  ratio: null,
  dataUntil: null,
  paceIndex: null,
  projectedOn: null,
};

function targetOf(period: Period | null, value: number | null): Target {
  return {
    id: 1,
    subjectId: 1,
    kind: 'TARGET',
    metric: 'DELIVERIES',
    period: period?.text ?? null,
    periodStart: period?.start == null ? null : new Date(period.start),
    periodEnd: period === null ? null : new Date(period.end),
    deadline: null,
    value,
    lower: null,
    upper: null,
    growthMinPercent: null,
    growthMaxPercent: null,
    setOn: null,
    sourceId: 1,
    revisesId: null,
    mergedIntoId: null,
    note: null,
    identity: '',
    recordedAt: new Date(),
  };
}

function lengthOf({ start, end }: Period): number {
  return daysBetween(start as Day, end) + 1;
}

function read(text: string): Period {
  const period = parsePeriod(text);
  if (period === null) throw new Error(`"${text}" is no period`);
  return period;
}

function expectNear(actual: number | null, wanted: number | null): void {
  expect(actual === null).toBe(wanted === null);
  const [a, b] = [actual ?? 0, wanted ?? 0];
  expect(Math.abs(a - b)).toBeLessThanOrEqual(PRECISION * Math.max(1, Math.abs(b)));
}
