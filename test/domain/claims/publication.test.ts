import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a period that ended after the publication is refused, with the part that can be meant', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(1, '2025-03-15');
  await expect(scenario.record(brand, { '2025-Q1': 9_000 }, { sourceId })).rejects.toMatchObject({
    userErrors: [
      {
        ...{ code: 'INVALID_PERIOD', path: ['inputs', '0', 'period'] },
        message:
          '2025-Q1 ended on 2025-03-31, after the source was published on 2025-03-15. Is 2025-01-01/2025-03-15 or ../2025-03-15 meant? If not, send acknowledgeOutlier: true.',
        didYouMean: ['2025-01-01/2025-03-15', '../2025-03-15'],
      },
    ],
  });
  expect(await scenario.observe(brand, '2025-Q1')).toBeNull();
  const fields = { sourceId, acknowledgeOutlier: true };
  expect(await scenario.record(brand, { '2025-Q1': 9_000 }, fields)).toMatchObject({ deduplicated: 0 });
  // Sent again, it is the same claim.
  expect(await scenario.record(brand, { '2025-Q1': 9_000 }, { sourceId })).toMatchObject({ deduplicated: 1 });
});

test('a period that ended on the day of publication is accepted, and so is the part before it', async () => {
  const brand = await scenario.subject('BRAND');
  const onTheDay = { sourceId: await scenario.source(1, '2025-03-31') };
  expect(await scenario.record(brand, { '2025-03': 9_000 }, onTheDay)).toMatchObject({ deduplicated: 0 });
  const before = { sourceId: await scenario.source(1, '2025-03-15') };
  const parts = { '2025-01/2025-03-15': 20_000, '../2025-03-15': 90_000, '2025-03-15': 300 };
  expect(await scenario.record(brand, parts, before)).toMatchObject({ deduplicated: 0 });
});

test('a period that had not begun is none of the past', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(1, '2025-03-15');
  await expect(scenario.record(brand, { '2025-Q2': 9_000 }, { sourceId })).rejects.toMatchObject({
    userErrors: [
      {
        code: 'INVALID_PERIOD',
        message:
          '2025-Q2 began on 2025-04-01, after the source was published on 2025-03-15. What is expected is a target, not a figure. If the period is right, send acknowledgeOutlier: true.',
        didYouMean: [],
      },
    ],
  });
});

test('a total to the day after the publication is accepted, because days begin earlier in Shanghai; one day more is not', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(1, '2025-03-15');
  expect(await scenario.record(brand, { '../2025-03-16': 9_000 }, { sourceId })).toMatchObject({ deduplicated: 0 });
  await expect(scenario.record(brand, { '../2025-03-17': 9_000 }, { sourceId })).rejects.toMatchObject({
    userErrors: [{ code: 'INVALID_PERIOD', didYouMean: ['../2025-03-15'] }],
  });
});

test('a source without a day of publication can speak of any period', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(1);
  expect(await scenario.record(brand, { '2025-Q1': 9_000 }, { sourceId })).toMatchObject({ deduplicated: 0 });
});

test('it is named together with everything else, suspect values too', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-02': 400_000 });
  const sourceId = await scenario.source(1, '2025-03-15');
  await expect(scenario.record(brand, { '2025-03': 41, '2025-13': 1 }, { sourceId })).rejects.toMatchObject({
    userErrors: [
      { code: 'INVALID_PERIOD', path: ['inputs', '1', 'period'] },
      { code: 'INVALID_PERIOD', path: ['inputs', '0', 'period'] },
      { code: 'SUSPECT_MAGNITUDE', path: ['inputs', '0', 'value'] },
    ],
  });
});

test('a revision by a source that was published before the period ended is refused, unless it is acknowledged', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '2025-Q1': 9_000 });
  const sourceId = await scenario.source(1, '2025-03-15');
  await expect(scenario.revise(ids[0] as string, 9_100, { sourceId })).rejects.toMatchObject({
    userErrors: [
      {
        ...{ code: 'INVALID_PERIOD', path: ['input', 'sourceId'] },
        message: expect.stringContaining('2025-Q1 ended on 2025-03-31, after the source was published on 2025-03-15.'),
      },
    ],
  });
  const fields = { sourceId, acknowledgeOutlier: true };
  expect(await scenario.revise(ids[0] as string, 9_100, fields)).toMatchObject({ deduplicated: 0 });
});

test('a correction by the same source names the figure, not a source that was not sent', async () => {
  const brand = await scenario.subject('BRAND');
  const fields = { sourceId: await scenario.source(1, '2025-03-15'), acknowledgeOutlier: true };
  const { ids } = await scenario.record(brand, { '2025-Q1': 9_000 }, fields);
  await expect(scenario.revise(ids[0] as string, 9_100)).rejects.toMatchObject({
    userErrors: [{ code: 'INVALID_PERIOD', path: ['id'] }],
  });
});

test('a revision by an older source is refused, also when it is acknowledged', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(
    brand,
    { '2025-Q1': 9_000 },
    { sourceId: await scenario.source(1, '2025-05-02') },
  );
  const older = { sourceId: await scenario.source(1, '2025-05-01') };
  for (const fields of [older, { ...older, acknowledgeOutlier: true }]) {
    await expect(scenario.revise(ids[0] as string, 9_100, fields)).rejects.toMatchObject({
      userErrors: [
        {
          ...{ code: 'INVALID_INPUT', path: ['input', 'sourceId'] },
          message:
            'This source was published on 2025-05-01, before that of the figure on 2025-05-02, so it cannot revise it. Record it as a claim of its own.',
        },
      ],
    });
  }
  const sameDay = { sourceId: await scenario.source(1, '2025-05-02') };
  expect(await scenario.revise(ids[0] as string, 9_100, sameDay)).toMatchObject({ deduplicated: 0 });
});

test('a revision is accepted if a day of publication is not known', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '2025-Q1': 9_000, '2025-Q2': 9_000 });
  const known = { sourceId: await scenario.source(1, '2025-07-02') };
  const unknown = { sourceId: await scenario.source(1) };
  const { ids: revised } = await scenario.revise(ids[0] as string, 9_100, known);
  expect(await scenario.revise(revised[0] as string, 9_200, unknown)).toMatchObject({ deduplicated: 0 });
});
