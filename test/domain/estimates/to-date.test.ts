import { afterAll, beforeAll, expect, test } from 'vitest';
import { about, between, openScenario, over, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a value to date is the newest stated one plus the periods since', async () => {
  const company = await scenario.subject('COMPANY');
  const { ids } = await scenario.record(company, {
    ...{ '../2025-08-31': 838_036, '2025-09': 34_749, '2025-10': 40_397, '../2025-11-30': 949_457, '2025-12': 48_135 },
  });
  expect(await scenario.toDate(company)).toMatchObject({
    ...{ period: '../2025-12-31', value: 997_592, lower: 997_592, upper: 997_592, qualifier: 'EXACT' },
    ...{ method: 'DERIVED', best: null, missing: [] },
    inputs: [{ id: ids[3] }, { id: ids[4] }],
    resolution: 'Sum of 2 periods, ../2025-11-30 to 2025-12.',
  });
  expect(await scenario.toDate(company, '2025-10-31')).toMatchObject({
    value: 913_182,
    resolution: 'Sum of 3 periods, ../2025-08-31 to 2025-10.',
  });
});

test('a rounded value to date does not replace what adds up', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, { '../2025-12-31': 997_592, '2026-01': 27_182, '../2026-01-31': 1_024_800 });
  expect(await scenario.toDate(company)).toMatchObject({ value: 1_024_774, method: 'DERIVED', agreement: 'SOLE' });
});

test('the longest periods are used, and no period twice', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, {
    ...{ '../2024-12-31': 671_564, '2025': 326_028, '2025-Q4': 124_807, '2025-12': 48_135, '2026-01': 27_182 },
  });
  expect(await scenario.toDate(company)).toMatchObject({ period: '../2026-01-31', value: 1_024_774 });
  expect(await scenario.toDate(company, '2025-12-31')).toMatchObject({ value: 997_592 });
});

test('a value stated in mid-month is continued by months within bounds: the gap is named', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2026-01-13': 1_000_000, '2026-01': 40_016, '2026-02': 20_000 });
  expect(await scenario.toDate(brand, '2026-01-13')).toMatchObject({ value: 1_000_000, method: 'ASSERTED' });
  // At least what was there on the 13th, at most all of January more than that.
  expect(await scenario.toDate(brand, '2026-01-31')).toMatchObject({
    ...{ value: null, lower: 1_000_000, upper: 1_040_016, qualifier: 'BETWEEN', method: 'DERIVED' },
    missing: ['2026-01-14/2026-01-31'],
    resolution: 'Follows from ../2026-01-13 and 2026-01. It lies between its bounds. Not known: 2026-01-14/2026-01-31.',
  });
  expect(await scenario.toDate(brand)).toMatchObject({
    ...{ period: '../2026-02-28', value: null, lower: 1_020_000, upper: 1_060_016, qualifier: 'BETWEEN' },
    missing: ['2026-01-14/2026-01-31'],
  });
  // What was delivered before January is known as closely.
  expect(await scenario.toDate(brand, '2025-12-31')).toMatchObject({
    ...{ value: null, lower: 959_984, upper: 1_000_000, qualifier: 'BETWEEN', missing: ['../2025-12-31'] },
  });
  expect(await scenario.toDate(brand, '2025-12-30')).toBeNull();
});

test('the total before the first known month follows from a later one', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-10': 300, '2025-11': 400, '../2025-11-30': 1_700 });
  expect(await scenario.toDate(brand, '2025-10-31')).toMatchObject({ value: 1_300, method: 'DERIVED', missing: [] });
  expect(await scenario.toDate(brand, '2025-09-30')).toMatchObject({ value: 1_000, method: 'DERIVED', missing: [] });
  expect(await scenario.toDate(brand, '2025-08-31')).toBeNull();
});

test('every gap since the newest stated value is named, and only the gaps', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-08-31': 1_000, '2025-09': 10, '2025-11': 10, '2026-Q1': 30 });
  expect(await scenario.toDate(brand, '2026-03-31')).toMatchObject({
    ...{ value: null, lower: 1_050, upper: null, qualifier: 'OVER', missing: ['2025-10', '2025-12'] },
  });
  expect(await scenario.toDate(brand, '2026-02-28')).toMatchObject({
    ...{ value: null, lower: 1_020, upper: null, missing: ['2025-10', '2025-12', '2026-01', '2026-02'] },
  });
  expect(await scenario.toDate(brand, '2025-11-15')).toMatchObject({
    ...{ value: null, lower: 1_010, upper: null, missing: ['2025-10', '2025-11-01/2025-11-15'] },
  });
});

test('an older value that months can continue is used when the newest cannot be continued', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 980_000, '../2026-01-13': 1_000_000, '2026-01': 40_016 });
  expect(await scenario.toDate(brand)).toMatchObject({ period: '../2026-01-31', value: 1_020_016, method: 'DERIVED' });
  expect(await scenario.toDate(brand, '2026-01-13')).toMatchObject({ value: 1_000_000, method: 'ASSERTED' });
});

test('the remaining days of a month continue a value of mid-month', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2026-01-13': 1_000_000, '2026-01-14/2026-01-31': 20_000, '2026-02': 30_000 });
  expect(await scenario.toDate(brand)).toMatchObject({ period: '../2026-02-28', value: 1_050_000, missing: [] });
});

test('a value known only within bounds stays within bounds', async () => {
  const rounded = await scenario.subject('BRAND');
  await scenario.record(rounded, { '../2025-12-31': about(980_000), '2026-01': 30_000 });
  expect(await scenario.toDate(rounded)).toMatchObject({
    ...{ value: 1_010_000, lower: 1_005_000, upper: 1_015_000, qualifier: 'ABOUT' },
  });
  const bounded = await scenario.subject('BRAND');
  await scenario.record(bounded, { '../2025-12-31': between(950_000, 990_000), '2026-01': 30_000 });
  expect(await scenario.toDate(bounded)).toMatchObject({
    ...{ value: null, lower: 980_000, upper: 1_020_000, qualifier: 'BETWEEN' },
  });
  expect((await scenario.milestones(bounded)).map(({ threshold }) => threshold)).not.toContain(1_000_000);
  const open = await scenario.subject('BRAND');
  await scenario.record(open, { '../2025-12-31': over(980_000), '2026-01': 30_000 });
  expect(await scenario.toDate(open)).toMatchObject({
    value: 1_010_000,
    lower: 1_010_000,
    upper: null,
    qualifier: 'OVER',
  });
});

test('without a stated total what is known is a lower bound, and what came before is named', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-12': 57_203, '2025': 420_000 });
  expect(await scenario.toDate(brand)).toMatchObject({
    ...{ period: '../2025-12-31', value: null, lower: 420_000, upper: null, qualifier: 'OVER', method: 'DERIVED' },
    missing: ['../2024-12-31'],
  });
  expect(await scenario.toDate(brand, '2025-11-30')).toMatchObject({ value: null, lower: 362_797, upper: null });
  expect(await scenario.toDate(brand, '2026-03-31')).toMatchObject({ value: null, lower: 420_000, upper: null });
  expect(await scenario.toDate(brand, '2024-12-31')).toBeNull();
});

test('since a known first delivery nothing is missing', async () => {
  const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2025-11-20' });
  await scenario.record(brand, { '2025-12': 700 });
  // November is not known.
  expect(await scenario.toDate(brand)).toMatchObject({ value: null, lower: 700, upper: null, qualifier: 'OVER' });
  await scenario.record(brand, { '2025-11': 90 });
  expect(await scenario.toDate(brand)).toMatchObject({
    ...{ period: '../2025-12-31', value: 790, lower: 790, upper: 790, qualifier: 'EXACT', missing: [] },
  });
});

test('what is stated for a longer time than the calendar has names is not missing', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2024-12-31': 1_000, '2025-01/2025-09': over(260), '2025-10': 40 });
  expect(await scenario.toDate(brand, '2025-12-31')).toMatchObject({
    ...{ value: null, lower: 1_300, missing: ['2025-11', '2025-12'] },
  });
  expect(await scenario.toDate(brand)).toMatchObject({
    ...{ period: '../2025-10-31', value: 1_300, lower: 1_300, upper: null, qualifier: 'OVER', missing: [] },
  });
});

test('a day before the first stated value has no value to date', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 980_000 });
  expect(await scenario.toDate(brand, '2025-11-30')).toBeNull();
});

test('a value to date of one metric does not continue that of another', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 980_000 }, { metric: 'PRODUCTION' });
  await scenario.record(brand, { '2026-01': 30_000 });
  expect(await scenario.toDate(brand)).toMatchObject({
    ...{ period: '../2026-01-31', value: null, lower: 30_000, upper: null, missing: ['../2025-12-31'] },
  });
  expect(await scenario.toDate(brand, '2026-01-31', { metric: 'PRODUCTION' })).toMatchObject({
    ...{ value: null, lower: 980_000, upper: null, missing: ['2026-01'] },
  });
});

test('as many were produced as were delivered, where anything is known of production', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 980_000, '2026-01': 30_000 });
  expect(await scenario.toDate(brand, '2026-01-31', { metric: 'PRODUCTION' })).toBeNull();
  await scenario.record(brand, { '../2025-12-31': 985_000 }, { metric: 'PRODUCTION' });
  expect(await scenario.toDate(brand, '2026-01-31', { metric: 'PRODUCTION' })).toMatchObject({
    ...{ value: null, lower: 1_010_000, upper: null, qualifier: 'OVER', missing: ['2026-01'] },
  });
  expect(await scenario.toDate(brand, '2026-01-31')).toMatchObject({ value: 1_010_000, upper: 1_010_000 });
});

test('a metric that is a state has the newest state, and nothing is added to it', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, { '../2025-12-31': 3_600, '../2026-01-19': over(3_700) }, { metric: 'SWAP_STATIONS' });
  expect(await scenario.toDate(company, undefined, { metric: 'SWAP_STATIONS' })).toMatchObject({
    ...{ period: '../2026-01-19', value: 3_700, qualifier: 'OVER', method: 'ASSERTED' },
  });
  expect(await scenario.toDate(company, '2026-01-31', { metric: 'SWAP_STATIONS' })).toBeNull();
});
