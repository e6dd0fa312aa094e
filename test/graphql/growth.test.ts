import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function growthOf(subject: string, period: string, over: 'PREVIOUS' | 'YEAR_AGO', asOf?: string) {
  const { observation } = await scenario.api.ask<{ observation: { change: unknown; notes: string[] } }>(
    `query ($subject: String!, $period: Period!, $over: Comparison!, $asOf: DateTime) {
      observation(subject: $subject, period: $period, asOf: $asOf) { change(over: $over) { percent stated acrossBreak } notes }
    }`,
    { subject, period, over, asOf: asOf ?? null },
  );
  return observation;
}

test('a change on the year before shows beside it what the source itself states', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2024-03': 100, '2025-02': 120 });
  await scenario.record(brand, { '2025-03': 150 }, { statedChangePercent: 50.2 });
  expect(await growthOf(brand, '2025-03', 'YEAR_AGO')).toMatchObject({
    change: { percent: 50, stated: 50.2, acrossBreak: false },
  });
  // What is stated is about the year before.
  expect(await growthOf(brand, '2025-03', 'PREVIOUS')).toMatchObject({ change: { percent: 25, stated: null } });
});

test('the best claim says what is stated; one that states nothing leaves it to the others', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2024-03': 100, '2025-03': 150 });
  const { ids } = await scenario.record(
    brand,
    { '2025-03': 150 },
    { statedChangePercent: 49, sourceId: await scenario.source(4) },
  );
  expect(await growthOf(brand, '2025-03', 'YEAR_AGO')).toMatchObject({ change: { percent: 50, stated: 49 } });
  await scenario.rank(ids[0] as string, 'DEPRECATED');
  expect(await growthOf(brand, '2025-03', 'YEAR_AGO')).toMatchObject({ change: { percent: 50, stated: null } });
});

test('a change across the beginning of a redefined series says so, and so does a sum', async () => {
  const brand = await scenario.subject('BRAND');
  const source = (publishedOn: string) => scenario.source(1, publishedOn);
  const old = await source('2025-02-01');
  await scenario.record(brand, { '2024-03': 100, '2024-02': 100, '2025-01': 100 }, { sourceId: old });
  const { ids } = await scenario.record(
    brand,
    { '2025-02': 110 },
    { sourceId: await source('2025-03-05'), breaks: true },
  );
  await scenario.record(brand, { '2025-03': 121 }, { sourceId: await source('2025-04-05') });
  const across = async (period: string, over: 'PREVIOUS' | 'YEAR_AGO', asOf?: string) =>
    ((await growthOf(brand, period, over, asOf)).change as { acrossBreak: boolean }).acrossBreak;
  expect(await across('2025-02', 'PREVIOUS')).toBe(true);
  expect(await across('2025-02', 'YEAR_AGO')).toBe(true);
  expect(await across('2025-03', 'YEAR_AGO')).toBe(true);
  // Both of the new series.
  expect(await across('2025-03', 'PREVIOUS')).toBe(false);
  const begins = 'A redefined series begins with';
  const notesOf = async (period: string) => (await growthOf(brand, period, 'PREVIOUS')).notes;
  expect(await notesOf('2025-01')).toEqual([]);
  expect(await notesOf('2025-02')).toEqual([`${begins} this period: earlier values do not count the same.`]);
  expect(await notesOf('2025-03')).toEqual([]);
  for (const period of ['2025-Q1', '2025-01/2025-02', '../2025-03-31'])
    expect([period, await notesOf(period)]).toEqual([
      period,
      [`${begins} 2025-02, within this period: before and after it the same is not counted.`],
    ]);
  await scenario.rank(ids[0] as string, 'DEPRECATED');
  expect(await notesOf('2025-Q1')).toEqual([]);
  expect(await across('2025-03', 'YEAR_AGO')).toBe(false);
});

test('what follows from the claims of a brand says that its series was redefined; what is stated of the company does not', async () => {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company, name: 'Redefined' });
  const other = await scenario.subject('BRAND', { parent: company });
  await scenario.record(other, { '2025-01': 50, '2025-02': 50 });
  await scenario.record(brand, { '2025-01': 100 });
  await scenario.record(brand, { '2025-02': 110 }, { breaks: true });
  expect(await growthOf(company, '2025-02', 'PREVIOUS')).toEqual({
    change: { percent: expect.closeTo((160 / 150 - 1) * 100, 9), stated: null, acrossBreak: true },
    notes: ['A redefined series of Redefined begins with this period: earlier values do not count the same.'],
  });
  await scenario.record(company, { '2025-01': 150, '2025-02': 160 });
  expect(await growthOf(company, '2025-02', 'PREVIOUS')).toMatchObject({ change: { acrossBreak: false }, notes: [] });
});
