import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openScenario, over, type Scenario } from '../../support/scenario.ts';

/** December 2025: NIO, ONVO and Firefly. */
const MONTH = '2025-12';
const VALUES = { nio: 31_897, onvo: 9_154, firefly: 7_084 };
const COMPANY = 48_135;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a company is the sum of its brands, with the figures it rests on', async () => {
  const { company, brands } = await maker();
  const ids: string[] = [];
  for (const [name, value] of Object.entries(VALUES)) {
    const written = await scenario.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
    ids.push(...written.ids);
  }
  const observed = await scenario.observe(company, MONTH);
  expect(observed).toMatchObject({
    ...{ value: COMPANY, lower: COMPANY, upper: COMPANY, qualifier: 'EXACT' },
    ...{ method: 'DERIVED', agreement: 'SOLE', best: null, missing: [], claims: [] },
    inputs: ids.map((id) => ({ id })),
    resolution: 'Follows from its parts.',
  });
});

test('the brand that gives a company its name is not the company', async () => {
  const { company, brands } = await maker();
  await scenario.record(brands.nio, { [MONTH]: VALUES.nio });
  expect(await scenario.observe(brands.nio, MONTH)).toMatchObject({ value: VALUES.nio });
  expect(await scenario.observe(company, MONTH)).toMatchObject({ value: null, lower: VALUES.nio, upper: null });
  await scenario.record(company, { [MONTH]: COMPANY });
  expect(await scenario.observe(brands.nio, MONTH)).toMatchObject({ value: VALUES.nio, upper: VALUES.nio });
  // Nothing is known of the second at all.
  expect(await scenario.observe(brands.onvo, MONTH)).toBeNull();
});

test('a brand has at most what the others leave of its company, and exactly that where all others are known', async () => {
  const { company, brands } = await maker();
  await scenario.record(company, { [MONTH]: COMPANY });
  await scenario.record(brands.nio, { [MONTH]: VALUES.nio });
  await scenario.record(brands.onvo, { '2025-10': 17_342, '2026-01': 5_706 });
  expect(await scenario.observe(brands.onvo, MONTH)).toMatchObject({
    ...{ value: null, lower: 0, upper: COMPANY - VALUES.nio, qualifier: 'UNDER', missing: [MONTH] },
  });
  await scenario.record(brands.firefly, { [MONTH]: VALUES.firefly });
  expect(await scenario.observe(brands.onvo, MONTH)).toMatchObject({
    ...{ value: VALUES.onvo, lower: VALUES.onvo, upper: VALUES.onvo, qualifier: 'EXACT', method: 'DERIVED' },
    resolution: 'Follows from the whole less its other parts.',
  });
});

test('a brand without data leaves the company a lower bound, and its first month gives it a value', async () => {
  const { company, brands } = await maker();
  await scenario.record(brands.nio, { [MONTH]: VALUES.nio });
  await scenario.record(brands.onvo, { [MONTH]: VALUES.onvo });
  expect(await scenario.observe(company, MONTH)).toMatchObject({
    ...{ value: null, lower: VALUES.nio + VALUES.onvo, upper: null, qualifier: 'OVER', missing: [MONTH] },
    inputs: [{ value: VALUES.nio }, { value: VALUES.onvo }],
  });
  await scenario.record(brands.firefly, { [MONTH]: VALUES.firefly });
  expect(await scenario.observe(company, MONTH)).toMatchObject({ value: COMPANY });
});

test('a real 0 of a brand is data', async () => {
  const { company, brands } = await maker();
  await scenario.record(brands.nio, { [MONTH]: VALUES.nio });
  await scenario.record(brands.onvo, { [MONTH]: VALUES.onvo });
  await scenario.record(brands.firefly, { [MONTH]: 0 });
  expect(await scenario.observe(company, MONTH)).toMatchObject({ value: VALUES.nio + VALUES.onvo });
});

test('a company value that is stated wins over the sum', async () => {
  const { company, brands } = await maker();
  for (const [name, value] of Object.entries(VALUES)) {
    await scenario.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
  }
  await scenario.record(company, { [MONTH]: 48_130 }, { sourceId: await scenario.source(4) });
  expect(await scenario.observe(company, MONTH)).toMatchObject({
    value: 48_130,
    method: 'ASSERTED',
    agreement: 'SOLE',
  });
});

test('a company whose brands are incomplete has at least their sum', async () => {
  const { company, brands } = await maker({ brandsComplete: false });
  for (const [name, value] of Object.entries(VALUES)) {
    await scenario.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
  }
  expect(await scenario.observe(company, MONTH)).toMatchObject({
    ...{ value: null, lower: COMPANY, upper: null, qualifier: 'OVER', missing: [MONTH] },
  });
  await scenario.api.ask(
    'mutation($s: String!) { updateSubject(slug: $s, input: { brandsComplete: true }) { cursor } }',
    {
      s: company,
    },
  );
  expect(await scenario.observe(company, MONTH)).toMatchObject({ value: COMPANY });
});

test('a company of one brand has what the brand has', async () => {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company });
  await scenario.record(brand, { [MONTH]: over(57_000) });
  expect(await scenario.observe(company, MONTH)).toMatchObject({
    ...{ value: 57_000, lower: 57_000, upper: null, qualifier: 'OVER', method: 'DERIVED' },
    resolution: 'Follows from its only brand. That is the least it can be.',
  });
});

test('a quarter of a company is made of what is stated of itself and what its brands add up to', async () => {
  const { company, brands } = await maker();
  await scenario.record(company, { '2025-10': 40_397, '2025-11': 36_275 });
  expect(await scenario.observe(company, '2025-Q4')).toMatchObject({ value: null, missing: ['2025-12'] });
  for (const [name, value] of Object.entries(VALUES)) {
    await scenario.record(brands[name as keyof typeof VALUES], { [MONTH]: value });
  }
  expect(await scenario.observe(company, '2025-Q4')).toMatchObject({ value: 124_807, missing: [] });
});

test('periods that only its brands state tile the year of a company', async () => {
  const company = await scenario.subject('COMPANY');
  const brands = [
    await scenario.subject('BRAND', { parent: company }),
    await scenario.subject('BRAND', { parent: company }),
  ];
  for (const brand of brands) await scenario.record(brand, { '2025-01/2025-09': 90, '2025-Q4': 30 });
  expect(await scenario.observe(company, '2025')).toMatchObject({ value: 240, method: 'DERIVED', missing: [] });
});

test('a part of a brand is counted once, within the brand, and stays so when the brand moves', async () => {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company });
  const part = await scenario.subject('BRAND', { parent: company });
  await scenario.record(brand, { [MONTH]: 100, '../2025-12-31': 15_000 });
  await scenario.record(part, { [MONTH]: 60, '../2025-12-31': 6_000 });
  expect(await scenario.observe(company, MONTH)).toMatchObject({ value: 160 });
  const move = (slug: string, parent: string) =>
    scenario.api.ask(
      'mutation ($slug: String!, $parent: String!) { updateSubject(slug: $slug, input: { parent: $parent }) { cursor } }',
      { slug, parent },
    );
  await move(part, brand);
  expect(await scenario.observe(company, MONTH)).toMatchObject({
    value: 100,
    resolution: 'Follows from its only brand.',
  });
  const other = await scenario.subject('COMPANY');
  await move(brand, other);
  expect(await scenario.observe(company, MONTH)).toBeNull();
  expect(await scenario.observe(other, MONTH)).toMatchObject({ value: 100 });
  expect(await scenario.toDate(other)).toMatchObject({ value: 15_000 });
  expect((await verifyDerived(scenario.api.db)).differences).toEqual([]);
});

test('a value to date of a company is the sum of those of its brands', async () => {
  const { company, brands } = await maker();
  await scenario.record(brands.nio, { '../2025-12-31': 900_000 });
  await scenario.record(brands.onvo, { '../2025-11-30': 80_000, '2025-12': 10_000 });
  await scenario.record(brands.firefly, { '../2025-12-31': 20_000 });
  expect(await scenario.toDate(company)).toMatchObject({
    period: '../2025-12-31',
    value: 1_010_000,
    method: 'DERIVED',
  });
});

async function maker(fields = {}) {
  const company = await scenario.subject('COMPANY', fields);
  const brand = () => scenario.subject('BRAND', { parent: company });
  return { company, brands: { nio: await brand(), onvo: await brand(), firefly: await brand() } };
}
