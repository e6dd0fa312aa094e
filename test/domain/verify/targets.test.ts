import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReportedDifference } from '../../../src/domain/verify/verification.ts';
import { verifyDatabase } from '../../../src/domain/verify/verify.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function verify(repair = false): Promise<readonly ReportedDifference[]> {
  const found: ReportedDifference[] = [];
  await verifyDatabase(scenario.api.db, repair, (difference) => found.push(difference));
  return found;
}

test('a target that does not say what its best claim does is reported, and repaired', async () => {
  const { db } = scenario.api;
  const brand = await scenario.subject('BRAND');
  await scenario.aim(brand, { period: '2030', value: 300_000 });
  await scenario.aim(brand, { period: '2030', value: 310_000, metric: 'SALES', sourceId: await scenario.source(3) });
  const kept = await db.target.findFirstOrThrow();
  expect(kept.value).toBe(300_000);
  expect(await verify()).toEqual([]);

  await db.target.updateMany({ data: { value: 310_000, metric: 'SALES' } });
  const difference = {
    about: `${brand} SALES 2030, the target ${kept.id}`,
    kept: expect.stringContaining('"value":310000'),
    recomputed: expect.stringContaining('"value":300000'),
  };
  expect(await verify()).toMatchObject([{ ...difference, repaired: false }]);
  expect(await verify(true)).toMatchObject([{ ...difference, repaired: true }]);
  expect(await verify()).toEqual([]);
  expect(await db.target.findFirstOrThrow()).toEqual(kept);
});
