import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('a real 0 is a value; what is missing has none', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-10': 0, '2025-12': 7 });
  expect(await world.observe(brand, '2025-10')).toMatchObject({
    ...{ value: 0, lower: 0, upper: 0, qualifier: 'EXACT', method: 'ASSERTED', agreement: 'SOLE', missing: [] },
  });
  expect(await world.observe(brand, '2025-11')).toBeNull();
});

test('a real 0 is added up; what is missing leaves the sum unknown', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-07': 0, '2025-08': 5, '2025-09': 0, '2025-10': 5, '2025-12': 7 });
  expect(await world.observe(brand, '2025-Q3')).toMatchObject({ value: 5, missing: [] });
  expect(await world.observe(brand, '2025-Q4')).toMatchObject({ value: null, missing: ['2025-11'] });
});

test('a quarter of nothing but 0 is 0', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-07': 0, '2025-08': 0, '2025-09': 0 });
  expect(await world.observe(brand, '2025-Q3')).toMatchObject({ value: 0, lower: 0, upper: 0, qualifier: 'EXACT' });
});

test('a 0 conflicts with a number as any other value does', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-10': 0 });
  await world.record(brand, { '2025-10': 1 }, { sourceId: await world.source(3) });
  expect(await world.observe(brand, '2025-10')).toMatchObject({ value: 0, agreement: 'CONFLICTS' });
});

test('nothing is beneath 0, and no vehicle is half a one', async () => {
  const brand = await world.subject('BRAND');
  await expect(world.record(brand, { '2025-10': -1 })).rejects.toMatchObject({
    userErrors: [{ code: 'NEGATIVE_VALUE', path: ['inputs', '0', 'value'] }],
  });
  await expect(world.record(brand, { '2025-10': 0.5 })).rejects.toMatchObject({
    userErrors: [{ code: 'INVALID_VALUE' }],
  });
});

test('the same figure sent twice is written once', async () => {
  const brand = await world.subject('BRAND');
  const first = await world.record(brand, { '2025-10': 8_630 });
  const again = await world.record(brand, { '2025-10': 8_630 });
  expect(again).toEqual({ ids: first.ids, deduplicated: 1, milestones: [], cursor: null });
  expect(await rowsOf(brand)).toEqual({ figures: 1, observations: 1, entries: 1 });
});

test('the same figure sent many times at the same time is one row, one log entry and one observation', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-09': 8_000 });
  const written = await Promise.all(Array.from({ length: 8 }, () => world.record(brand, { '2025-10': 8_630 })));
  expect(new Set(written.flatMap(({ ids }) => ids)).size).toBe(1);
  expect(written.filter(({ deduplicated }) => deduplicated === 0)).toHaveLength(1);
  expect(written.filter(({ cursor }) => cursor !== null)).toHaveLength(1);
  expect(await rowsOf(brand)).toEqual({ figures: 2, observations: 2, entries: 2 });
});

test('the same figure twice in one list is written once', async () => {
  const brand = await world.subject('BRAND');
  const written = await world.record(brand, { '2025': 8_630, '2025-01/2025-12': 8_630 });
  expect(written).toMatchObject({ deduplicated: 1 });
  expect(new Set(written.ids).size).toBe(1);
  expect(await rowsOf(brand)).toEqual({ figures: 1, observations: 1, entries: 1 });
});

test('two sources that speak at the same time are two claims of one observation', async () => {
  const brand = await world.subject('BRAND');
  const sources = [await world.source(1), await world.source(3)];
  await Promise.all(sources.map((sourceId) => world.record(brand, { '2025-10': 8_630 }, { sourceId })));
  expect(await world.observe(brand, '2025-10')).toMatchObject({
    ...{ value: 8_630, agreement: 'AGREES', claims: [{ value: 8_630 }, { value: 8_630 }] },
  });
  expect(await rowsOf(brand)).toEqual({ figures: 2, observations: 1, entries: 2 });
});

/** What is kept about a subject, except that it was made. */
async function rowsOf(slug: string): Promise<unknown> {
  const { db } = world.api;
  const where = { subject: { slug } };
  const [figures, observations, entries] = await Promise.all([
    db.figure.count({ where }),
    db.observation.count({ where }),
    db.change.count({ where: { ...where, kind: 'FIGURE' } }),
  ]);
  return { figures, observations, entries };
}
