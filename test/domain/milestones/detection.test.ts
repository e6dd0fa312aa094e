import { afterAll, beforeAll, expect, test } from 'vitest';
import { about, openScenario, over, type Reached, type Scenario } from '../../support/scenario.ts';

const MILLION = 1_000_000;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a value to date passes 10,000, 50,000, 100,000, 500,000 and each million to ten below it', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 9_999 });
  expect(await scenario.milestones(brand)).toEqual([]);
  const { milestones } = await scenario.record(brand, { '../2026-01-31': 3_000_000 }, { acknowledgeOutlier: true });
  const thresholds = [10_000, 50_000, 100_000, 500_000, 1_000_000, 2_000_000, 3_000_000];
  expect(milestones.map(({ threshold }) => threshold)).toEqual(thresholds);
  expect(
    (await scenario.milestones(brand)).map(({ threshold }) => threshold).sort((a, b) => Number(a) - Number(b)),
  ).toEqual(thresholds);
});

test('after ten million only each ten million is a milestone, and any number that was announced', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.announce(brand, {
    threshold: 14 * MILLION,
    metric: 'DELIVERIES',
    title: 'Fourteen million',
    reachedOn: '2025',
  });
  const { milestones } = await scenario.record(brand, { '../2025-12-31': 31_999_999 });
  expect(milestones.map(({ threshold, status }) => [Number(threshold) / MILLION, status]).slice(4)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((count) => [count, 'DETECTED']),
    [14, 'CONFIRMED'],
    ...[20, 30].map((count) => [count, 'DETECTED']),
  ]);
});

test('a milestone is in the payload of the write that detects it, and of no other', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 997_592 });
  const { milestones } = await scenario.record(brand, { '2026-01': 27_182 });
  expect(milestones).toMatchObject([
    { threshold: MILLION, metric: 'DELIVERIES', status: 'DETECTED', reachedOn: '2026-01' },
  ]);
  expect(await scenario.record(brand, { '2026-02': 20_797 })).toMatchObject({ milestones: [] });
  expect(await scenario.record(brand, { '2026-01': 27_182 })).toMatchObject({ deduplicated: 1, milestones: [] });
});

test('the window is from the day after the last value below to the first not below', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-12-31': 997_592, '2026-01': 27_182 });
  expect(await million(brand)).toMatchObject({ reachedOn: '2026-01', window: ['2026-01-01', '2026-01-31'] });
  // A day in between narrows it, and changes no status.
  expect(await scenario.record(brand, { '../2026-01-06': 999_999 })).toMatchObject({ milestones: [] });
  expect(await million(brand)).toMatchObject({ reachedOn: '2026-01', window: ['2026-01-07', '2026-01-31'] });
  await scenario.record(brand, { '../2026-01-07': 1_000_000 });
  expect(await million(brand)).toMatchObject({ reachedOn: '2026-01-07', window: ['2026-01-07', '2026-01-07'] });
});

test('a window over several months is known to the quarter or the year, one over New Year to no date', async () => {
  const inside = await scenario.subject('BRAND');
  await scenario.record(inside, { '../2025-06-30': 990_000, '../2025-09-30': 1_010_000 });
  expect(await million(inside)).toMatchObject({ reachedOn: '2025-Q3', window: ['2025-07-01', '2025-09-30'] });
  const longer = await scenario.subject('BRAND');
  await scenario.record(longer, { '../2025-05-31': 990_000, '../2025-09-30': 1_010_000 });
  expect(await million(longer)).toMatchObject({ reachedOn: '2025', window: ['2025-06-01', '2025-09-30'] });
  const over = await scenario.subject('BRAND');
  await scenario.record(over, { '../2025-11-30': 990_000, '../2026-02-28': 1_010_000 });
  expect(await million(over)).toMatchObject({ reachedOn: null, window: ['2025-12-01', '2026-02-28'] });
});

test('without a value below, deliveries begin with the first one, and other metrics have no beginning', async () => {
  const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2024-04' });
  await scenario.record(brand, { '../2025-12-31': 1_000_100 });
  expect(await million(brand)).toMatchObject({ reachedOn: null, window: ['2024-04-01', '2025-12-31'] });
  const { milestones } = await scenario.record(brand, { '../2025-12-31': 1_000_200 }, { metric: 'PRODUCTION' });
  expect(milestones.at(-1)).toMatchObject({ threshold: MILLION, window: null, reachedOn: null, status: 'DETECTED' });
});

test('a million is detected from a lower bound, never from a rounded value alone', async () => {
  const rounded = await scenario.subject('BRAND');
  await scenario.record(rounded, { '../2025-12-31': about(MILLION) });
  expect(await million(rounded)).toBeUndefined();
  const certain = await scenario.subject('BRAND');
  await scenario.record(certain, { '../2025-12-31': over(MILLION) });
  expect(await million(certain)).toMatchObject({ status: 'DETECTED' });
});

test('delivering a million is not producing a million', async () => {
  const company = await scenario.subject('COMPANY');
  await scenario.announce(company, { metric: 'PRODUCTION', title: 'The millionth vehicle', reachedOn: '2026-01-06' });
  const { milestones } = await scenario.record(company, { '../2025-12-31': 997_592 });
  expect(milestones.map(({ threshold }) => threshold)).toEqual([10_000, 50_000, 100_000, 500_000]);
  expect((await scenario.milestones(company)).filter(({ threshold }) => threshold === MILLION)).toMatchObject([
    { metric: 'PRODUCTION', status: 'ANNOUNCED', reachedOn: '2026-01-06' },
  ]);
  await scenario.record(company, { '../2026-01-31': 1_024_774 });
  expect((await scenario.milestones(company)).filter(({ threshold }) => threshold === MILLION)).toMatchObject([
    { metric: 'DELIVERIES', status: 'DETECTED' },
    { metric: 'PRODUCTION', status: 'ANNOUNCED' },
  ]);
});

test('only vehicles are counted towards milestones', async () => {
  const company = await scenario.subject('COMPANY');
  const market = await scenario.subject('MARKET');
  await scenario.record(company, { '../2026-01-19': over(96_000_000) }, { metric: 'BATTERY_SWAPS' });
  await scenario.record(company, { '../2026-01-19': 65_000_000_000 }, { metric: 'RND_SPEND' });
  await scenario.record(company, { '../2026-01-19': 600_000 }, { metric: 'SALES', within: market });
  expect(await scenario.milestones(company)).toEqual([]);
});

test('months without a beginning give the least to date, and milestones of which no first day is known', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-11': 600_000, '2025-12': 600_000, '2025': 6_000_000 });
  expect(await scenario.toDate(brand)).toMatchObject({ period: '../2025-12-31', value: null, lower: 6_000_000 });
  const rows = await scenario.api.db.milestone.findMany({
    where: { subject: { slug: brand } },
    orderBy: { threshold: 'asc' },
  });
  // The year leaves 4,800,000 for its first ten months.
  expect(rows.map(({ threshold, windowUntil }) => [threshold, windowUntil?.toISOString().slice(0, 10)])).toEqual([
    ...[10_000, 50_000, 100_000, 500_000].map((threshold) => [threshold, '2025-10-31']),
    ...[1, 2, 3, 4].map((count) => [count * MILLION, '2025-10-31']),
    [5 * MILLION, '2025-11-30'],
    [6 * MILLION, '2025-12-31'],
  ]);
  for (const row of rows) expect(row).toMatchObject({ status: 'DETECTED', windowFrom: null, reachedOn: null });
});

test('the brands of a company cross a million for the company', async () => {
  const company = await scenario.subject('COMPANY');
  const [one, other] = [
    await scenario.subject('BRAND', { parent: company }),
    await scenario.subject('BRAND', { parent: company }),
  ];
  await scenario.record(one, { '../2025-12-31': 600_000 });
  const { milestones } = await scenario.record(other, { '../2025-12-31': 400_000 });
  expect(milestones.filter(({ threshold }) => threshold === MILLION)).toHaveLength(1);
  expect(await million(company)).toMatchObject({ status: 'DETECTED' });
  expect(await million(one)).toBeUndefined();
});

test('an alliance passes what its members passed since they joined, and what they counted before does not count', async () => {
  const [alliance, founder, joiner] = [
    await scenario.subject('ALLIANCE'),
    await scenario.subject('BRAND'),
    await scenario.subject('BRAND'),
  ];
  await scenario.join(alliance, joiner, '2025-11-15');
  await scenario.record(joiner, { '../2025-12-31': 1_000_000 });
  expect(await scenario.milestones(alliance)).toEqual([]);
  await scenario.record(joiner, { '2025-11': 30_000, '2025-12': 40_000 });
  expect((await scenario.milestones(alliance)).map(({ threshold }) => threshold).sort()).toEqual([10_000, 50_000]);
  await scenario.join(alliance, founder);
  await scenario.record(founder, { '../2025-10-31': 930_000 });
  expect(await million(alliance)).toMatchObject({ status: 'DETECTED' });
  expect(await million(founder)).toBeUndefined();
});

test('a company that is its only brand under another name passes nothing, until something is known of itself', async () => {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company });
  await scenario.record(brand, { '../2025-12-31': 1_000_000 });
  expect(await million(brand)).toMatchObject({ status: 'DETECTED' });
  expect(await scenario.milestones(company)).toEqual([]);
  await scenario.record(company, { '2025-12': 40_000 });
  expect(await million(company)).toMatchObject({ status: 'DETECTED' });
});

test('a late month that fills a gap completes the value to date and detects the milestone, with its window', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-08-31': 950_000, '2025-10': 20_000, '2025-11': 20_000 });
  expect(await scenario.toDate(brand)).toMatchObject({
    ...{ period: '../2025-11-30', value: null, lower: 990_000, qualifier: 'OVER', missing: ['2025-09'] },
  });
  expect(await million(brand)).toBeUndefined();
  const { milestones } = await scenario.record(brand, { '2025-09': 15_000 });
  expect(await scenario.toDate(brand)).toMatchObject({ period: '../2025-11-30', value: 1_005_000, method: 'DERIVED' });
  expect(milestones).toMatchObject([
    { threshold: MILLION, status: 'DETECTED', reachedOn: '2025-11', window: ['2025-11-01', '2025-11-30'] },
  ]);
});

test('a million in a value that is set aside for a later one below it is not detected, and the better source decides which is', async () => {
  const press = { sourceId: await scenario.source(3), acknowledgeOutlier: true };
  const below = await scenario.subject('BRAND');
  await scenario.record(below, { '../2025-12-31': 1_000_100 }, press);
  expect(await million(below)).toMatchObject({ status: 'DETECTED' });
  await scenario.record(below, { '../2026-01-31': 999_000 }, { acknowledgeOutlier: true });
  expect(await million(below)).toBeUndefined();
  await scenario.record(below, { '../2026-02-28': 1_020_000 });
  expect(await million(below)).toMatchObject({ status: 'DETECTED', window: ['2026-02-01', '2026-02-28'] });

  const above = await scenario.subject('BRAND');
  await scenario.record(above, { '../2025-12-31': 1_000_100 });
  await scenario.record(above, { '../2026-01-31': 999_000 }, press);
  expect(await million(above)).toMatchObject({ status: 'DETECTED' });
  const found = await scenario.api.db.contradiction.findMany({ where: { resolvedAt: null }, orderBy: { id: 'asc' } });
  expect(found.map(({ kind, gap, periods }) => [kind, gap, periods])).toEqual(
    Array(2).fill(['TO_DATE', 1_100, ['../2025-12-31', '../2026-01-31']]),
  );
});

async function million(subject: string): Promise<Reached | undefined> {
  return (await scenario.milestones(subject)).find(
    ({ threshold, metric }) => threshold === MILLION && metric === 'DELIVERIES',
  );
}
