import { afterAll, beforeAll, expect, test } from 'vitest';
import { about, openWorld, over, type World } from '../support/world.ts';

/** NIO Inc.'s last quarter of 2025. */
const OCTOBER = { '2025-10': 40_397 };
const NOVEMBER = { '2025-11': 36_275 };
const DECEMBER = { '2025-12': 48_135 };
const Q4 = 124_807;
const NINE_MONTHS = { '2025-Q1': 42_094, '2025-Q2': 72_056, '2025-Q3': 87_071 };
const YEAR = 326_028;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('a quarter is the sum of its three months', async () => {
  const company = await world.subject('COMPANY');
  const { ids } = await world.record(company, { ...OCTOBER, ...NOVEMBER, ...DECEMBER });
  expect(await world.observe(company, '2025-Q4')).toMatchObject({
    ...exactly(Q4),
    method: 'DERIVED',
    best: null,
    inputs: ids.map((id) => ({ id })),
    missing: [],
    resolution: 'Sum of 3 periods, 2025-10 to 2025-12.',
  });
});

test('a quarter that is stated wins over its months, whatever they add up to', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, { ...OCTOBER, ...NOVEMBER, ...DECEMBER, '2025-Q4': 124_800 });
  expect(await world.observe(company, '2025-Q4')).toMatchObject({ ...exactly(124_800), method: 'ASSERTED' });
});

test('a quarter recorded together with its months and the year is counted once', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, {
    ...NINE_MONTHS,
    ...OCTOBER,
    ...NOVEMBER,
    ...DECEMBER,
    '2025-Q4': Q4,
    '2026-01': 27_182,
  });
  expect(await world.observe(company, '2025')).toMatchObject({ ...exactly(YEAR), method: 'DERIVED', missing: [] });
  expect(await world.observe(company, '2025-10/2026-01')).toMatchObject(exactly(Q4 + 27_182));
  await world.record(company, { '2025': 326_028 });
  expect(await world.observe(company, '2025')).toMatchObject({ ...exactly(YEAR), method: 'ASSERTED' });
  expect(await world.observe(company, '2025-10/2026-01')).toMatchObject(exactly(Q4 + 27_182));
});

test('a year is the sum of quarters and months where both tile it', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, { ...NINE_MONTHS, ...OCTOBER, ...NOVEMBER, ...DECEMBER });
  const year = await world.observe(company, '2025');
  expect(year).toMatchObject({ ...exactly(YEAR), method: 'DERIVED', missing: [] });
  expect(year?.inputs).toHaveLength(6);
});

test('a year is the sum of a stated half or nine months and the months that follow it', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-01/2025-09': over(260_000), '2025-10': over(40_000) });
  expect(await world.observe(brand, '2025-01/2025-10')).toMatchObject({
    ...{ value: 300_000, lower: 300_000, upper: null, qualifier: 'OVER' },
    ...{ method: 'DERIVED', missing: [] },
  });
  await world.record(brand, { '2024-01/2024-06': 100, '2024-Q3': 50, '2024-Q4': 50 });
  expect(await world.observe(brand, '2024')).toMatchObject(exactly(200));
});

test('a half year that a stated one does not begin with is not cut out of it', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-01/2025-09': 260_000, '2025-Q1': 75_000 });
  expect(await world.observe(brand, '2025-Q2')).toBeNull();
  expect(await world.observe(brand, '2025-04/2025-09')).toBeNull();
});

test('a gap makes the value null and is named; nothing is interpolated', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, { ...OCTOBER, ...DECEMBER });
  expect(await world.observe(company, '2025-Q4')).toMatchObject({
    ...{ value: null, lower: null, upper: null, qualifier: null },
    method: 'DERIVED',
    missing: ['2025-11'],
    resolution: 'Not known: nothing is recorded for 2025-11.',
  });
  await world.record(company, { '2025-Q1': 42_094, '2025-Q3': 87_071 });
  const year = await world.observe(company, '2025');
  expect(year).toMatchObject({ value: null, missing: ['2025-Q2', '2025-11'] });
});

test('a period of which nothing at all is known has no observation', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, OCTOBER);
  expect(await world.observe(company, '2025-11')).toBeNull();
  expect(await world.observe(company, '2026-Q1')).toBeNull();
  expect(await world.observe('nobody', '2025-10')).toBeNull();
});

test('bounds are added as bounds', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-01': 10_000, '2025-02': about(12_000), '2025-03': about(13_000) });
  expect(await world.observe(brand, '2025-Q1')).toMatchObject({
    ...{ value: 35_000, lower: 34_000, upper: 36_000, qualifier: 'ABOUT' },
  });
  await world.record(brand, { '2025-04': 10_000, '2025-05': over(12_000), '2025-06': about(13_000) });
  expect(await world.observe(brand, '2025-Q2')).toMatchObject({
    ...{ value: 34_500, lower: 34_500, upper: null, qualifier: 'OVER' },
  });
});

test('metrics are never mixed', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-10': 100, '2025-11': 200 });
  await world.record(brand, { '2025-12': 300 }, { metric: 'SALES' });
  expect(await world.observe(brand, '2025-Q4')).toMatchObject({ value: null, missing: ['2025-12'] });
  expect(await world.observe(brand, '2025-Q4', { metric: 'SALES' })).toMatchObject({
    value: null,
    missing: ['2025-10', '2025-11'],
  });
});

test('what is no amount of a time is not added up', async () => {
  const brand = await world.subject('BRAND');
  const market = await world.subject('MARKET');
  await world.record(brand, { '2025-10': 10, '2025-11': 12, '2025-12': 14 }, { metric: 'COUNTRIES' });
  expect(await world.observe(brand, '2025-Q4', { metric: 'COUNTRIES' })).toBeNull();
  const share = { metric: 'MARKET_SHARE', within: market };
  await world.record(brand, { '2025-10': 10.5, '2025-11': 12, '2025-12': 14 }, share);
  expect(await world.observe(brand, '2025-Q4', share)).toBeNull();
  expect(await world.observe(brand, '2025-10', share)).toMatchObject(exactly(10.5));
});

test('weeks tile no month, no quarter and no year, even where their days would', async () => {
  const brand = await world.subject('BRAND');
  // February 2021 begins on a Monday and has four weeks.
  await world.record(brand, { '2021-W05': 1, '2021-W06': 2, '2021-W07': 3, '2021-W08': 4 });
  expect(await world.observe(brand, '2021-02')).toBeNull();
  expect(await world.observe(brand, '2021-W06')).toMatchObject(exactly(2));
});

function exactly(value: number) {
  return { value, lower: value, upper: value, qualifier: 'EXACT' };
}
