import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, over, type World } from '../support/world.ts';

/** December 2025: NIO, ONVO and Firefly. */
const MONTH = '2025-12';
const VALUES = { nio: 31_897, onvo: 9_154, firefly: 7_084 };
const COMPANY = 48_135;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('a company is the sum of its brands, with the figures it rests on', async () => {
  const { company, brands } = await maker();
  const ids: string[] = [];
  for (const [name, value] of Object.entries(VALUES)) {
    const written = await world.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
    ids.push(...written.ids);
  }
  const observed = await world.observe(company, MONTH);
  expect(observed).toMatchObject({
    ...{ value: COMPANY, lower: COMPANY, upper: COMPANY, qualifier: 'EXACT' },
    ...{ method: 'DERIVED', agreement: 'SOLE', best: null, missing: [], claims: [] },
    inputs: ids.map((id) => ({ id })),
    resolution: `Sum of its brands ${brands.nio}, ${brands.onvo} and ${brands.firefly}.`,
  });
});

test('the brand that gives a company its name is not the company', async () => {
  const { company, brands } = await maker();
  await world.record(brands.nio, { [MONTH]: VALUES.nio });
  expect(await world.observe(brands.nio, MONTH)).toMatchObject({ value: VALUES.nio });
  expect(await world.observe(company, MONTH)).toBeNull();
  await world.record(company, { [MONTH]: COMPANY });
  expect(await world.observe(brands.nio, MONTH)).toMatchObject({ value: VALUES.nio });
  expect(await world.observe(brands.onvo, MONTH)).toBeNull();
});

test('a brand without data gives no company value, and its first month gives one', async () => {
  const { company, brands } = await maker();
  await world.record(brands.nio, { [MONTH]: VALUES.nio });
  await world.record(brands.onvo, { [MONTH]: VALUES.onvo });
  expect(await world.observe(company, MONTH)).toBeNull();
  await world.record(brands.firefly, { [MONTH]: VALUES.firefly });
  expect(await world.observe(company, MONTH)).toMatchObject({ value: COMPANY });
});

test('a real 0 of a brand is data', async () => {
  const { company, brands } = await maker();
  await world.record(brands.nio, { [MONTH]: VALUES.nio });
  await world.record(brands.onvo, { [MONTH]: VALUES.onvo });
  await world.record(brands.firefly, { [MONTH]: 0 });
  expect(await world.observe(company, MONTH)).toMatchObject({ value: VALUES.nio + VALUES.onvo });
});

test('a company value that is stated wins over the sum', async () => {
  const { company, brands } = await maker();
  for (const [name, value] of Object.entries(VALUES)) {
    await world.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
  }
  await world.record(company, { [MONTH]: 48_130 }, { sourceId: await world.source(4) });
  expect(await world.observe(company, MONTH)).toMatchObject({ value: 48_130, method: 'ASSERTED', agreement: 'SOLE' });
});

test('a company whose brands are not all here is not their sum', async () => {
  const { company, brands } = await maker({ brandsComplete: false });
  for (const [name, value] of Object.entries(VALUES)) {
    await world.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
  }
  expect(await world.observe(company, MONTH)).toBeNull();
  await world.api.ask('mutation($s: String!) { updateSubject(slug: $s, input: { brandsComplete: true }) { cursor } }', {
    s: company,
  });
  expect(await world.observe(company, MONTH)).toMatchObject({ value: COMPANY });
});

test('a company of one brand has what the brand has', async () => {
  const company = await world.subject('COMPANY');
  const brand = await world.subject('BRAND', { parent: company });
  await world.record(brand, { [MONTH]: over(57_000) });
  expect(await world.observe(company, MONTH)).toMatchObject({
    ...{ value: 57_000, lower: 57_000, upper: null, qualifier: 'OVER', method: 'DERIVED' },
    resolution: `Sum of its brand ${brand}.`,
  });
});

test('a quarter of a company is made of what is stated of itself and what its brands add up to', async () => {
  const { company, brands } = await maker();
  await world.record(company, { '2025-10': 40_397, '2025-11': 36_275 });
  expect(await world.observe(company, '2025-Q4')).toMatchObject({ value: null, missing: ['2025-12'] });
  for (const [name, value] of Object.entries(VALUES)) {
    await world.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
  }
  expect(await world.observe(company, '2025-Q4')).toMatchObject({ value: 124_807, missing: [] });
});

test('periods that only its brands state tile the year of a company', async () => {
  const company = await world.subject('COMPANY');
  const brands = [await world.subject('BRAND', { parent: company }), await world.subject('BRAND', { parent: company })];
  for (const brand of brands) await world.record(brand, { '2025-01/2025-09': 90, '2025-Q4': 30 });
  expect(await world.observe(company, '2025')).toMatchObject({ value: 240, method: 'DERIVED', missing: [] });
});

test('a value to date of a company is the sum of those of its brands', async () => {
  const { company, brands } = await maker();
  await world.record(brands.nio, { '../2025-12-31': 900_000 });
  await world.record(brands.onvo, { '../2025-11-30': 80_000, '2025-12': 10_000 });
  await world.record(brands.firefly, { '../2025-12-31': 20_000 });
  expect(await world.toDate(company)).toMatchObject({ period: '../2025-12-31', value: 1_010_000, method: 'DERIVED' });
});

async function maker(fields = {}) {
  const company = await world.subject('COMPANY', fields);
  const brand = () => world.subject('BRAND', { parent: company });
  return { company, brands: { nio: await brand(), onvo: await brand(), firefly: await brand() } };
}
