import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

interface Curve {
  readonly start: string | null;
  readonly points: readonly {
    readonly on: string;
    readonly monthsSinceStart: number | null;
    readonly value: number | null;
    readonly lower: number | null;
  }[];
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function curveOf(subject: string, args: string): Promise<Curve> {
  const { subject: found } = await scenario.api.ask<{ subject: { curve: Curve } }>(
    `{ subject(slug: "${subject}") { curve(${args}) { start points { on monthsSinceStart value lower } } } }`,
  );
  return found.curve;
}

test('the curve of XPENG from its first known month: one total for each end of a month, as far as later ones tell', async () => {
  const { start, points } = await curveOf('xpeng', 'alignedTo: FIRST_KNOWN');
  expect(start).toBe('2020-08');
  // The totals of the next two months follow from these and the months: 3,478 and 3,040.
  expect(points.slice(0, 3)).toEqual([
    { on: '2020-08-31', monthsSinceStart: 0, value: 23_356, lower: 23_356 },
    { on: '2020-09-30', monthsSinceStart: 1, value: 26_834, lower: 26_834 },
    { on: '2020-10-31', monthsSinceStart: 2, value: 29_874, lower: 29_874 },
  ]);
  expect(points.map(({ monthsSinceStart }) => monthsSinceStart)).toEqual(points.map((_, index) => index));
  expect(points.at(-1)).toEqual({ on: '2026-07-31', monthsSinceStart: 71, value: 1_223_828, lower: 1_223_828 });
});

test('months are counted from the month of the first delivery or of the founding, and what is before is left out', async () => {
  const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2025-02-14', foundedOn: '2023' });
  await scenario.record(brand, { '2025-02': 11, '2025-03': 12, '2025-04': 13 });
  expect(await curveOf(brand, 'alignedTo: FIRST_DELIVERY')).toEqual({
    start: '2025-02-14',
    points: [
      { on: '2025-02-28', monthsSinceStart: 0, value: 11, lower: 11 },
      { on: '2025-03-31', monthsSinceStart: 1, value: 23, lower: 23 },
      { on: '2025-04-30', monthsSinceStart: 2, value: 36, lower: 36 },
    ],
  });
  // Nobody knows the month of the founding.
  const founded = await curveOf(brand, 'alignedTo: FOUNDED');
  expect(founded.start).toBe('2023');
  expect(founded.points.at(-1)).toEqual({ on: '2025-04-30', monthsSinceStart: null, value: 36, lower: 36 });
  expect((await curveOf(brand, 'metric: DELIVERIES')).start).toBeNull();
});

test('a curve as of then is that of the figures known then, and in the far future that of now', async () => {
  const [then, now, later] = [
    await curveOf('xpeng', 'asOf: "2024-01-01T00:00:00Z"'),
    await curveOf('xpeng', 'metric: DELIVERIES'),
    await curveOf('xpeng', 'asOf: "2999-01-01T00:00:00Z"'),
  ];
  expect(then.points.length).toBeLessThan(now.points.length);
  expect(later).toEqual(now);
});

test('of a subject of which nothing is known there are no points', async () => {
  const brand = await scenario.subject('BRAND');
  expect(await curveOf(brand, 'alignedTo: FIRST_KNOWN')).toEqual({ start: null, points: [] });
});
