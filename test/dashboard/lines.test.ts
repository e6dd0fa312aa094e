import { expect, test } from 'vitest';
import { alone, areMixed, endsOf, indexed, linesOf } from '../../dashboard/src/compare/lines.ts';
import type { Series } from '../../dashboard/src/compare/series-query.ts';

type Observation = Series['observations'][number];

test('a missing month is a gap, which is neither bridged nor 0', () => {
  const [line] = linesOf([seriesOf('nio', month(1, 10), month(2, 20), month(5, 50))]);
  expect(line?.points.map(({ at, value }) => [at.toISOString().slice(0, 10), value])).toEqual([
    ['2026-01-01', 10],
    ['2026-02-01', 20],
    ['2026-03-01', null],
    ['2026-05-01', 50],
  ]);
});

test('a value between bounds is a band, and one with a lower bound only is unknown', () => {
  const [line] = linesOf([
    seriesOf('nio', month(1, 10), { ...month(2, null), lower: 5, upper: 8 }, { ...month(3, null), lower: 5 }),
  ]);
  expect(line?.points.map(({ value, lower, upper }) => [value, lower, upper])).toEqual([
    [10, 10, 10],
    [null, 5, 8],
    [null, null, null],
  ]);
});

test('a value without a neighbour is shown by itself', () => {
  const [line] = linesOf([seriesOf('nio', month(1, 10), month(3, 30), month(4, 40), month(6, 60))]);
  expect(alone(line?.points ?? []).map(({ period }) => period)).toEqual(['2026-01', '2026-06']);
});

test('lines are indexed on the first month in which all that have a value have one', () => {
  const lines = linesOf([
    seriesOf('nio', month(1, 10), month(2, 20), month(3, 30)),
    seriesOf('xpeng', { ...month(2, 50), lower: 40, upper: 60 }, month(3, 25)),
    seriesOf('voyah'),
  ]);
  const result = indexed(lines);
  expect(result?.base).toBe('2026-02');
  expect(result?.lines.map(({ points }) => points.map(({ value }) => value))).toEqual([[50, 100, 150], [100, 50], []]);
  expect(result?.lines[1]?.points[0]).toMatchObject({ lower: 80, upper: 120 });
});

test('there is no index without a common month, nor on 0', () => {
  const apart = linesOf([seriesOf('nio', month(1, 10)), seriesOf('xpeng', month(2, 20))]);
  const zero = linesOf([seriesOf('nio', month(1, 0)), seriesOf('xpeng', month(1, 20))]);
  expect([indexed(apart), indexed(zero)?.lines[0]?.points[0]?.value]).toEqual([null, null]);
});

test('growth goes from the first value to the newest, of the same metric only', () => {
  const [same, mixed, one, none] = linesOf([
    seriesOf('nio', { ...month(1, null), lower: 1, upper: 2 }, month(2, 20), month(3, 30)),
    seriesOf('byd', { ...month(1, 20), metric: 'SALES' }, month(2, 30)),
    seriesOf('xpeng', month(2, 30)),
    seriesOf('voyah'),
  ]).map(endsOf);
  expect([same?.first.period, same?.newest.period, same?.growth]).toEqual(['2026-02', '2026-03', 50]);
  expect([mixed?.growth, one?.growth, none]).toEqual([null, null, null]);
});

test('lines are mixed if they count different things', () => {
  const nio = seriesOf('nio', month(1, 10));
  const byd = seriesOf('byd', { ...month(1, 10), metric: 'SALES' });
  expect([areMixed(linesOf([nio])), areMixed(linesOf([nio, byd]))]).toEqual([false, true]);
});

function month(number: number, value: number | null): Observation {
  const period = `2026-0${number}`;
  const end = new Date(Date.UTC(2026, number, 0)).toISOString().slice(0, 10);
  return {
    id: period,
    metric: 'DELIVERIES',
    period,
    periodStart: `${period}-01`,
    periodEnd: end,
    value,
    lower: value,
    upper: value,
    qualifier: 'EXACT',
    method: 'ASSERTED',
  };
}

function seriesOf(slug: string, ...observations: Observation[]): Series {
  return { metric: 'DELIVERIES', subject: { id: slug, slug, name: slug, nameZh: null, kind: 'BRAND' }, observations };
}
