import { afterAll, beforeAll, expect, test } from 'vitest';
import { told } from '../../support/articles.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

/** The milestones of a number of vehicles in a metric, the smallest number first. */
async function unitsOf(subject: string, metric: string) {
  const found = (await told(scenario, { subjects: [subject], kinds: ['UNITS'] })).filter(
    (one) => one.metric === metric,
  );
  return found
    .map(({ threshold, status, reachedOn }) => [threshold ?? 0, status, reachedOn] as const)
    .sort(([a], [b]) => a - b);
}

test("Leapmotor's deliveries passed a million, on days before which no total is known", async () => {
  const detected = [10_000, 50_000, 100_000, 500_000, 1_000_000].map((threshold) => [threshold, 'DETECTED', null]);
  expect(await unitsOf('leapmotor', 'DELIVERIES')).toEqual(detected);
  expect(await unitsOf('leapmotor', 'WHOLESALE')).toEqual(detected);
  expect(await unitsOf('leapmotor', 'PRODUCTION')).toEqual([
    [500_000, 'ANNOUNCED', '2024-10-17'],
    [1_000_000, 'ANNOUNCED', '2025-09-25'],
  ]);
});

test("AITO's deliveries passed 100,000, and half a million is not certain yet", async () => {
  expect(await unitsOf('aito', 'DELIVERIES')).toEqual([
    [10_000, 'DETECTED', '2022'],
    [50_000, 'DETECTED', null],
    [100_000, 'DETECTED', null],
  ]);
  const windows = (await scenario.milestones('aito'))
    .filter(({ metric, status }) => metric === 'DELIVERIES' && status === 'DETECTED')
    .map(({ threshold, window }) => [threshold, window]);
  // It first delivered in March 2022.
  expect(windows).toEqual([
    [10_000, ['2022-03-01', '2022-08-31']],
    [50_000, ['2022-03-01', '2024-01-31']],
    [100_000, ['2022-03-01', '2024-03-31']],
  ]);
  expect(await scenario.toDate('aito', '2026-07-31')).toMatchObject({ value: null, lower: 494_285 });
});
