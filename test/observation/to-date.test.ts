import { afterAll, beforeAll, expect, test } from 'vitest';
import { about, between, openWorld, over, type World } from '../support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('a value to date is the newest stated one plus the periods since', async () => {
  const company = await world.subject('COMPANY');
  const { ids } = await world.record(company, {
    ...{ '../2025-08-31': 838_036, '2025-09': 34_749, '2025-10': 40_397, '../2025-11-30': 949_457, '2025-12': 48_135 },
  });
  expect(await world.toDate(company)).toMatchObject({
    ...{ period: '../2025-12-31', value: 997_592, lower: 997_592, upper: 997_592, qualifier: 'EXACT' },
    ...{ method: 'DERIVED', best: null, missing: [] },
    inputs: [{ id: ids[3] }, { id: ids[4] }],
    resolution: 'What is stated to 2025-11-30 plus 1 period since.',
  });
  expect(await world.toDate(company, '2025-10-31')).toMatchObject({
    value: 913_182,
    resolution: 'What is stated to 2025-08-31 plus 2 periods since.',
  });
});

test('a stated value to date wins over what adds up', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, { '../2025-12-31': 997_592, '2026-01': 27_182, '../2026-01-31': 1_024_800 });
  expect(await world.toDate(company)).toMatchObject({ value: 1_024_800, method: 'ASSERTED' });
});

test('the longest periods are used, and none twice', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, {
    ...{ '../2024-12-31': 671_564, '2025': 326_028, '2025-Q4': 124_807, '2025-12': 48_135, '2026-01': 27_182 },
  });
  expect(await world.toDate(company)).toMatchObject({ period: '../2026-01-31', value: 1_024_774 });
  expect(await world.toDate(company, '2025-12-31')).toMatchObject({ value: 997_592 });
});

test('a value stated in mid-month cannot be carried on by months: the gap is named', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2026-01-13': 1_000_000, '2026-01': 40_016, '2026-02': 20_000 });
  expect(await world.toDate(brand)).toMatchObject({ period: '../2026-01-13', value: 1_000_000 });
  expect(await world.toDate(brand, '2026-01-31')).toMatchObject({
    ...{ value: null, lower: null, upper: null, qualifier: null },
    missing: ['2026-01-14/2026-01-31'],
    resolution: 'Not known: nothing is recorded for 2026-01-14/2026-01-31.',
  });
  expect(await world.toDate(brand, '2026-02-28')).toMatchObject({ value: null, missing: ['2026-01-14/2026-01-31'] });
});

test('every gap since the newest stated value is named, and only the gaps', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-08-31': 1_000, '2025-09': 10, '2025-11': 10, '2026-Q1': 30 });
  expect(await world.toDate(brand, '2026-03-31')).toMatchObject({ value: null, missing: ['2025-10', '2025-12'] });
  expect(await world.toDate(brand, '2026-02-28')).toMatchObject({ missing: ['2025-10', '2025-12/2026-02'] });
  expect(await world.toDate(brand, '2025-11-15')).toMatchObject({ missing: ['2025-10-01/2025-11-15'] });
});

test('an older value that months can carry on is used where the newest cannot', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 980_000, '../2026-01-13': 1_000_000, '2026-01': 40_016 });
  expect(await world.toDate(brand)).toMatchObject({ period: '../2026-01-31', value: 1_020_016, method: 'DERIVED' });
  expect(await world.toDate(brand, '2026-01-13')).toMatchObject({ value: 1_000_000, method: 'ASSERTED' });
});

test('the days that are left of a month carry a value of mid-month on', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2026-01-13': 1_000_000, '2026-01-14/2026-01-31': 20_000, '2026-02': 30_000 });
  expect(await world.toDate(brand)).toMatchObject({ period: '../2026-02-28', value: 1_050_000, missing: [] });
});

test('a value known only within bounds stays within bounds', async () => {
  const rounded = await world.subject('BRAND');
  await world.record(rounded, { '../2025-12-31': about(980_000), '2026-01': 30_000 });
  expect(await world.toDate(rounded)).toMatchObject({
    ...{ value: 1_010_000, lower: 1_005_000, upper: 1_015_000, qualifier: 'ABOUT' },
  });
  const bounded = await world.subject('BRAND');
  await world.record(bounded, { '../2025-12-31': between(950_000, 990_000), '2026-01': 30_000 });
  expect(await world.toDate(bounded)).toMatchObject({
    ...{ value: null, lower: 980_000, upper: 1_020_000, qualifier: 'BETWEEN' },
  });
  expect((await world.milestones(bounded)).map(({ threshold }) => threshold)).not.toContain(1_000_000);
  const open = await world.subject('BRAND');
  await world.record(open, { '../2025-12-31': over(980_000), '2026-01': 30_000 });
  expect(await world.toDate(open)).toMatchObject({
    value: 1_010_000,
    lower: 1_010_000,
    upper: null,
    qualifier: 'OVER',
  });
});

test('without a stated value there is none to date', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-12': 57_203, '2025': 420_000 });
  expect(await world.toDate(brand)).toBeNull();
  expect(await world.toDate(brand, '2025-12-31')).toBeNull();
});

test('a day before the first stated value has none', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 980_000 });
  expect(await world.toDate(brand, '2025-11-30')).toBeNull();
});

test('a value to date of one metric says nothing of another', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 980_000 }, { metric: 'PRODUCTION' });
  await world.record(brand, { '2026-01': 30_000 });
  expect(await world.toDate(brand)).toBeNull();
  expect(await world.toDate(brand, '2026-01-31', { metric: 'PRODUCTION' })).toMatchObject({
    value: null,
    missing: ['2026-01'],
  });
});

test('what is a state on a day is the newest state, and nothing is added to it', async () => {
  const company = await world.subject('COMPANY');
  await world.record(company, { '../2025-12-31': 3_600, '../2026-01-19': over(3_700) }, { metric: 'SWAP_STATIONS' });
  expect(await world.toDate(company, undefined, { metric: 'SWAP_STATIONS' })).toMatchObject({
    ...{ period: '../2026-01-19', value: 3_700, qualifier: 'OVER', method: 'ASSERTED' },
  });
  expect(await world.toDate(company, '2026-01-31', { metric: 'SWAP_STATIONS' })).toBeNull();
});
