import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endingBefore, timelineOf, within } from '../../../src/domain/claims/timeline.ts';

const day = fc.integer({ min: 0, max: 40 });
const spans = fc.array(
  fc.tuple(day, fc.option(fc.nat(10))).map(([end, length]) => ({ start: length === null ? null : end - length, end })),
  { maxLength: 30 },
);
/** Also all days there are. */
const days = fc.oneof(fc.tuple(day, day), fc.constant([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const));

test('exactly those with a day in common are found, in the order of their last days', () => {
  fc.assert(
    fc.property(spans, days, (items, [a, b]) => {
      const [from, until] = [Math.min(a, b), Math.max(a, b)];
      const sorted = [...items].sort((x, y) => x.end - y.end);
      const expected = sorted.filter(({ start, end }) => end >= from && (start === null || start <= until));
      expect([...within(timelineOf(items), from, until)]).toEqual(expected);
    }),
  );
});

test('those that end before a day come in the reverse order', () => {
  fc.assert(
    fc.property(spans, day, (items, before) => {
      const sorted = [...items].sort((x, y) => x.end - y.end);
      const expected = sorted.filter(({ end }) => end < before).reverse();
      expect([...endingBefore(timelineOf(items), before)]).toEqual(expected);
    }),
  );
});
