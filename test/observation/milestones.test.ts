import { afterAll, beforeAll, expect, test } from 'vitest';
import { about, openWorld, over, type Reached, type World } from '../support/world.ts';

const MILLION = 1_000_000;

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('a value to date is past 10,000, 50,000, 100,000, 500,000 and each million below it', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 9_999 });
  expect(await world.milestones(brand)).toEqual([]);
  const { milestones } = await world.record(brand, { '../2026-01-31': 3_000_000 });
  const thresholds = [10_000, 50_000, 100_000, 500_000, 1_000_000, 2_000_000, 3_000_000];
  expect(milestones.map(({ threshold }) => threshold)).toEqual(thresholds);
  expect(
    (await world.milestones(brand)).map(({ threshold }) => threshold).sort((a, b) => Number(a) - Number(b)),
  ).toEqual(thresholds);
});

test('a milestone is in the payload of the write that detects it, and of no other', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 997_592 });
  const { milestones } = await world.record(brand, { '2026-01': 27_182 });
  expect(milestones).toMatchObject([
    { threshold: MILLION, metric: 'DELIVERIES', status: 'DETECTED', reachedOn: '2026-01' },
  ]);
  expect(await world.record(brand, { '2026-02': 20_797 })).toMatchObject({ milestones: [] });
  expect(await world.record(brand, { '2026-01': 27_182 })).toMatchObject({ deduplicated: 1, milestones: [] });
});

test('the window is from the day after the last value below to the first not below', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 997_592, '2026-01': 27_182 });
  expect(await million(brand)).toMatchObject({ reachedOn: '2026-01', window: ['2026-01-01', '2026-01-31'] });
  // A day in between narrows it, and changes no status.
  expect(await world.record(brand, { '../2026-01-06': 999_999 })).toMatchObject({ milestones: [] });
  expect(await million(brand)).toMatchObject({ reachedOn: '2026-01', window: ['2026-01-07', '2026-01-31'] });
  await world.record(brand, { '../2026-01-07': 1_000_000 });
  expect(await million(brand)).toMatchObject({ reachedOn: '2026-01-07', window: ['2026-01-07', '2026-01-07'] });
});

test('a window over several months is known to the year, one over New Year to no date', async () => {
  const inside = await world.subject('BRAND');
  await world.record(inside, { '../2025-06-30': 990_000, '../2025-09-30': 1_010_000 });
  expect(await million(inside)).toMatchObject({ reachedOn: '2025', window: ['2025-07-01', '2025-09-30'] });
  const over = await world.subject('BRAND');
  await world.record(over, { '../2025-11-30': 990_000, '../2026-02-28': 1_010_000 });
  expect(await million(over)).toMatchObject({ reachedOn: null, window: ['2025-12-01', '2026-02-28'] });
});

test('without a value below, deliveries are counted from the first one on, and nothing else has a beginning', async () => {
  const brand = await world.subject('BRAND', { firstDeliveryOn: '2024-04' });
  await world.record(brand, { '../2025-12-31': 1_000_100 });
  expect(await million(brand)).toMatchObject({ reachedOn: null, window: ['2024-04-01', '2025-12-31'] });
  const { milestones } = await world.record(brand, { '../2025-12-31': 1_000_200 }, { metric: 'PRODUCTION' });
  expect(milestones.at(-1)).toMatchObject({ threshold: MILLION, window: null, reachedOn: null, status: 'DETECTED' });
});

test('a million is detected from a lower bound, never from a rounded value alone', async () => {
  const rounded = await world.subject('BRAND');
  await world.record(rounded, { '../2025-12-31': about(MILLION) });
  expect(await million(rounded)).toBeUndefined();
  const certain = await world.subject('BRAND');
  await world.record(certain, { '../2025-12-31': over(MILLION) });
  expect(await million(certain)).toMatchObject({ status: 'DETECTED' });
});

test('delivering a million is not producing a million', async () => {
  const company = await world.subject('COMPANY');
  await world.announce(company, { metric: 'PRODUCTION', title: 'The millionth vehicle', reachedOn: '2026-01-06' });
  const { milestones } = await world.record(company, { '../2025-12-31': 997_592 });
  expect(milestones.map(({ threshold }) => threshold)).toEqual([10_000, 50_000, 100_000, 500_000]);
  expect((await world.milestones(company)).filter(({ threshold }) => threshold === MILLION)).toMatchObject([
    { metric: 'PRODUCTION', status: 'ANNOUNCED', reachedOn: '2026-01-06' },
  ]);
  await world.record(company, { '../2026-01-31': 1_024_774 });
  expect((await world.milestones(company)).filter(({ threshold }) => threshold === MILLION)).toMatchObject([
    { metric: 'DELIVERIES', status: 'DETECTED' },
    { metric: 'PRODUCTION', status: 'ANNOUNCED' },
  ]);
});

test('only vehicles are counted towards milestones', async () => {
  const company = await world.subject('COMPANY');
  const market = await world.subject('MARKET');
  await world.record(company, { '../2026-01-19': over(96_000_000) }, { metric: 'BATTERY_SWAPS' });
  await world.record(company, { '../2026-01-19': 65_000_000_000 }, { metric: 'RND_SPEND' });
  await world.record(company, { '../2026-01-19': 600_000 }, { metric: 'SALES', within: market });
  expect(await world.milestones(company)).toEqual([]);
});

test('months without a beginning are no value to date, and mean no milestone', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '2025-11': 600_000, '2025-12': 600_000, '2025': 6_000_000 });
  expect(await world.milestones(brand)).toEqual([]);
});

test('the brands of a company cross a million for it', async () => {
  const company = await world.subject('COMPANY');
  const [one, other] = [
    await world.subject('BRAND', { parent: company }),
    await world.subject('BRAND', { parent: company }),
  ];
  await world.record(one, { '../2025-12-31': 600_000 });
  const { milestones } = await world.record(other, { '../2025-12-31': 400_000 });
  expect(milestones.filter(({ threshold }) => threshold === MILLION)).toHaveLength(1);
  expect(await million(company)).toMatchObject({ status: 'DETECTED' });
  expect(await million(one)).toBeUndefined();
});

test('the members of an alliance keep their milestones to themselves', async () => {
  const alliance = await world.subject('ALLIANCE');
  const brand = await world.subject('BRAND');
  await world.join(alliance, brand);
  await world.record(brand, { '../2025-12-31': 1_000_000 });
  expect(await world.milestones(alliance)).toEqual([]);
});

test('a late month that fills a gap makes the value to date and detects the milestone, with its window', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-08-31': 960_000, '2025-10': 20_000, '2025-11': 20_000 });
  expect(await world.toDate(brand)).toMatchObject({ period: '../2025-08-31', value: 960_000 });
  expect(await world.toDate(brand, '2025-11-30')).toMatchObject({ value: null, missing: ['2025-09'] });
  const { milestones } = await world.record(brand, { '2025-09': 15_000 });
  expect(await world.toDate(brand)).toMatchObject({ period: '../2025-11-30', value: 1_015_000, method: 'DERIVED' });
  expect(milestones).toMatchObject([
    { threshold: MILLION, status: 'DETECTED', reachedOn: '2025-11', window: ['2025-11-01', '2025-11-30'] },
  ]);
});

test('a later value that is certainly below contradicts an earlier one, and nothing is detected', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { '../2025-12-31': 1_000_100, '../2026-01-31': 999_000 });
  expect(await million(brand)).toBeUndefined();
  await world.record(brand, { '../2026-02-28': 1_020_000 });
  expect(await million(brand)).toMatchObject({ window: ['2026-02-01', '2026-02-28'] });
});

async function million(subject: string): Promise<Reached | undefined> {
  return (await world.milestones(subject)).find(
    ({ threshold, metric }) => threshold === MILLION && metric === 'DELIVERIES',
  );
}
