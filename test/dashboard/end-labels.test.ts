import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spread } from '../../dashboard/src/parts/end-labels.ts';

const ROOM = 15;

test('names that have room stay where they are', () => {
  expect(spread([300, 100, 200], ROOM, 0, 400)).toEqual([300, 100, 200]);
});

test('names never overlap, keep their order, and stay inside while there is room for all', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 400, noNaN: true }), { minLength: 1, maxLength: 8 }), (places) => {
      const result = spread(places, ROOM, 0, 400);
      const order = places.map((_place, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
      const placed = order.map((index) => result[index] ?? Number.NaN);
      placed.forEach((place, index) => {
        expect(place).toBeGreaterThanOrEqual(0);
        expect(place).toBeLessThanOrEqual(400);
        if (index > 0) expect(place - (placed[index - 1] ?? Number.NaN)).toBeGreaterThanOrEqual(ROOM - 1e-9);
      });
    }),
  );
});
