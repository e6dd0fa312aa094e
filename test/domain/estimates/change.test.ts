import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { datesWorkedOut } from '../../support/calendar-work.ts';
import { about, between, openScenario, over, type Scenario } from '../../support/scenario.ts';

interface Growth {
  readonly percent: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly base: number | null;
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

describe('change', () => {
  test('is computed against the period before and the same a year ago', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2024-10': 20_000, '2025-09': 40_000, '2025-10': 50_000 });
    expect(await change(brand, '2025-10')).toEqual({
      previous: { percent: 25, lower: 25, upper: 25, base: 40_000 },
      yearAgo: { percent: 150, lower: 150, upper: 150, base: 20_000 },
    });
  });

  test('has the bounds that its two values allow', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2024': about(200_000), '2025': about(410_000) });
    // 200,000 was rounded from 150,000 to 250,000: at least 405 over 250, at most 415 over 150.
    expect((await change(brand, '2025')).yearAgo).toEqual({
      ...{ percent: 105, lower: 62, upper: expect.closeTo(176.667, 3), base: 200_000 },
    });
  });

  test('is open above where its value is, and below where its base is', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-Q1': 100, '2025-Q2': over(150), '2025-Q3': 300 });
    expect((await change(brand, '2025-Q2')).previous).toEqual({ percent: 50, lower: 50, upper: null, base: 100 });
    expect((await change(brand, '2025-Q3')).previous).toEqual({ percent: 100, lower: null, upper: 100, base: 150 });
  });

  test('has bounds alone where only bounds are known', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-09': 100, '2025-10': between(110, 120) });
    expect((await change(brand, '2025-10')).previous).toEqual({ percent: null, lower: 10, upper: 20, base: 100 });
  });

  test('is null where the base is missing or 0', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-09': 0, '2025-10': 50_000 });
    expect(await change(brand, '2025-10')).toEqual({ previous: null, yearAgo: null });
    await scenario.record(
      brand,
      { '2024-Q4': 1, '2025-11': 1, '2025-12': 1, '2025-07': 1 },
      { acknowledgeOutlier: true },
    );
    // The quarter before has a gap.
    expect(await change(brand, '2025-Q4')).toMatchObject({ previous: null, yearAgo: { base: 1 } });
  });

  test('is computed from sums as well, and of a sum', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-Q1': 200, '2025-04': 100, '2025-05': 100, '2025-06': 100 });
    expect((await change(brand, '2025-Q2')).previous).toMatchObject({ percent: 50, base: 200 });
  });

  test('of a value to date compares with the same day a year ago, and with nothing before', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2024-12-31': 600_000, '../2025-12-31': 900_000 });
    expect(await change(brand, '../2025-12-31')).toMatchObject({
      previous: null,
      yearAgo: { percent: 50, base: 600_000 },
    });
  });

  test('is never the one that a source states', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-Q3': over(100_000) }, { statedChangePercent: 173.4 });
    expect(await change(brand, '2025-Q3')).toEqual({ previous: null, yearAgo: null });
    await scenario.record(brand, { '2024-Q3': 40_000 });
    expect((await change(brand, '2025-Q3')).yearAgo).toMatchObject({ percent: 150, lower: 150 });
  });
});

describe('a series', () => {
  test('has what is known in order, and names what is missing', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-08': 1, '2025-10': 0, '2025-11': 3 });
    expect(await series(brand, {})).toEqual({
      observations: [
        { period: '2025-08', value: 1, lower: 1 },
        { period: '2025-10', value: 0, lower: 0 },
        { period: '2025-11', value: 3, lower: 3 },
      ],
      missing: ['2025-09'],
    });
  });

  test('reaches from one date to another, also where nothing is known', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-08': 1, '2025-10': 2 });
    expect(await series(brand, { from: '2025-07', to: '2025-09-15' })).toEqual({
      observations: [{ period: '2025-08', value: 1, lower: 1 }],
      missing: ['2025-07', '2025-09'],
    });
    expect(await series(brand, { from: '2023', to: '2023-02' })).toEqual({
      observations: [],
      missing: ['2023-01', '2023-02'],
    });
  });

  test('has quarters and years as well, and incomplete ones are missing with what is known of them', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, {
      '2025-01': 1,
      '2025-02': 2,
      '2025-03': 3,
      '2025-04': 4,
      '2025-Q3': 30,
      '2024': 100,
    });
    expect(await series(brand, { granularity: 'QUARTER', from: '2025' })).toEqual({
      observations: [
        { period: '2025-Q1', value: 6, lower: 6 },
        { period: '2025-Q2', value: null, lower: 4 },
        { period: '2025-Q3', value: 30, lower: 30 },
      ],
      missing: ['2025-Q2'],
    });
    expect(await series(brand, { granularity: 'YEAR' })).toEqual({
      observations: [
        { period: '2024', value: 100, lower: 100 },
        { period: '2025', value: null, lower: 40 },
      ],
      missing: ['2025'],
    });
  });

  test('has halves', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2024-01/2024-06': 100, '2024-Q3': 30, '2024-Q4': 40, '2025-Q1': 6 });
    expect(await series(brand, { granularity: 'HALF' })).toEqual({
      observations: [
        { period: '2024-H1', value: 100, lower: 100 },
        { period: '2024-H2', value: 70, lower: 70 },
        { period: '2025-H1', value: null, lower: 6 },
      ],
      missing: ['2025-H1'],
    });
  });

  test('has the year to date of each month, from the first of which anything is known', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, {
      '2024-12': 5,
      '2025-01': 1,
      '2025-02': 2,
      '2025-03': 3,
      '2025-05': 5,
      '2025-H1': 30,
    });
    expect(await series(brand, { granularity: 'YEAR_TO_DATE' })).toEqual({
      observations: [
        { period: '2024', value: null, lower: 5 },
        { period: '2025-01', value: 1, lower: 1 },
        { period: '2025-01/2025-02', value: 3, lower: 3 },
        { period: '2025-Q1', value: 6, lower: 6 },
        { period: '2025-01/2025-04', value: null, lower: 6 },
        { period: '2025-01/2025-05', value: null, lower: 11 },
        { period: '2025-H1', value: 30, lower: 30 },
      ],
      missing: ['2024', '2025-01/2025-04', '2025-01/2025-05'],
    });
  });

  test.each([
    ['MONTH', '13200 periods were asked for'],
    // So many that they cost too much already.
    ['WEEK', 'in cost; at most 10000 are allowed'],
    ['YEAR_TO_DATE', '13200 periods were asked for'],
  ])('of all %s periods there are is refused before one of them is built', async (granularity, reason) => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-01': 1 });
    let refused: unknown;
    const dates = await datesWorkedOut(async () => {
      refused = await series(brand, { granularity, from: '1900', to: '2999' }).catch((error: unknown) => error);
    });
    expect(String(refused)).toContain(reason);
    expect(dates).toBeLessThan(1_000);
  });

  test('of years without a known value works nothing out for them', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-01': 1, '2024': 100 });
    const { missing } = (await series(brand, { granularity: 'YEAR', from: '1900', to: '2999' })) as {
      missing: string[];
    };
    expect(missing).toHaveLength(1_099);
    const dates = await datesWorkedOut(() => series(brand, { granularity: 'YEAR', from: '1900', to: '2999' }));
    // The tiles of each year would be 18 more, with several dates each.
    expect(dates).toBeLessThan(1_100 * 18);
  });

  test('of weeks uses only what is stated for weeks', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-W50': 1, '2025-W52': 3, '2026-W01': 4 });
    expect(await series(brand, { granularity: 'WEEK' })).toEqual({
      observations: [
        { period: '2025-W50', value: 1, lower: 1 },
        { period: '2025-W52', value: 3, lower: 3 },
        { period: '2026-W01', value: 4, lower: 4 },
      ],
      missing: ['2025-W51'],
    });
  });

  test('without any known value is empty', async () => {
    expect(await series(await scenario.subject('BRAND'), {})).toEqual({ observations: [], missing: [] });
  });
});

test('a value to date is that of the given day, or the newest without a day', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-10-31': 1_000, '2025-11': 100, '2025-12': 100 });
  expect(await scenario.toDate(brand, '2025-10-31')).toMatchObject({ period: '../2025-10-31', value: 1_000 });
  expect(await scenario.toDate(brand, '2025-11-30')).toMatchObject({ period: '../2025-11-30', value: 1_100 });
  expect(await scenario.toDate(brand)).toMatchObject({ period: '../2025-12-31', value: 1_200 });
});

async function change(subject: string, period: string): Promise<{ previous: Growth | null; yearAgo: Growth | null }> {
  const { observation } = await scenario.api.ask<{ observation: { previous: Growth | null; yearAgo: Growth | null } }>(
    `query($subject: String!, $period: Period!) { observation(subject: $subject, period: $period) {
      previous: change(over: PREVIOUS) { percent lower upper base }
      yearAgo: change(over: YEAR_AGO) { percent lower upper base }
    } }`,
    { subject, period },
  );
  return observation;
}

async function series(slug: string, args: Readonly<Record<string, string>>): Promise<unknown> {
  const { subject } = await scenario.api.ask<{ subject: { series: unknown } }>(
    `query($slug: String!, $granularity: Granularity!, $from: PartialDate, $to: PartialDate) {
      subject(slug: $slug) { series(granularity: $granularity, from: $from, to: $to) { observations { period value lower } missing } }
    }`,
    { slug, granularity: 'MONTH', ...args },
  );
  return subject.series;
}
