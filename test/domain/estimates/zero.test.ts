import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a real 0 is a value; what is missing has none', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-10': 0, '2025-12': 7 });
  expect(await scenario.observe(brand, '2025-10')).toMatchObject({
    ...{ value: 0, lower: 0, upper: 0, qualifier: 'EXACT', method: 'ASSERTED', agreement: 'SOLE', missing: [] },
  });
  expect(await scenario.observe(brand, '2025-11')).toBeNull();
});

test('a real 0 is added up; what is missing leaves the sum unknown', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-07': 0, '2025-08': 5, '2025-09': 0, '2025-10': 5, '2025-12': 7 });
  expect(await scenario.observe(brand, '2025-Q3')).toMatchObject({ value: 5, missing: [] });
  expect(await scenario.observe(brand, '2025-Q4')).toMatchObject({ value: null, missing: ['2025-11'] });
});

test('a quarter of nothing but 0 is 0', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-07': 0, '2025-08': 0, '2025-09': 0 });
  expect(await scenario.observe(brand, '2025-Q3')).toMatchObject({ value: 0, lower: 0, upper: 0, qualifier: 'EXACT' });
});

test('a 0 conflicts with a number as any other value does', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-10': 0 });
  await scenario.record(brand, { '2025-10': 1 }, { sourceId: await scenario.source(3) });
  expect(await scenario.observe(brand, '2025-10')).toMatchObject({ value: 0, agreement: 'CONFLICTS' });
});

test('values below 0 and fractions of a vehicle are refused', async () => {
  const brand = await scenario.subject('BRAND');
  await expect(scenario.record(brand, { '2025-10': -1 })).rejects.toMatchObject({
    userErrors: [{ code: 'NEGATIVE_VALUE', path: ['inputs', '0', 'value'] }],
  });
  await expect(scenario.record(brand, { '2025-10': 0.5 })).rejects.toMatchObject({
    userErrors: [{ code: 'INVALID_VALUE' }],
  });
});

test('the same figure sent twice is written once', async () => {
  const brand = await scenario.subject('BRAND');
  const first = await scenario.record(brand, { '2025-10': 8_630 });
  const again = await scenario.record(brand, { '2025-10': 8_630 });
  expect(again).toEqual({ ids: first.ids, deduplicated: 1, milestones: [], cursor: null });
  expect(await rowsOf(brand)).toEqual({ figures: 1, stated: 1, entries: 1 });
});

test('the same figure sent many times at the same time is one row, one log entry and one observation', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-09': 8_000 });
  const written = await Promise.all(Array.from({ length: 8 }, () => scenario.record(brand, { '2025-10': 8_630 })));
  expect(new Set(written.flatMap(({ ids }) => ids)).size).toBe(1);
  expect(written.filter(({ deduplicated }) => deduplicated === 0)).toHaveLength(1);
  expect(written.filter(({ cursor }) => cursor !== null)).toHaveLength(1);
  expect(await rowsOf(brand)).toEqual({ figures: 2, stated: 2, entries: 2 });
});

test('the same figure twice in one list is written once', async () => {
  const brand = await scenario.subject('BRAND');
  const written = await scenario.record(brand, { '2025': 8_630, '2025-01/2025-12': 8_630 });
  expect(written).toMatchObject({ deduplicated: 1 });
  expect(new Set(written.ids).size).toBe(1);
  expect(await rowsOf(brand)).toEqual({ figures: 1, stated: 1, entries: 1 });
});

test('claims of two sources at the same time are two claims of one observation', async () => {
  const brand = await scenario.subject('BRAND');
  const sources = [await scenario.source(1), await scenario.source(3)];
  await Promise.all(sources.map((sourceId) => scenario.record(brand, { '2025-10': 8_630 }, { sourceId })));
  expect(await scenario.observe(brand, '2025-10')).toMatchObject({
    ...{ value: 8_630, agreement: 'AGREES', claims: [{ value: 8_630 }, { value: 8_630 }] },
  });
  expect(await rowsOf(brand)).toEqual({ figures: 2, stated: 1, entries: 2 });
});

/** Everything that is stored about a subject, except its creation and the observations that follow from others. */
async function rowsOf(slug: string): Promise<unknown> {
  const { db } = scenario.api;
  const where = { subject: { slug } };
  const [figures, stated, entries] = await Promise.all([
    db.figure.count({ where }),
    db.observation.count({ where: { ...where, method: 'ASSERTED' } }),
    db.change.count({ where: { ...where, kind: 'FIGURE' } }),
  ]);
  return { figures, stated, entries };
}
