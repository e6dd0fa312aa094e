import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { statementsOf } from '../support/statements.ts';

interface Known {
  readonly metric: string;
  readonly from: string;
  readonly to: string;
  readonly observations: number;
  readonly claims: number;
}
interface Summary {
  readonly slug: string;
  readonly metrics: readonly Known[];
  readonly headlineMetric: string | null;
  readonly latest: { readonly metric: string; readonly period: string; readonly value: number | null } | null;
}
const SUMMARY = `slug metrics { metric from to observations claims } headlineMetric latest { metric period value }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function summaryOf(slug: string): Promise<Summary> {
  const { subject } = await scenario.api.ask<{ subject: Summary }>(
    `query ($slug: String!) { subject(slug: $slug) { ${SUMMARY} } }`,
    { slug },
  );
  return subject;
}

async function latestOf(slug: string, args: string): Promise<unknown> {
  const { subject } = await scenario.api.ask<{ subject: { latest: unknown } }>(
    `query ($slug: String!) { subject(slug: $slug) { latest${args} { metric period value } } }`,
    { slug },
  );
  return subject.latest;
}

test.each([
  ['nio-inc', 'DELIVERIES', '2026-07', 35_934],
  ['byd', 'SALES', '2026-07', 419_211],
  ['xiaomi-auto', 'SALES', '2026-06', 34_738],
])('%s is reported monthly as %s, last for %s', async (slug, metric, period, value) => {
  const { headlineMetric, latest } = await summaryOf(slug);
  expect(headlineMetric).toBe(metric);
  // Xiaomi's deliveries of July 2026 are another metric.
  expect(latest).toEqual({ metric, period, value });
});

test('a subject says in which metrics it is known, since when, and from how many claims', async () => {
  const { metrics } = await summaryOf('gac');
  const once = (metric: string, period: string) => ({ metric, from: period, to: period, observations: 1, claims: 1 });
  expect(metrics).toEqual([
    once('MARKET_SHARE', '2026-01-22'),
    once('CHARGING_STATIONS', '../2026-01-22'),
    once('COUNTRIES', '../2026-01-22'),
    once('SALES_OUTLETS', '../2026-01-22'),
    once('ASSEMBLY_PLANTS', '../2026-01-22'),
    once('LOGISTICS_HUBS', '../2026-01-22'),
  ]);
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 100, '2025-02': 200, '2025-03': 300, '../2025-03-31': 600 });
  await scenario.record(brand, { '2025-Q1': 600 }, { metric: 'SALES' });
  expect((await summaryOf(brand)).metrics).toEqual([
    // Three months, their quarter, and the totals to the ends of the months and of the one before.
    { metric: 'DELIVERIES', from: '2025-01', to: '2025-03', observations: 3 + 1 + 4, claims: 4 },
    { metric: 'SALES', from: '2025-Q1', to: '2025-Q1', observations: 1, claims: 1 },
  ]);
});

// To the end of June 27,182 + 20,797 + 35,486 + 29,356 + 37,705 + 40,597 = 191,123 of NIO Inc., and 326,028 in 2025, of which 114,150 in
// its first half. What it delivered from March 2026 on was published in August.
test.each([
  ['a month', '', { period: '2026-07', value: 35_934 }],
  ['a quarter', '(granularity: QUARTER)', { period: '2026-Q2', value: 29_356 + 37_705 + 40_597 }],
  ['a half', '(granularity: HALF)', { period: '2026-H1', value: 191_123 }],
  ['a year', '(granularity: YEAR)', { period: '2025', value: 326_028 }],
  ['a year to date', '(granularity: YEAR_TO_DATE)', { period: '2026-01/2026-07', value: 191_123 + 35_934 }],
  ['a month as known in March', '(asOf: "2026-03-15T00:00:00Z")', { period: '2026-02', value: 20_797 }],
  [
    'a half as known in March',
    '(granularity: HALF, asOf: "2026-03-15T00:00:00Z")',
    { period: '2025-H2', value: 326_028 - 114_150 },
  ],
])('the latest of %s is the newest with a value', async (_name, args, expected) => {
  expect(await latestOf('nio-inc', args)).toEqual({ metric: 'DELIVERIES', ...expected });
});

test('nothing is latest where nothing is known', async () => {
  const brand = await scenario.subject('BRAND');
  expect(await summaryOf(brand)).toEqual({ slug: brand, metrics: [], headlineMetric: null, latest: null });
  expect(await latestOf(brand, '(metric: EXPORTS)')).toBeNull();
  expect(await latestOf('nio-inc', '(metric: REVENUE, granularity: WEEK)')).toBeNull();
});

test('the headline is the metric of the most months, of as many the first that the trade goes by', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 100, '2025-02': 110 }, { metric: 'RETAIL' });
  expect((await summaryOf(brand)).headlineMetric).toBe('RETAIL');
  await scenario.record(brand, { '2025-01': 100, '2025-02': 110 }, { metric: 'WHOLESALE' });
  expect((await summaryOf(brand)).headlineMetric).toBe('WHOLESALE');
  await scenario.record(brand, { '2025-01': 100, '2025-02': 110 }, { metric: 'SALES' });
  expect((await summaryOf(brand)).headlineMetric).toBe('SALES');
  await scenario.record(brand, { '2025-03': 120 }, { metric: 'RETAIL' });
  expect((await summaryOf(brand)).headlineMetric).toBe('RETAIL');
});

test('only the 24 months to the newest one count, also to the end of a February', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2024-01': 100, '2024-02': 100, '2024-03': 100 }, { metric: 'SALES' });
  await scenario.record(brand, { '2026-01': 100, '2026-02': 100 }, { metric: 'RETAIL' });
  // Of SALES only 2024-03 is left.
  expect((await summaryOf(brand)).headlineMetric).toBe('RETAIL');
});

test('a company of which nothing is said itself is summed up by what its brands say', async () => {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company });
  const other = await scenario.subject('BRAND', { parent: company });
  await scenario.record(brand, { '2025-01': 100 });
  await scenario.record(other, { '2025-01': 50 });
  expect(await summaryOf(company)).toMatchObject({
    headlineMetric: 'DELIVERIES',
    latest: { metric: 'DELIVERIES', period: '2025-01', value: 150 },
  });
});

test('many subjects are summed up with as many statements as two', async () => {
  const ask = (first: number) =>
    statementsOf(() => scenario.api.ask(`{ brands(first: ${first}) { nodes { ${SUMMARY} } } }`));
  const few = await ask(2);
  const many = await ask(20);
  expect(many.length).toBe(few.length);
});
