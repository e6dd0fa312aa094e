import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, over, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('41 among months of more than 400,000 is refused with a hint, and nothing is written', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 396_270, '2025-11': 480_186 });
  await expect(scenario.record(brand, { '2025-10': 41 })).rejects.toMatchObject({
    userErrors: [
      {
        ...{ code: 'SUSPECT_MAGNITUDE', path: ['inputs', '0', 'value'] },
        message:
          '41 is 9670 times less than the 396270 of 2025-09 and 11700 times less than the 480186 of 2025-11 (20 times is the limit). Is the unit right? If so, send acknowledgeOutlier: true.',
      },
    ],
  });
  expect(await scenario.observe(brand, '2025-10')).toBeNull();
});

test('it is recorded unchanged when it is acknowledged', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 396_270, '2025-11': 480_186 });
  await scenario.record(brand, { '2025-10': 41 }, { acknowledgeOutlier: true });
  expect(await scenario.observe(brand, '2025-10')).toMatchObject({ value: 41 });
});

test('20 times as much is suspect as well, just under 20 times is not', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 1_000 });
  await expect(scenario.record(brand, { '2025-10': 20_000 })).rejects.toMatchObject({
    userErrors: [
      {
        code: 'SUSPECT_MAGNITUDE',
        message: expect.stringContaining('20000 is 20 times more than the 1000 of 2025-09 (20 '),
      },
    ],
  });
  expect(await scenario.record(brand, { '2025-10': 19_999 })).toMatchObject({ deduplicated: 0 });
  await expect(scenario.record(brand, { '2025-08': 50 })).rejects.toMatchObject({
    userErrors: [{ code: 'SUSPECT_MAGNITUDE' }],
  });
  expect(await scenario.record(brand, { '2025-08': 51 })).toMatchObject({ deduplicated: 0 });
});

test('the neighbours may be in the same list', async () => {
  const brand = await scenario.subject('BRAND');
  const list = { '2025-08': 373_626, '2025-09': 396_270, '2025-10': 41, '2025-11': 480_186, '2025-12': 420_398 };
  await expect(scenario.record(brand, list)).rejects.toMatchObject({
    userErrors: [{ code: 'SUSPECT_MAGNITUDE', path: ['inputs', '2', 'value'] }],
  });
  expect(await scenario.observe(brand, '2025-09')).toBeNull();
});

test('one neighbour of the same size is enough', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-10': 30, '2025-12': 400_000 }, { acknowledgeOutlier: true });
  expect(await scenario.record(brand, { '2025-11': 41 })).toMatchObject({ deduplicated: 0 });
});

test('a 0 is not suspect, and is no measure for other values', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 400_000, '2025-10': 0 });
  expect(await scenario.record(brand, { '2025-11': 400_000 })).toMatchObject({ deduplicated: 0 });
  const other = await scenario.subject('BRAND');
  await scenario.record(other, { '2025-10': 0 });
  expect(await scenario.record(other, { '2025-11': 400_000 })).toMatchObject({ deduplicated: 0 });
});

test('quarters are compared with quarters and years with years', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-Q1': 300_000, '2024': 400_000 });
  await expect(scenario.record(brand, { '2025-Q2': 30 })).rejects.toMatchObject({
    userErrors: [{ code: 'SUSPECT_MAGNITUDE', message: expect.stringContaining('300000 of 2025-Q1') }],
  });
  await expect(scenario.record(brand, { '2025': 41 })).rejects.toMatchObject({
    userErrors: [{ code: 'SUSPECT_MAGNITUDE', message: expect.stringContaining('400000 of 2024') }],
  });
});

test('other metrics, markets and subjects are not neighbours', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 400_000 });
  await scenario.record(brand, { '2025-10': 41 }, { metric: 'EXPORTS' });
  await scenario.record(brand, { '2025-10': 41 }, { within: await scenario.subject('MARKET') });
  await scenario.record(await scenario.subject('BRAND'), { '2025-10': 41 });
});

test('a lower bound without an upper one is compared by its value', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': over(400_000) });
  await expect(scenario.record(brand, { '2025-10': over(41) })).rejects.toMatchObject({
    userErrors: [{ code: 'SUSPECT_MAGNITUDE' }],
  });
});

test('everything suspect in a list is named at once, together with all other problems', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 400_000, '2025-05': 400_000 });
  await expect(scenario.record(brand, { '2025-02': 41, '2025-04': 41, '2025-13': 1 })).rejects.toMatchObject({
    userErrors: [
      { code: 'INVALID_PERIOD', path: ['inputs', '2', 'period'] },
      { code: 'SUSPECT_MAGNITUDE', path: ['inputs', '0', 'value'] },
      { code: 'SUSPECT_MAGNITUDE', path: ['inputs', '1', 'value'] },
    ],
  });
});

test('a recorded value is not suspect when it is sent again', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-10': 41 });
  await scenario.record(brand, { '2025-09': 400_000, '2025-11': 400_000 }, { acknowledgeOutlier: true });
  expect(await scenario.record(brand, { '2025-10': 41 })).toMatchObject({ deduplicated: 1 });
});
