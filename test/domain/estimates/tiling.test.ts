import { afterAll, beforeAll, expect, test } from 'vitest';
import { about, openScenario, over, type Scenario } from '../../support/scenario.ts';

/** NIO Inc.'s last quarter of 2025. */
const OCTOBER = { '2025-10': 40_397 };
const NOVEMBER = { '2025-11': 36_275 };
const DECEMBER = { '2025-12': 48_135 };
const Q4 = 124_807;
const NINE_MONTHS = { '2025-Q1': 42_094, '2025-Q2': 72_056, '2025-Q3': 87_071 };
const YEAR = 326_028;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a quarter is the sum of its three months', async () => {
  const company = await scenario.subject('COMPANY');
  const { ids } = await scenario.record(company, { ...OCTOBER, ...NOVEMBER, ...DECEMBER });
  expect(await scenario.observe(company, '2025-Q4')).toMatchObject({
    ...exactly(Q4),
    method: 'DERIVED',
    best: null,
    inputs: ids.map((id) => ({ id })),
    missing: [],
    resolution: 'Sum of 3 periods, 2025-10 to 2025-12.',
  });
});

test('a quarter that its months do not add up to is set aside, and a rounded one is taken as rounded', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, { ...OCTOBER, ...NOVEMBER, ...DECEMBER, '2025-Q4': 124_801 });
  const derived = { ...exactly(Q4), method: 'DERIVED' };
  expect(await scenario.observe(company, '2025-Q4')).toMatchObject({ ...derived, agreement: 'CONFLICTS' });
  const other = await scenario.subject('COMPANY');
  await scenario.record(other, { ...OCTOBER, ...NOVEMBER, ...DECEMBER, '2025-Q4': 124_800 });
  expect(await scenario.observe(other, '2025-Q4')).toMatchObject({ ...derived, agreement: 'SOLE' });
});

test('a quarter recorded together with its months and the year is counted once', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, {
    ...NINE_MONTHS,
    ...OCTOBER,
    ...NOVEMBER,
    ...DECEMBER,
    '2025-Q4': Q4,
    '2026-01': 27_182,
  });
  expect(await scenario.observe(company, '2025')).toMatchObject({ ...exactly(YEAR), method: 'DERIVED', missing: [] });
  expect(await scenario.observe(company, '2025-10/2026-01')).toMatchObject(exactly(Q4 + 27_182));
  await scenario.record(company, { '2025': 326_028 });
  expect(await scenario.observe(company, '2025')).toMatchObject({ ...exactly(YEAR), method: 'ASSERTED' });
  expect(await scenario.observe(company, '2025-10/2026-01')).toMatchObject(exactly(Q4 + 27_182));
});

test('a year is the sum of quarters and months where both tile it', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, { ...NINE_MONTHS, ...OCTOBER, ...NOVEMBER, ...DECEMBER });
  const year = await scenario.observe(company, '2025');
  expect(year).toMatchObject({ ...exactly(YEAR), method: 'DERIVED', missing: [] });
  expect(year?.inputs).toHaveLength(6);
});

test('a year is the sum of a stated half or nine months and the months that follow it', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01/2025-09': over(260_000), '2025-10': over(40_000) });
  expect(await scenario.observe(brand, '2025-01/2025-10')).toMatchObject({
    ...{ value: 300_000, lower: 300_000, upper: null, qualifier: 'OVER' },
    ...{ method: 'DERIVED', missing: [] },
  });
  await scenario.record(brand, { '2024-01/2024-06': 100, '2024-Q3': 50, '2024-Q4': 50 });
  expect(await scenario.observe(brand, '2024')).toMatchObject(exactly(200));
});

test('a stated period less a part of it leaves the rest', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01/2025-09': 260_000, '2025-Q1': 75_000 });
  expect(await scenario.observe(brand, '2025-04/2025-09')).toMatchObject({
    ...{ ...exactly(185_000), method: 'DERIVED', missing: [] },
    resolution: 'Follows from 2025-Q1 and 2025-01/2025-09.',
  });
  // A quarter of the rest has at most all of it.
  expect(await scenario.observe(brand, '2025-Q2')).toMatchObject({
    ...{ value: null, lower: 0, upper: 185_000, qualifier: 'UNDER', missing: ['2025-Q2'] },
  });
});

test('a gap makes the value null, leaves a lower bound and is named; nothing is interpolated', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, { ...OCTOBER, ...DECEMBER });
  expect(await scenario.observe(company, '2025-Q4')).toMatchObject({
    ...{ value: null, lower: 88_532, upper: null, qualifier: 'OVER' },
    method: 'DERIVED',
    missing: ['2025-11'],
    resolution: 'Follows from 2025-10 and 2025-12. That is the least it can be. Not known: 2025-11.',
  });
  await scenario.record(company, { '2025-Q1': 42_094, '2025-Q3': 87_071 });
  const year = await scenario.observe(company, '2025');
  expect(year).toMatchObject({ value: null, lower: 217_697, upper: null, missing: ['2025-Q2', '2025-11'] });
});

test('a period about which nothing is known has no observation', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.record(company, OCTOBER);
  expect(await scenario.observe(company, '2025-11')).toBeNull();
  expect(await scenario.observe(company, '2026-Q1')).toBeNull();
  expect(await scenario.observe('nobody', '2025-10')).toBeNull();
});

test('bounds are added as bounds', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 10_000, '2025-02': about(12_000), '2025-03': about(13_000) });
  expect(await scenario.observe(brand, '2025-Q1')).toMatchObject({
    ...{ value: 35_000, lower: 34_000, upper: 36_000, qualifier: 'ABOUT' },
  });
  await scenario.record(brand, { '2025-04': 10_000, '2025-05': over(12_000), '2025-06': about(13_000) });
  expect(await scenario.observe(brand, '2025-Q2')).toMatchObject({
    // The values add up to 35,000; they are at least 10,000, 12,000 and 12,500.
    ...{ value: 35_000, lower: 34_500, upper: null, qualifier: 'OVER' },
  });
});

test('metrics are never mixed', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-10': 100, '2025-11': 200 });
  await scenario.record(brand, { '2025-12': 300 }, { metric: 'SALES' });
  expect(await scenario.observe(brand, '2025-Q4')).toMatchObject({ value: null, missing: ['2025-12'] });
  expect(await scenario.observe(brand, '2025-Q4', { metric: 'SALES' })).toMatchObject({
    value: null,
    missing: ['2025-10', '2025-11'],
  });
});

test('metrics that are no amount over time are not added up', async () => {
  const brand = await scenario.subject('BRAND');
  const market = await scenario.subject('MARKET');
  await scenario.record(brand, { '2025-10': 10, '2025-11': 12, '2025-12': 14 }, { metric: 'COUNTRIES' });
  expect(await scenario.observe(brand, '2025-Q4', { metric: 'COUNTRIES' })).toBeNull();
  const share = { metric: 'MARKET_SHARE', within: market };
  await scenario.record(brand, { '2025-10': 10.5, '2025-11': 12, '2025-12': 14 }, share);
  expect(await scenario.observe(brand, '2025-Q4', share)).toBeNull();
  expect(await scenario.observe(brand, '2025-10', share)).toMatchObject(exactly(10.5));
});

test('weeks tile a month where their days do, and bound it where they do not', async () => {
  const brand = await scenario.subject('BRAND');
  // February 2021 begins on a Monday and has four weeks.
  await scenario.record(brand, { '2021-W05': 1, '2021-W06': 2, '2021-W07': 3, '2021-W08': 4 });
  expect(await scenario.observe(brand, '2021-02')).toMatchObject({ ...exactly(10), method: 'DERIVED', missing: [] });
  expect(await scenario.observe(brand, '2021-W06')).toMatchObject(exactly(2));
  // The first week of April begins in March.
  await scenario.record(brand, { '2021-W13': 5, '2021-W14': 6 });
  expect(await scenario.observe(brand, '2021-04')).toMatchObject({
    ...{ value: null, lower: 6, upper: null, qualifier: 'OVER', missing: ['2021-04'] },
  });
});

test('weeks that are only known as at least so many tile a month as well', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2021-W05': over(1), '2021-W06': 2, '2021-W07': 3, '2021-W08': 4 });
  expect(await scenario.observe(brand, '2021-02')).toMatchObject({
    ...{ value: 10, lower: 10, upper: null, qualifier: 'OVER', missing: [] },
  });
});

test('nine months that are stated are no gap of the year', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01/2025-09': over(260), '2025-10': over(40) });
  expect(await scenario.observe(brand, '2025')).toMatchObject({
    ...{ value: null, lower: 300, upper: null, missing: ['2025-11', '2025-12'] },
  });
  const late = await scenario.subject('BRAND');
  await scenario.record(late, { '2025-04/2025-12': over(90) });
  expect(await scenario.observe(late, '2025')).toMatchObject({ value: null, lower: 90, missing: ['2025-Q1'] });
});

function exactly(value: number) {
  return { value, lower: value, upper: value, qualifier: 'EXACT' };
}
