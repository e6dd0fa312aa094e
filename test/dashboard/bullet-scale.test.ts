import { expect, test } from 'vitest';
import { bulletEnd, bulletNumbers } from '../../dashboard/src/parts/bullet-scale.ts';

const NUMBER = { value: 1_000_000, lower: null, upper: null, growthMinPercent: null, growthMaxPercent: null };
const PROGRESS = {
  achieved: 457_754,
  lower: 457_754,
  upper: 457_754,
  ratio: 0.457754,
  paceIndex: null,
  projected: null,
};

test('what should be reached by now is what is reached, divided by the pace', () => {
  const numbers = bulletNumbers({ ...NUMBER, progress: { ...PROGRESS, paceIndex: 0.784721142857 } });
  expect(numbers?.due).toBeCloseTo(583_333, -1);
  expect(numbers?.aim).toEqual({ lower: 1_000_000, upper: 1_000_000 });
});

test('a target of at least a number has no upper end', () => {
  expect(bulletNumbers({ ...NUMBER, value: null, lower: 500, progress: PROGRESS })?.aim).toEqual({
    lower: 500,
    upper: 500,
  });
});

test('the range of a growth is that of the numbers it comes to', () => {
  const growth = { ...NUMBER, value: null, growthMinPercent: 40, growthMaxPercent: 50 };
  const numbers = bulletNumbers({
    ...growth,
    progress: { ...PROGRESS, achieved: 70, lower: 70, upper: 70, ratio: 0.5 },
  });
  expect(numbers?.aim.lower).toBeCloseTo(140);
  expect(numbers?.aim.upper).toBeCloseTo(150);
});

test('a growth whose base is not known has no bar', () => {
  const growth = { ...NUMBER, value: null, growthMinPercent: 40, growthMaxPercent: null };
  expect(bulletNumbers({ ...growth, progress: { ...PROGRESS, ratio: null } })).toBeNull();
});

test('what is not reported is not drawn as nothing, and what has no upper bound ends where it is certain', () => {
  const unknown = { ...PROGRESS, achieved: null, lower: null, upper: null };
  expect(bulletNumbers({ ...NUMBER, progress: unknown })?.reached).toBeNull();
  expect(bulletNumbers({ ...NUMBER, progress: { ...PROGRESS, upper: null } })?.reached).toEqual({
    lower: 457_754,
    upper: 457_754,
  });
});

test('the scale has room for the largest number on it', () => {
  const projected = { value: 1_200_000, lower: 1_100_000, upper: null, method: '' };
  const numbers = bulletNumbers({ ...NUMBER, progress: { ...PROGRESS, projected } });
  expect(numbers?.projected).toEqual({ value: 1_200_000, lower: 1_100_000, upper: 1_200_000 });
  expect(numbers === null ? 0 : bulletEnd(numbers)).toBeGreaterThan(1_200_000);
});
