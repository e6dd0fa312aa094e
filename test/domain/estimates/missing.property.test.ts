import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { observationOf } from '../../../src/domain/estimates/observation.ts';
import { addMonths, type Day, lastDayOfMonth } from '../../../src/domain/values/calendar.ts';
import { type Period, parsePeriod, periodFromDays, periodsBetween, toDate } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { historyOf, type Said } from '../../support/said.ts';

const FIRST: Day = '2024-01-01';
const MONTHS = 24;
const BEFORE = 1_000;

/** The true number of units of each month. */
const anyMonths = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: MONTHS, maxLength: MONTHS });
const anyRun = fc
  .tuple(fc.nat(MONTHS - 1), fc.nat(11))
  .map(([first, more]) => runOf(first, Math.min(first + more, MONTHS - 1)));
const anyTotal = fc.nat(MONTHS - 1).map((month) => toDate(runOf(month, month).end));
const anyStated = fc.array(fc.oneof(anyRun, anyRun, anyTotal), { minLength: 1, maxLength: 12 });
const anyAsked = fc.oneof(anyRun, anyTotal);

describe('what is missing', () => {
  it('is enough to know a value exactly, if all that is stated is exact', () => {
    fc.assert(
      fc.property(anyMonths, anyStated, anyAsked, (months, stated, asked) => {
        const known = observationOf(historyOf(claimsOf(months, stated)), asked);
        if (known === null) return;
        const told = observationOf(historyOf(claimsOf(months, [...stated, ...known.missing.map(read)])), asked);
        const truth = trueCount(months, asked);
        expect(told).toMatchObject({ value: truth, lower: truth, upper: truth, missing: [] });
      }),
      { numRuns: 200 },
    );
  });

  it('is nothing exactly where the value is known', () => {
    fc.assert(
      fc.property(anyMonths, anyStated, anyAsked, (months, stated, asked) => {
        const known = observationOf(historyOf(claimsOf(months, stated)), asked);
        if (known !== null) expect(known.missing.length === 0).toBe(known.value !== null);
      }),
      { numRuns: 200 },
    );
  });

  it('is never known already, and lies within what is asked for', () => {
    fc.assert(
      fc.property(anyMonths, anyStated, anyAsked, (months, stated, asked) => {
        const history = historyOf(claimsOf(months, stated));
        for (const text of observationOf(history, asked)?.missing ?? []) {
          const period = read(text);
          expect(observationOf(history, period)?.value ?? null).toBeNull();
          expect(period.end <= asked.end && (asked.start === null || asked.start <= present(period.start))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is no more than what the best choice of stated periods leaves out', () => {
    fc.assert(
      fc.property(anyMonths, fc.array(anyRun, { minLength: 1, maxLength: 12 }), anyRun, (months, stated, asked) => {
        // As at least so much, so that nothing follows by subtraction.
        const over = claimsOf(months, stated).map(([period, value]): Said => [period, value, 'OVER']);
        const known = observationOf(historyOf(over), asked);
        if (known === null) return;
        const missing = known.missing.reduce((sum, text) => sum + monthsIn(read(text)), 0);
        expect(missing).toBeLessThanOrEqual(fewestLeftOut(stated, asked));
      }),
      { numRuns: 1_000 },
    );
  });
});

/** Of all ways to lay stated periods end to end within another, the months left out by the one that leaves out the fewest. */
function fewestLeftOut(stated: readonly Period[], { start, end }: Period): number {
  const months = periodsBetween('MONTH', present(start), end);
  // From the last month on: what is left out from each month to the end.
  const leftOut = months.map(() => 0).concat(0);
  for (const [index, month] of [...months.entries()].reverse()) {
    const fitting = stated.filter((period) => period.start === month.start && period.end <= end);
    const ways = fitting.map((period) => leftOut[index + monthsIn(period)] ?? 0);
    leftOut[index] = Math.min(1 + (leftOut[index + 1] ?? 0), ...ways);
  }
  return leftOut[0] ?? 0;
}

function monthsIn({ start, end }: Period): number {
  return periodsBetween('MONTH', present(start), end).length;
}

/** The periods, each once, with their true counts. */
function claimsOf(months: readonly number[], periods: readonly Period[]): readonly Said[] {
  const distinct = new Map(periods.map((period) => [period.text, period]));
  return [...distinct.values()].map((period): Said => [period, trueCount(months, period), 'EXACT']);
}

function trueCount(months: readonly number[], { start, end }: Period): number {
  const counted = periodsBetween('MONTH', FIRST, runOf(MONTHS - 1, MONTHS - 1).end);
  return counted.reduce(
    (sum, month, index) =>
      (start === null || start <= present(month.start)) && month.end <= end ? sum + (months[index] ?? 0) : sum,
    start === null ? BEFORE : 0,
  );
}

function runOf(first: number, last: number): Period {
  return periodFromDays(addMonths(FIRST, first), lastDayOfMonth(addMonths(FIRST, last)));
}

function read(text: string): Period {
  return present(parsePeriod(text));
}
