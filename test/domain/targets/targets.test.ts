import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { about, between, openScenario, over, type Scenario, type Stated } from '../../support/scenario.ts';

/** 120,000 in a year is 10,000 a month. */
const TARGET = 120_000;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

describe('when the year is over', () => {
  test('a target is met when the value is certainly as much, and missed when it is certainly less', async () => {
    expect(await progress({ '2025': 410_000 }, { value: 300_000 })).toMatchObject({
      ...{ verdict: 'MET', achieved: 410_000, ratio: expect.closeTo(1.367, 3), remaining: 0, dataUntil: '2025-12-31' },
      ...{ requiredPerMonth: null, requiredPerDay: null, projectedOn: null },
    });
    expect(await progress({ '2025': TARGET })).toMatchObject({ verdict: 'MET', ratio: 1 });
    expect(await progress({ '2025': TARGET - 1 })).toMatchObject({ verdict: 'MISSED', remaining: 1 });
  });

  test('bounds that straddle the target leave it undetermined', async () => {
    expect(await progress({ '2025': about(410_000) }, { value: 410_000 })).toMatchObject({
      ...{ verdict: 'UNDETERMINED', achieved: 410_000, lower: 405_000, upper: 415_000 },
    });
    expect(await progress({ '2025': over(300_000) }, { value: 350_000 })).toMatchObject({ verdict: 'UNDETERMINED' });
    expect(await progress({ '2025': between(300_000, 400_000) }, { value: 350_000 })).toMatchObject({
      ...{ verdict: 'UNDETERMINED', achieved: 300_000 },
    });
    expect(await progress({ '2025': about(410_000) }, { value: 405_000 })).toMatchObject({ verdict: 'MET' });
    expect(await progress({ '2025': about(410_000) }, { value: 415_001 })).toMatchObject({ verdict: 'MISSED' });
  });
});

describe('while it runs', () => {
  beforeAll(() => vi.useFakeTimers({ toFake: ['Date'], now: new Date('2025-12-15T00:00:00Z') }));
  afterAll(() => vi.useRealTimers());

  test('a target is met as soon as it is certainly reached', async () => {
    expect(
      await progress({ '2025-01/2025-09': over(260_000), '2025-10': over(40_000) }, { value: 300_000 }),
    ).toMatchObject({ verdict: 'MET', achieved: 300_000, remaining: 0, dataUntil: '2025-10-31', projectedOn: null });
  });

  test.each([
    ['AHEAD', 10_500, 1.05],
    ['ON_TRACK', 10_499, 1.0499],
    ['ON_TRACK', 10_000, 1],
    ['ON_TRACK', 9_500, 0.95],
    ['BEHIND', 9_499, 0.9499],
  ])('it is %s at %d a month where 10,000 are needed', async (verdict, monthly, paceIndex) => {
    expect(await progress(monthsOf(monthly, 6))).toMatchObject({ verdict, paceIndex: expect.closeTo(paceIndex, 10) });
  });

  test('what is left is spread over the months and days after the last report', async () => {
    expect(await progress(monthsOf(8_000, 9))).toEqual({
      ...{
        metric: 'DELIVERIES',
        achieved: 72_000,
        lower: 72_000,
        upper: 72_000,
        ratio: 0.6,
        remaining: 48_000,
        dataUntil: '2025-09-30',
      },
      ...{ requiredPerMonth: 16_000, requiredPerDay: 48_000 / 92, paceIndex: expect.closeTo(0.8, 10) },
      // 24,000 in the 92 days of July to September are 184 days for 48,000: not in this year.
      ...{ verdict: 'BEHIND', projectedOn: null },
    });
  });

  test('the projection is from the last three reported months', async () => {
    const months = { ...monthsOf(5_000, 6), '2025-07': 10_000, '2025-08': 10_000, '2025-09': 10_600 };
    // 25,400 left at 30,600 in 92 days: 76.4 days after September 30. With 59,400 left it would be in 2026.
    expect(await progress(months, { value: 86_000 })).toMatchObject({ remaining: 25_400, projectedOn: '2025-12-16' });
    expect(await progress(months)).toMatchObject({ remaining: 59_400, projectedOn: null });
    expect(await progress({ '2025-Q1': 30_000, '2025-04': 10_000, '2025-05': 10_000 })).toMatchObject({
      ...{ achieved: 50_000, projectedOn: null },
    });
    expect(await progress(monthsOf(0, 3))).toMatchObject({ achieved: 0, projectedOn: null, verdict: 'BEHIND' });
  });

  test('a growth target is measured by its pace', async () => {
    const growth = { value: undefined, growthMinPercent: 40 };
    expect(await progress({ '2024': 100_000, '2025-Q1': 35_000 }, growth)).toMatchObject({ verdict: 'ON_TRACK' });
  });

  test('only values without a gap from the first day on count', async () => {
    expect(await progress({ ...monthsOf(10_000, 3), '2025-05': 10_000 })).toMatchObject({
      ...{ achieved: 30_000, dataUntil: '2025-03-31', requiredPerMonth: 10_000 },
    });
    expect(await progress({ '2025-05': 10_000 })).toMatchObject({ verdict: 'NO_DATA', achieved: null });
  });

  test('a gap does not keep what is certain from deciding', async () => {
    expect(await progress({ '2025-01': 50_000, '2025-03': 70_000 })).toMatchObject({
      ...{ verdict: 'MET', achieved: 120_000, upper: null, remaining: 0, dataUntil: '2025-03-31' },
    });
    expect(await progress({ '2025-01': 50_000, '2025-03': 69_999 })).toMatchObject({
      ...{ verdict: 'AHEAD', achieved: 50_000, dataUntil: '2025-01-31' },
    });
  });
});

test('once the year is over, months that are missing leave it open', async () => {
  expect(await progress(monthsOf(9_000, 6))).toMatchObject({
    ...{ verdict: 'UNDETERMINED', achieved: 54_000, dataUntil: '2025-06-30' },
    ...{ requiredPerMonth: null, requiredPerDay: null, projectedOn: null },
  });
});

test('as known while the year ran, it is measured by its pace', async () => {
  const brand = await scenario.subject('BRAND');
  const sourceId = await scenario.source(1, '2025-07-01');
  await scenario.record(brand, monthsOf(9_000, 6), { sourceId });
  const id = await scenario.aim(brand, { period: '2025', value: TARGET, sourceId });
  expect(await scenario.progress(id, '2025-12-31T15:59:59Z')).toMatchObject({ verdict: 'BEHIND' });
  expect(await scenario.progress(id, '2025-12-31T16:00:00Z')).toMatchObject({ verdict: 'UNDETERMINED' });
});

test('a target without data has its required pace: 45,833.3 a month for 550,000', async () => {
  expect(await progress({}, { value: 550_000, period: '2026' })).toEqual({
    ...{
      metric: 'DELIVERIES',
      achieved: null,
      lower: null,
      upper: null,
      ratio: null,
      remaining: 550_000,
      dataUntil: null,
    },
    ...{ requiredPerMonth: expect.closeTo(45_833.3, 1), requiredPerDay: expect.closeTo(1_506.8, 1) },
    ...{ paceIndex: null, verdict: 'NO_DATA', projectedOn: null },
  });
});

test('a target that was moved keeps its chain: 300,000, 350,000, 400,000', async () => {
  const brand = await scenario.subject('BRAND');
  const first = await scenario.aim(brand, { period: '2025', value: 300_000, setOn: '2025-01' });
  const second = await scenario.aim(brand, { period: '2025', value: 350_000, setOn: '2025-05', revises: first });
  await scenario.aim(brand, { period: '2025', value: 400_000, setOn: '2025-11', revises: second });
  const { targets } = await scenario.api.ask<{ targets: unknown }>(
    'query($s: String!) { targets(subjects: [$s]) { nodes { value revises { value revises { value revises { id } } } } } }',
    { s: brand },
  );
  expect(targets).toEqual({
    nodes: [
      { value: 400_000, revises: { value: 350_000, revises: { value: 300_000, revises: null } } },
      { value: 350_000, revises: { value: 300_000, revises: null } },
      { value: 300_000, revises: null },
    ],
  });
  await scenario.record(brand, { '2025': about(410_000) });
  expect(await scenario.progress(first)).toMatchObject({ verdict: 'MET' });
  await expect(scenario.aim(brand, { period: '2025', value: 390_000, revises: first })).rejects.toMatchObject({
    userErrors: [{ code: 'STALE_REVISION' }],
  });
  expect(await scenario.aim(brand, { period: '2025', value: 350_000, setOn: '2025-05', revises: first })).toBe(second);
});

test('a range is met from its lower end, and missed only below it', async () => {
  const range = { value: undefined, lower: 500_000, upper: 600_000 };
  const met = { verdict: 'MET', remaining: 0, ratio: 1 };
  expect(await progress({ '2025': 500_000 }, range)).toMatchObject(met);
  expect(await progress({ '2025': 650_000 }, range)).toMatchObject({ ...met, ratio: 1.3 });
  expect(await progress({ '2025': 499_999 }, range)).toMatchObject({ verdict: 'MISSED', remaining: 1 });
  expect(await progress({ '2025': about(500_000) }, range)).toMatchObject({ verdict: 'UNDETERMINED' });
  expect(await progress({ '2025': 500_000 }, { ...range, upper: undefined })).toMatchObject(met);
});

describe('what is counted', () => {
  const counted = (metric: string, wanted: string, data: readonly string[]) => async () => {
    const brand = await scenario.subject('BRAND');
    for (const [index, of] of data.entries())
      await scenario.record(brand, { '2025-01': 10_000 + index }, { metric: of });
    const id = await scenario.aim(brand, { period: '2025', value: TARGET, metric });
    const achieved = data.includes(wanted) ? 10_000 + data.indexOf(wanted) : null;
    expect(await scenario.progress(id)).toMatchObject({ metric: wanted, achieved });
  };
  test.each([
    ['SALES', 'SALES', ['DELIVERIES', 'SALES']],
    ['SALES', 'DELIVERIES', ['RETAIL', 'WHOLESALE', 'DELIVERIES']],
    ['DELIVERIES', 'WHOLESALE', ['RETAIL', 'WHOLESALE']],
    ['PRODUCTION', 'RETAIL', ['EXPORTS', 'RETAIL']],
    ['RETAIL', 'RETAIL', []],
    // Those are not all vehicles, so the others say nothing about them.
    ['EXPORTS', 'EXPORTS', ['DELIVERIES']],
    ['REVENUE', 'REVENUE', ['DELIVERIES']],
  ])('of a target in %s it is %s where %j are known', (metric, wanted, data) => counted(metric, wanted, data)());
});

test('a growth without a year is about the year after the one in which it was set', async () => {
  const growth = { value: undefined, period: undefined, growthMinPercent: 40 };
  const values = { '2024': 100_000, '2025': 150_000, '2026-01': 12_000 };
  expect(await progress(values, { ...growth, setOn: '2024-12-24' })).toMatchObject({ verdict: 'MET', remaining: 0 });
  const sourceId = await scenario.source(1, '2025-03-01');
  expect(await progress(values, { ...growth, sourceId })).toMatchObject({
    remaining: 198_000,
    dataUntil: '2026-01-31',
  });
});

test('a growth target is measured against the year before', async () => {
  const growth = { value: undefined, growthMinPercent: 40, growthMaxPercent: 50 };
  expect(await progress({ '2024': 100_000, '2025': 139_999 }, growth)).toMatchObject({
    verdict: 'MISSED',
    remaining: 1,
  });
  expect(await progress({ '2024': 100_000, '2025': 140_000 }, growth)).toMatchObject({ verdict: 'MET', ratio: 1 });
  // The base is 95,000 to 105,000, so 40 percent more is 133,000 to 147,000.
  expect(await progress({ '2024': about(100_000), '2025': 140_000 }, growth)).toMatchObject({
    verdict: 'UNDETERMINED',
  });
  expect(await progress({ '2025': 140_000 }, growth)).toMatchObject({
    verdict: 'NO_DATA',
    achieved: 140_000,
    ratio: null,
  });
});

test('money is added up as vehicles are: 28,300,000,000 CNY', async () => {
  const revenue = { metric: 'REVENUE' };
  const quarter = { '2025-07': 9_000_000_000, '2025-08': 9_100_000_000.5, '2025-09': 10_199_999_999.5 };
  expect(await progress(quarter, { ...revenue, period: '2025-Q3', value: 28_300_000_000 }, revenue)).toMatchObject({
    ...{ verdict: 'MET', achieved: 28_300_000_000, ratio: 1 },
  });
  expect(
    await progress({ '2025-Q3': 28_300_000_000 }, { ...revenue, period: '2025-Q3', value: 28_300_000_001 }, revenue),
  ).toMatchObject({ verdict: 'MISSED', remaining: 1 });
});

test('a target with a deadline is measured by the newest state', async () => {
  const stations = { metric: 'SWAP_STATIONS' };
  const target = { ...stations, period: undefined, deadline: '2030-12-31', value: 10_000 };
  expect(await progress({ '../2025-12-31': 3_600, '../2026-01-19': 3_729 }, target, stations)).toMatchObject({
    ...{ achieved: 3_729, ratio: 0.3729, remaining: 6_271, dataUntil: '2026-01-19' },
  });
  expect(await progress({ '../2026-01-19': over(10_000) }, target, stations)).toMatchObject({ verdict: 'MET' });
});

async function progress(values: Readonly<Record<string, number | Stated>>, target = {}, figures = {}) {
  const brand = await scenario.subject('BRAND');
  if (Object.keys(values).length > 0) await scenario.record(brand, values, figures);
  return scenario.progress(await scenario.aim(brand, { period: '2025', value: TARGET, ...target }));
}

/** The same value in each of the first months of 2025. */
function monthsOf(value: number, count: number): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`2025-${String(index + 1).padStart(2, '0')}`, value]),
  );
}
