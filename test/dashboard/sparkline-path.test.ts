import { expect, test } from 'vitest';
import { pathOf } from '../../dashboard/src/table/sparkline-path.ts';

const BOX = { width: 30, height: 20, largest: 100 };

test('goes from zero at the bottom to the largest at the top', () => {
  expect(pathOf([0, 50, 100, 25], 0, BOX)).toBe('M0 20h0L10 10L20 0L30 15');
});

test('has gaps where nothing is known, and a dot for what is alone', () => {
  expect(pathOf([null, 50, null, 100], 0, BOX)).toBe('M10 10h0M30 0h0');
});

test('begins later without moving what comes then', () => {
  expect(pathOf([0, 50, 100, 25], 2, BOX)).toBe('M20 0h0L30 15');
});

test('is nothing where nothing is known', () => {
  expect(pathOf([null, null], 0, BOX)).toBe('');
});
