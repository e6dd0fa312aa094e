import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Break, breaksWithin, liesBetween } from '../../../src/domain/claims/breaks.ts';
import { addDays, daysBetween } from '../../../src/domain/values/calendar.ts';
import { periodFromDays, toDate } from '../../../src/domain/values/period.ts';

const FIRST = '2024-12-20';
const day = fc.integer({ min: 0, max: 60 }).map((days) => addDays(FIRST, days));
const breaks = fc.array(
  day.map((begins): Break => ({ subjectId: 1, period: begins, day: begins })),
  { maxLength: 3 },
);
const span = fc.tuple(day, day).map((days) => {
  const [start = FIRST, end = FIRST] = [...days].sort();
  return periodFromDays(start, end);
});

test('two periods lie on both sides of a break if some of their days come before it and others do not', () => {
  fc.assert(
    fc.property(breaks, span, fc.integer({ min: 1, max: 30 }), (known, earlier, later) => {
      const after = periodFromDays(addDays(earlier.end, 1), addDays(earlier.end, later));
      const days = [...daysIn(earlier.start as string, earlier.end), ...daysIn(after.start as string, after.end)];
      const isAcross = known.some((one) => days.some((each) => each < one.day) && days.some((each) => each >= one.day));
      expect(liesBetween(known, earlier, after)).toBe(isAcross);
    }),
  );
});

test('a break is within a period if it is one of its days, and within a total to date if it is no later', () => {
  fc.assert(
    fc.property(breaks, span, (known, period) => {
      const days = daysIn(period.start as string, period.end);
      expect(breaksWithin(known, period)).toEqual(known.filter((one) => days.includes(one.day)));
      expect(breaksWithin(known, toDate(period.end))).toEqual(known.filter((one) => one.day <= period.end));
    }),
  );
});

function daysIn(start: string, end: string): readonly string[] {
  return Array.from({ length: daysBetween(start, end) + 1 }, (_, index) => addDays(start, index));
}
