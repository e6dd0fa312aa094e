import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Metric, Target } from '../../src/database/generated/client.ts';
import { addDays, addMonths, type Day, daysBetween, lastDayOfMonth, parseDay } from '../../src/domain/calendar.ts';
import type { Ledger } from '../../src/domain/derivation.ts';
import { boundsOf } from '../../src/domain/interval.ts';
import type { Asserted } from '../../src/domain/observation.ts';
import { type Period, parsePeriod, periodFromDays, periodsBetween, toDate } from '../../src/domain/period.ts';
import { type ProgressOf, progressOf } from '../../src/domain/target-progress.ts';

/** A part of 10⁹ is what a sum of floating-point numbers may be off. */
const PRECISION = 1e-9;

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
const anyQualifier = fc.constantFrom('EXACT', 'EXACT', 'ABOUT', 'OVER', 'UNDER');

/** A target over whole months, of which the first ones are reported, each with its value. */
const monthByMonth = fc
  .tuple(wholeMonths, anyGoal, fc.array(fc.tuple(anyAmount, anyQualifier), { maxLength: 31 }))
  .map(([period, goal, claims]) => {
    const months = periodsBetween('MONTH', period.start as Day, period.end);
    const reported = months.slice(0, claims.length);
    const ledger = ledgerOf(
      reported.map((month, index) => [month, ...(claims[index] as [number, Asserted['qualifier']])]),
    );
    return { target: targetOf(period, goal), ledger, period, goal, months, reported };
  });

/** A target over any days, reported in one figure from its first day on. */
const dayByDay = fc
  .tuple(fc.oneof(runOfDays, wholeMonths), anyGoal, anyAmount, fc.nat(900))
  .map(([period, goal, amount, days]) => {
    const lastReported = addDays(period.start as Day, Math.min(days, lengthOf(period) - 1));
    const ledger = ledgerOf([[periodFromDays(period.start as Day, lastReported), amount, 'EXACT']]);
    return { target: targetOf(period, goal), ledger, period, goal, lastReported };
  });

describe('what is left', () => {
  it('is what the target is over what was achieved, and never below 0', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, ledger, goal }) => {
        const { achieved, remaining } = progressOf(target, ledger);
        expect(remaining).toBe(Math.max(0, goal - (achieved ?? 0)));
      }),
    );
  });

  it('is spread over the months after the last report', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, ledger, months, reported }) => {
        const { requiredPerMonth, remaining } = progressOf(target, ledger);
        const left = months.length - reported.length;
        if (left === 0) expect(requiredPerMonth).toBeNull();
        else expectNear((requiredPerMonth as number) * left, remaining);
      }),
    );
  });

  it('is spread over the days after the last report', () => {
    fc.assert(
      fc.property(dayByDay, ({ target, ledger, period, lastReported }) => {
        const { requiredPerDay, requiredPerMonth, remaining } = progressOf(target, ledger);
        const left = daysBetween(lastReported, period.end);
        if (left === 0) expect([requiredPerDay, requiredPerMonth]).toEqual([null, null]);
        else expectNear((requiredPerDay as number) * left, remaining);
      }),
    );
  });

  it('asks 28 to 31 times as much of a month as of a day', () => {
    fc.assert(
      fc.property(dayByDay, ({ target, ledger }) => {
        const { requiredPerDay, requiredPerMonth } = progressOf(target, ledger);
        if (requiredPerDay === null || requiredPerMonth === null) return;
        expect(requiredPerMonth).toBeGreaterThanOrEqual(requiredPerDay * 28 * (1 - PRECISION));
        expect(requiredPerMonth).toBeLessThanOrEqual(requiredPerDay * 31 * (1 + PRECISION));
      }),
    );
  });

  it('counts a part of a month by its days', () => {
    const ledger = ledgerOf([[read('2025-01-01/2025-01-30'), 30_000, 'EXACT']]);
    const progress = progressOf(targetOf(read('2025-01'), 31_000), ledger);
    expect(progress).toMatchObject({ remaining: 1_000, requiredPerDay: 1_000, dataUntil: '2025-01-30' });
    expectNear(progress.requiredPerMonth, 31_000);
    expectNear(progress.paceIndex, 1);
  });

  it('is all of it, spread over the whole period, where nothing is reported', () => {
    expect(progressOf(targetOf(read('2026'), 550_000), ledgerOf([]))).toEqual({
      ...NOTHING_YET,
      remaining: 550_000,
      requiredPerMonth: 550_000 / 12,
      requiredPerDay: 550_000 / 365,
      verdict: 'NO_DATA',
    });
  });
});

describe('the ratio', () => {
  it('is the achieved part of the target, and with the rest makes all of it', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, ledger, goal }) => {
        const { achieved, ratio, remaining } = progressOf(target, ledger);
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
      fc.property(monthByMonth, ({ target, ledger, months, reported }) => {
        const { ratio, paceIndex, dataUntil } = progressOf(target, ledger);
        expect(dataUntil).toBe(reported.at(-1)?.end ?? null);
        const share = reported.length / months.length;
        expectNear(paceIndex === null ? null : paceIndex * share, ratio);
      }),
    );
  });

  it('is the pace index itself once everything is reported', () => {
    fc.assert(
      fc.property(fc.oneof(runOfDays, wholeMonths), anyGoal, anyAmount, (period, goal, amount) => {
        const { ratio, paceIndex } = progressOf(targetOf(period, goal), ledgerOf([[period, amount, 'EXACT']]));
        expectNear(paceIndex, ratio);
      }),
    );
  });

  it('asks for exactly the pace kept so far where the pace index is 1', () => {
    fc.assert(
      fc.property(wholeMonths, fc.nat(30), fc.integer({ min: 1, max: 50_000 }), (period, count, perMonth) => {
        const months = periodsBetween('MONTH', period.start as Day, period.end);
        const reported = months.slice(0, Math.min(count + 1, months.length - 1));
        const ledger = ledgerOf(reported.map((month) => [month, perMonth, 'EXACT']));
        const { paceIndex, requiredPerMonth, verdict } = progressOf(targetOf(period, perMonth * months.length), ledger);
        expectNear(paceIndex, 1);
        expectNear(requiredPerMonth, perMonth);
        expect(verdict).toBe('ON_TRACK');
      }),
    );
  });

  it('falls behind with every day that brings nothing', () => {
    fc.assert(
      fc.property(dayByDay, ({ target, ledger, period, lastReported }) => {
        const { achieved, paceIndex } = progressOf(target, ledger);
        if (achieved === null || achieved === 0 || lastReported === period.end) return;
        const dayLater = ledgerOf([[periodFromDays(period.start as Day, addDays(lastReported, 1)), achieved, 'EXACT']]);
        expect(progressOf(target, dayLater).paceIndex).toBeLessThan(paceIndex as number);
      }),
    );
  });
});

describe('the verdict', () => {
  it('is MET exactly when the target was certainly reached, whether or not everything is reported', () => {
    fc.assert(
      fc.property(fc.oneof(monthByMonth, dayByDay), ({ target, ledger, goal }) => {
        const { lower, verdict } = progressOf(target, ledger);
        expect(verdict === 'MET').toBe(lower !== null && lower >= goal);
      }),
    );
  });

  it('is MISSED exactly when everything is reported and the target was certainly not reached', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, ledger, goal, months, reported }) => {
        const { upper, verdict } = progressOf(target, ledger);
        const isComplete = reported.length === months.length;
        expect(verdict === 'MISSED').toBe(isComplete && upper !== null && upper < goal);
      }),
    );
  });

  it('is UNDETERMINED when everything is reported and the bounds straddle the target', () => {
    fc.assert(
      fc.property(wholeMonths, anyGoal, anyAmount, anyQualifier, (period, goal, amount, qualifier) => {
        const progress = progressOf(targetOf(period, goal), ledgerOf([[period, amount, qualifier]]));
        const { lower, upper } = boundsOf(qualifier, amount);
        const straddles = (lower ?? 0) < goal && (upper ?? Number.POSITIVE_INFINITY) >= goal;
        expect(progress.verdict === 'UNDETERMINED').toBe(straddles);
      }),
    );
  });

  it('goes by the pace while the time runs', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, ledger, months, reported }) => {
        const { paceIndex, verdict } = progressOf(target, ledger);
        if (verdict === 'MET' || paceIndex === null || reported.length === months.length) return;
        expect(verdict).toBe(paceIndex >= 1.05 ? 'AHEAD' : paceIndex < 0.95 ? 'BEHIND' : 'ON_TRACK');
      }),
    );
  });

  it('is NO_DATA exactly when nothing is reported from the first day on', () => {
    fc.assert(
      fc.property(monthByMonth, ({ target, ledger, reported }) => {
        expect(progressOf(target, ledger).verdict === 'NO_DATA').toBe(reported.length === 0);
      }),
    );
    const withoutJanuary = ledgerOf([[read('2025-02'), 100, 'EXACT']]);
    expect(progressOf(targetOf(read('2025'), 300), withoutJanuary).verdict).toBe('NO_DATA');
  });

  it('of a target by a day goes by the newest to-date value up to that day', () => {
    const ledger = ledgerOf([
      [toDate('2025-06-30'), 900, 'EXACT'],
      [toDate('2025-12-31'), 1_200, 'EXACT'],
    ]);
    const by = (deadline: Day): ProgressOf =>
      progressOf({ ...targetOf(null, 1_000), deadline: new Date(deadline) }, ledger);
    expect(by('2025-06-30')).toMatchObject({ achieved: 900, remaining: 100, verdict: 'MISSED', paceIndex: null });
    expect(by('2025-12-30')).toMatchObject({ achieved: 900, dataUntil: '2025-06-30', verdict: 'UNDETERMINED' });
    expect(by('2025-12-31')).toMatchObject({ achieved: 1_200, remaining: 0, verdict: 'MET' });
    expect(by('2025-06-29')).toMatchObject({ achieved: null, verdict: 'NO_DATA' });
  });
});

describe('a growth to reach', () => {
  it('is a number on the same period a year before', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.nat(300), anyAmount, (base, percent, amount) => {
        const ledger = ledgerOf([
          [read('2024'), base, 'EXACT'],
          [read('2025'), amount, 'EXACT'],
        ]);
        const target = { ...targetOf(read('2025'), null), growthMinPercent: percent };
        const { remaining, verdict } = progressOf(target, ledger);
        expectNear(remaining, Math.max(0, (base * (100 + percent)) / 100 - amount));
        expect(verdict).toBe(amount * 100 >= base * (100 + percent) ? 'MET' : 'MISSED');
      }),
    );
  });

  it('is not decided where the base leaves it open', () => {
    const grown = (base: Asserted['qualifier'], amount: number) =>
      progressOf(
        { ...targetOf(read('2025'), null), growthMinPercent: 10 },
        ledgerOf([
          [read('2024'), 100, base],
          [read('2025'), amount, 'EXACT'],
        ]),
      ).verdict;
    expect(grown('ABOUT', 54)).toBe('MISSED');
    expect(grown('ABOUT', 110)).toBe('UNDETERMINED');
    expect(grown('ABOUT', 165)).toBe('MET');
    expect(grown('OVER', 1_000_000)).toBe('UNDETERMINED');
  });

  it('is no data without a value of the year before', () => {
    const target = { ...targetOf(read('2025'), null), growthMinPercent: 10 };
    const progress = progressOf(target, ledgerOf([[read('2025'), 100, 'EXACT']]));
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
        const ledger = ledgerOf(reported.map((month) => [month, perMonth, 'EXACT']));
        const { projectedOn, dataUntil, remaining } = progressOf(targetOf(period, goal), ledger);
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
    const ledger = ledgerOf(periodsBetween('MONTH', '2025-01-01', '2025-03-31').map((month) => [month, 1, 'EXACT']));
    expect(progressOf(targetOf(read('2025'), 550_000), ledger).projectedOn).toBeNull();
    expect(progressOf(targetOf(read('2025'), 1_000_000_000), ledger).projectedOn).toBeNull();
  });

  it('is not known from fewer than three months, nor from months that brought nothing', () => {
    const of = (...values: readonly number[]) => {
      const months = periodsBetween('MONTH', '2025-01-01', '2025-12-31');
      const ledger = ledgerOf(values.map((value, index) => [months[index] as Period, value, 'EXACT']));
      return progressOf(targetOf(read('2025'), 1_000), ledger).projectedOn;
    };
    expect(of(100, 100)).toBeNull();
    expect(of(0, 0, 0)).toBeNull();
    expect(of(100, 100, 100)).toBe('2025-10-27');
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
    metric: 'DELIVERIES',
    period: period?.text ?? null,
    periodStart: period?.start == null ? null : new Date(period.start),
    periodEnd: period === null ? null : new Date(period.end),
    deadline: null,
    value,
    growthMinPercent: null,
    growthMaxPercent: null,
    setOn: null,
    sourceId: 1,
    revisesId: null,
    note: null,
    identity: '',
    recordedAt: new Date(),
  };
}

function ledgerOf(
  claims: readonly (readonly [Period, number, Asserted['qualifier']])[],
  metric: Metric = 'DELIVERIES',
): Ledger {
  const asserted = new Map(
    claims.map(([{ text }, value, qualifier], index): [string, Asserted] => [
      text,
      {
        value,
        ...boundsOf(qualifier, value),
        qualifier,
        bestId: index + 1,
        agreement: 'SOLE',
        resolution: 'Only one says so.',
        revised: false,
      },
    ]),
  );
  return { subjectId: 1, slug: 'maker', metric, withinId: null, asOf: null, asserted, brands: [] };
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
