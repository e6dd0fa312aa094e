import { expect, test } from 'vitest';
import { curveDots, curvePoints } from '../../dashboard/src/maker/curve-points.ts';
import { tally } from '../../dashboard/src/maker/publishers.ts';
import { barsOf, topOf } from '../../dashboard/src/maker/series-bars.ts';

const JUNE = { periodStart: '2026-06-01', periodEnd: '2026-06-30', revised: false, qualifier: 'EXACT' as const };

test('a period has a bar from its first day to the day after its last, and none if nothing is known of it', () => {
  const nothing = { ...JUNE, value: null, lower: null, upper: null };
  const [bar, ...others] = barsOf([nothing, { ...JUNE, value: 10, lower: 10, upper: 10, revised: true }]);
  expect(bar).toEqual({
    from: new Date('2026-06-01'),
    to: new Date('2026-07-01'),
    certain: 10,
    possible: 10,
    isRevised: true,
  });
  expect(others).toEqual([]);
});

test('a number that is only bounded is certain to its lower bound', () => {
  const [between, over] = barsOf([
    { ...JUNE, value: null, lower: 10, upper: 14 },
    { ...JUNE, value: null, lower: 10, upper: null },
  ]);
  expect(between).toMatchObject({ certain: 10, possible: 14 });
  expect(over).toMatchObject({ certain: 10, possible: null });
});

test('what is over or under a number is not drawn as that number', () => {
  const [under, over] = barsOf([
    { ...JUNE, qualifier: 'UNDER', value: 900, lower: 0, upper: 900 },
    { ...JUNE, qualifier: 'OVER', value: 900, lower: 900, upper: null },
  ]);
  expect(under).toMatchObject({ certain: 0, possible: 900 });
  expect(over).toMatchObject({ certain: 900, possible: null });
});

test('the chart reaches over bounds that are near, and not up to those that say little', () => {
  const bars = barsOf([
    { ...JUNE, value: 100, lower: 100, upper: 100 },
    { ...JUNE, value: null, lower: 90, upper: 140 },
    { ...JUNE, value: null, lower: 10, upper: 10_000 },
  ]);
  expect(topOf(bars)).toBeCloseTo(151.2);
});

test('a total without an upper bound has a band of no width, and no place on the line', () => {
  expect(curvePoints([{ on: '2026-06-30', value: null, lower: 10, upper: null }])).toEqual([
    { on: new Date('2026-06-30'), value: null, lower: 10, upper: 10 },
  ]);
  expect(curvePoints([{ on: '2026-06-30', value: null, lower: null, upper: 10 }])).toEqual([]);
});

test('milestones that are not reached, or whose day is hardly known, are not on the curve', () => {
  const dot = { threshold: 10_000, window: null, reachedOn: '2026-01-06', status: 'CONFIRMED' } as const;
  expect(
    curveDots([
      dot,
      { ...dot, status: 'EXPECTED' },
      { ...dot, reachedOn: '2025' },
      { ...dot, threshold: null },
      { ...dot, status: 'DETECTED', reachedOn: null, window: ['2026-01-01', '2026-01-31'] },
    ]),
  ).toEqual([
    { on: new Date('2026-01-06'), value: 10_000, isAnnounced: true },
    { on: new Date('2026-01-16'), value: 10_000, isAnnounced: false },
  ]);
});

test('publishers come with the number of their claims and their newest document, the most first', () => {
  const from = (id: string, title: string) => ({
    source: { id: title, title, url: null, publishedOn: null, publisher: { id, name: id, tier: 3 } },
  });
  const found = tally([from('a', 'newest of a'), from('b', 'newest of b'), from('b', 'older')]);
  expect(found.map(({ publisher, claims, newest }) => [publisher.id, claims, newest.title])).toEqual([
    ['b', 2, 'newest of b'],
    ['a', 1, 'newest of a'],
  ]);
});
