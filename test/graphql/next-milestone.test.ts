import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, over, type Scenario } from '../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function nextOf(subject: string, args = 'metric: DELIVERIES'): Promise<unknown> {
  const { subject: found } = await scenario.api.ask<{ subject: { nextMilestone: unknown } }>(
    `{ subject(slug: "${subject}") { nextMilestone(${args}) { threshold earliest latest method } } }`,
  );
  return found.nextMilestone;
}

test('the next number is passed at the pace of the last months', async () => {
  const brand = await scenario.subject('BRAND');
  // 100 a day in each month: 9,000 to the end of March.
  await scenario.record(brand, { '../2024-12-31': 0, '2025-01': 3_100, '2025-02': 2_800, '2025-03': 3_100 });
  expect(await nextOf(brand)).toEqual({
    ...{ threshold: 10_000, earliest: '2025-04-10', latest: '2025-04-10' },
    method:
      'From the total to 2025-03-31, at the pace of the fastest and of the slowest of 3 known months, 2025-01 to 2025-03.',
  });
  // 40 a day in April: 10,200 is above the first number. 39,800 are missing to the next: 398 days at most, at 40 a day 995.
  await scenario.record(brand, { '2025-04': 1_200 });
  expect(await nextOf(brand)).toMatchObject({ threshold: 50_000, earliest: '2026-06-02', latest: '2028-01-20' });
});

test('what can have been passed already has no earliest day', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 31, '2025-02': 28, '2025-03': over(31), '2025-04': 30 });
  // Nobody knows what was before January: at least 120, and 9,880 are missing at 1 a day.
  expect(await nextOf(brand)).toMatchObject({ threshold: 10_000, earliest: null, latest: '2052-05-18' });
});

test('a month in which nothing was counted leaves no latest day', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2024-12-31': 0, '2025-01': 3_100, '2025-02': 0, '2025-03': 3_100 });
  expect(await nextOf(brand)).toMatchObject({ threshold: 10_000, earliest: '2025-05-08', latest: null });
});

test('two months say nothing', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 310, '2025-02': 280 });
  expect(await nextOf(brand)).toBeNull();
});

test('XPENG passes its next million by the seed', async () => {
  const now = await nextOf('xpeng');
  // 1,223,828 to the end of July 2026.
  expect(now).toMatchObject({ threshold: 2_000_000, method: expect.stringContaining('2025-08 to 2026-07') });
  expect(await nextOf('xpeng', 'asOf: "2999-01-01T00:00:00Z"')).toEqual(now);
});
