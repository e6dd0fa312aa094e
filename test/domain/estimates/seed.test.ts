import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addDays } from '../../../src/domain/values/calendar.ts';
import { periodsBetween } from '../../../src/domain/values/period.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

interface Judged {
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: string | null;
  readonly method: string;
  readonly decidedBy: string | null;
  readonly explanation: string;
  readonly agreement: string;
  readonly missing: readonly string[];
  readonly contradictions: readonly {
    readonly kind: string;
    readonly gap: number;
    readonly periods: readonly string[];
  }[];
}

async function judge(subject: string, period: string, metric = 'DELIVERIES'): Promise<Judged | null> {
  const { observation } = await scenario.api.ask<{ observation: Judged | null }>(
    `query ($subject: String!, $period: Period!, $metric: Metric!) {
      observation(subject: $subject, period: $period, metric: $metric) {
        value lower upper qualifier method decidedBy explanation agreement missing
        contradictions { kind gap periods }
      }
    }`,
    { subject, period, metric },
  );
  return observation;
}

/** The last days of the months from one to another. */
function monthEnds(from: string, to: string): readonly string[] {
  return periodsBetween('MONTH', `${from}-01`, `${to}-28`).map(({ end }) => end);
}

function monthAfter(day: string): string {
  return addDays(day, 1).slice(0, 7);
}

describe('what other periods and parts say decides', () => {
  test.each([
    ['firefly', '2025-04', 231],
    // What an independent origin counts as wholesale bears it out.
    ['onvo', '2025-10', 17_342],
    ['nio-inc', '2022-08', 10_677],
    ['nio-inc', '2024-03', 11_866],
  ])('%s in %s is %i', async (subject, period, value) => {
    expect(await judge(subject, period)).toMatchObject({
      ...{ value, lower: value, upper: value, method: 'ASSERTED', decidedBy: 'SUMS', agreement: 'CONFLICTS' },
      contradictions: [{ kind: 'SAME_PERIOD', periods: [period] }],
    });
  });

  test('four origins against one decide about Leapmotor in January 2026', async () => {
    expect(await judge('leapmotor', '2026-01')).toMatchObject({ value: 32_059, decidedBy: 'ORIGINS' });
  });

  test('HIMA in June 2025 is 52,747', async () => {
    expect(await judge('hima', '2025-06')).toMatchObject({ value: 52_747 });
  });

  test.each([
    ['zeekr', '2026-01'],
    ['hima', '2025-07'],
  ])('no evidence decides about %s in %s, and the explanation says so', async (subject, period) => {
    const judged = await judge(subject, period);
    expect(['CLOSENESS', 'NONE']).toContain(judged?.decidedBy);
    expect(judged?.explanation).toMatch(/^No evidence decides/);
  });
});

describe('the lifetime total of NIO', () => {
  test('to January 2026 is 1,024,774, which one source rounds', async () => {
    expect(await judge('nio-inc', '../2026-01-31')).toMatchObject({
      ...{ value: 1_024_774, lower: 1_024_774, upper: 1_024_774, method: 'DERIVED', decidedBy: 'SUMS' },
      ...{ agreement: 'SOLE', contradictions: [] },
    });
  });

  test('and every later one follows from it and the months since', async () => {
    const months = ['2026-02', '2026-03', '2026-04', '2026-05', '2026-06', '2026-07'];
    let total = 1_024_774;
    for (const month of months) {
      total += (await judge('nio-inc', month))?.value ?? Number.NaN;
      const [year, number] = month.split('-').map(Number) as [number, number];
      const end = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
      expect(await judge('nio-inc', `../${end}`)).toMatchObject({ value: total, lower: total, upper: total });
    }
  });

  test('to June 2020 is 46,082: the claim of 46,078 is set aside with the months that it stands against', async () => {
    expect(await judge('nio-inc', '../2020-06-30')).toMatchObject({
      ...{ value: 46_082, method: 'DERIVED', decidedBy: 'SUMS', agreement: 'CONFLICTS' },
      contradictions: [{ kind: 'TO_DATE', gap: 4, periods: ['../2020-04-30', '2020-05', '../2020-06-30', '2020-06'] }],
    });
  });

  test('leaves 1,943 for August 2019, which nobody states; the count of sales stays another metric', async () => {
    expect(await judge('nio-inc', '2019-08')).toMatchObject({ value: 1_943, method: 'DERIVED' });
    expect(await judge('nio-inc', '2019-08', 'SALES')).toMatchObject({ value: 2_796, method: 'ASSERTED' });
  });
});

describe('what follows from totals before and after', () => {
  test('XPENG delivered its 100,000th in October 2021', async () => {
    expect(await judge('xpeng', '../2021-09-30')).toMatchObject({ value: 96_202, method: 'DERIVED' });
    expect(await judge('xpeng', '../2021-10-31')).toMatchObject({ value: 106_340, method: 'DERIVED' });
    const reached = (await scenario.milestones('xpeng')).find(
      ({ metric, threshold }) => metric === 'DELIVERIES' && threshold === 100_000,
    );
    expect(reached).toMatchObject({ status: 'DETECTED', window: ['2021-10-01', '2021-10-31'], reachedOn: '2021-10' });
  });

  test('its totals to the ends of the 30 months around the first stated totals follow from later ones', async () => {
    const { db } = scenario.api;
    // Months are known from September 2020 on, and the first stated totals are those to November 2021 and to March 2023.
    const before = monthEnds('2020-08', '2021-10');
    const between = monthEnds('2021-12', '2023-02');
    const totals = await db.observation.findMany({
      where: {
        subject: { slug: 'xpeng' },
        metric: 'DELIVERIES',
        kind: 'TO_DATE',
        periodEnd: { lte: new Date('2023-03-31') },
      },
      orderBy: { periodEnd: 'asc' },
    });
    const stated = totals.filter(({ method }) => method === 'ASSERTED');
    expect(stated.map(({ period, value }) => [period, value])).toEqual([
      ['../2021-11-30', 121_953],
      ['../2023-03-31', 276_940],
    ]);
    const derived = totals.filter(({ method, qualifier }) => method === 'DERIVED' && qualifier === 'EXACT');
    expect(derived.map(({ period }) => period)).toEqual([...before, ...between].map((end) => `../${end}`));
    expect(derived).toHaveLength(30);
    // Each is the later total less the months between.
    let total = 276_940;
    for (const end of [...between].reverse()) {
      total -= (await judge('xpeng', monthAfter(end)))?.value ?? Number.NaN;
      expect(await judge('xpeng', `../${end}`)).toMatchObject({ value: total, lower: total, upper: total });
    }
    total = 121_953;
    for (const end of [...before].reverse()) {
      total -= (await judge('xpeng', monthAfter(end)))?.value ?? Number.NaN;
      expect(await judge('xpeng', `../${end}`)).toMatchObject({ value: total, lower: total, upper: total });
    }
  });

  test('nothing was delivered by Xiaomi before April 2024, so its year and its total to date are known', async () => {
    expect(await judge('xiaomi-auto', '2024', 'SALES')).toMatchObject({
      value: 139_471,
      lower: 139_471,
      upper: 139_471,
    });
    expect(await judge('xiaomi-auto', '../2024-12-31', 'SALES')).toMatchObject({ value: 139_471, missing: [] });
  });
});

describe('a gap leaves a lower bound, and is named', () => {
  test.each([
    ['leapmotor', 'DELIVERIES', 1_508_253],
    ['byd', 'SALES', 15_804_048],
    ['aito', 'DELIVERIES', 494_285],
  ])('%s: %s to date are at least %i', async (subject, metric, lower) => {
    const total = await judge(subject, '../2026-07-31', metric);
    expect(total).toMatchObject({ value: null, lower, upper: null, qualifier: 'OVER' });
    expect(total?.missing.length).toBeGreaterThan(0);
  });

  test('the millions of BYD are detected from it', async () => {
    const millions = (await scenario.milestones('byd')).filter(
      ({ metric, threshold }) => metric === 'SALES' && (threshold ?? 0) >= 1_000_000,
    );
    expect(millions.map(({ threshold }) => (threshold ?? 0) / 1_000_000).sort((a, b) => a - b)).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
    ]);
    expect(new Set(millions.map(({ status }) => status))).toEqual(new Set(['DETECTED']));
  });

  test('the announced million of AITO bounds what it produced', async () => {
    expect(await judge('aito', '../2026-01-13', 'PRODUCTION')).toMatchObject({
      ...{ lower: 1_000_000, upper: null, value: null, qualifier: 'OVER' },
    });
    const { brand } = await scenario.api.ask<{ brand: { cumulative: { lower: number } } }>(
      '{ brand(slug: "aito") { cumulative(metric: PRODUCTION, on: "2026-03-01") { lower } } }',
    );
    expect(brand.cumulative.lower).toBe(1_000_000);
  });
});

describe('HIMA', () => {
  interface Total {
    readonly value: number | null;
    readonly lower: number | null;
    readonly upper: number | null;
  }
  const totalOf = async (period: string, basis = 'AS_MEMBERS'): Promise<Total> => {
    const { alliance } = await scenario.api.ask<{ alliance: { total: Total } }>(
      `{ alliance(slug: "hima") { total(period: "${period}", basis: ${basis}) { value lower upper } } }`,
    );
    return alliance.total;
  };

  test('of 2025: the observation and the total are one thing, within what the announced months say', async () => {
    const year = await judge('hima', '2025');
    expect(await totalOf('2025')).toEqual({ value: year?.value, lower: year?.lower, upper: year?.upper });
    let months = 0;
    for (let month = 1; month <= 12; month += 1)
      months += (await judge('hima', `2025-${String(month).padStart(2, '0')}`))?.value ?? Number.NaN;
    expect(year?.value).toBe(months);
  });

  test('its last quarter of 2025 is not below December alone', async () => {
    const december = (await judge('hima', '2025-12'))?.value ?? Number.NaN;
    for (const basis of ['AS_MEMBERS', 'FULL_HISTORY'])
      expect((await totalOf('2025-Q4', basis)).lower).toBeGreaterThanOrEqual(december);
  });
});
