import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimed, theOne, told } from '../../support/articles.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

// Rows C and D of conflicts.test.ts: the scope of national statistics, names and roles.

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('C1: over half of domestic sales is a share of its own market, and is never computed from other numbers', async () => {
  const share = { metric: 'MARKET_SHARE', within: 'china-auto' };
  expect(await scenario.observe('china-nev', '2025', share)).toMatchObject({
    lower: 50,
    upper: null,
    qualifier: 'OVER',
  });
  expect(await scenario.observe('china-nev', '2025', { metric: 'MARKET_SHARE' })).toBeNull();
  expect(await scenario.observe('china-nev', '2025', { metric: 'SALES' })).toBeNull();
  expect(await scenario.observe('china-auto', '2025', { metric: 'SALES' })).toMatchObject({ lower: 34_000_000 });
  const [claim] = await claimed(scenario, { subjects: ['china-nev'], metrics: ['MARKET_SHARE'] });
  expect(claim?.note).toContain('exports not counted');
});

test('C2: 69.5 percent of Chinese brands is kept with what it is a share of', async () => {
  const [claim] = await claimed(scenario, { subjects: ['chinese-brands'], metrics: ['MARKET_SHARE'] });
  expect(claim).toMatchObject({ value: 69.5, unit: 'PERCENT', within: { slug: 'china-auto' } });
  expect(claim?.note).toContain('passenger vehicles');
});

test('C3: exports of 2,620,000 NEVs are among over 7,000,000, and the stated growth is a claim only', async () => {
  const [claim] = await claimed(scenario, { subjects: ['china-nev'], metrics: ['EXPORTS'] });
  expect(claim).toMatchObject({ value: 2_620_000, statedChangePercent: 103.7 });
  expect(await growth('china-nev', 'EXPORTS')).toBeNull();
  expect(await scenario.observe('china-auto', '2025', { metric: 'EXPORTS' })).toMatchObject({ lower: 7_000_000 });
});

test('C4: in the segment of 100,000 to 200,000 yuan NEVs have a number, and gasoline cars only a change', async () => {
  const [nevs] = await claimed(scenario, { subjects: ['nev-100k-200k'], metrics: ['SALES'] });
  expect(nevs).toMatchObject({ value: 6_940_000, statedChangePercent: 24 });
  const [gasoline] = await claimed(scenario, { subjects: ['gasoline-100k-200k'], metrics: ['SALES'] });
  expect(gasoline).toMatchObject({ value: null, statedChangePercent: -10 });
  expect(await scenario.observe('gasoline-100k-200k', '2025', { metric: 'SALES' })).toBeNull();
});

test('C5: the largest market for the 17th year is a rank of 2025, with its streak', async () => {
  expect(await theOne(scenario, { subjects: ['china-auto'], kinds: ['RANKING'] })).toMatchObject({
    ...{ reachedOn: '2025', claims: [{ statedElapsed: { value: 17, unit: 'years', from: 'STREAK_START' } }] },
  });
});

test("C6: money is kept in yuan; the editors' dollars are not", async () => {
  expect(await claimed(scenario, { metrics: ['REVENUE', 'RND_SPEND'] })).toMatchObject([
    { unit: 'CNY', period: '../2026-01-19', value: 65_000_000_000, qualifier: 'OVER' },
    { unit: 'CNY', period: '2025-Q3', value: 28_300_000_000, qualifier: 'EXACT' },
  ]);
});

test('C7: the licence for automated driving is for city roads', async () => {
  const licence = await theOne(scenario, { subjects: ['changan'], kinds: ['OTHER'] });
  expect(licence.claims[0]?.note).toContain('designated city roads');
});

test("C8: GAC's numbers are the maker's, not those of its arm abroad", async () => {
  expect(await claimed(scenario, { subjects: ['gac'], includeDescendants: false })).toHaveLength(6);
  expect(await claimed(scenario, { subjects: ['gac-international'] })).toEqual([]);
});

test("C9: a remark on prices in Russia is no export of Xiaomi's", async () => {
  expect(await claimed(scenario, { subjects: ['xiaomi'], metrics: ['EXPORTS'] })).toEqual([]);
  expect(await claimed(scenario, { subjects: ['russia'] })).toEqual([]);
});

describe('D1: a subject is found by every spelling', () => {
  test.each([
    ['AITO', 'aito'],
    ['Aito', 'aito'],
    ['XPENG', 'xpeng'],
    ['Xpeng', 'xpeng'],
    ['Xpeng Motors', 'xpeng'],
    ['SERES', 'seres-group'],
    ['Seres', 'seres-group'],
    ['Seres Group', 'seres-group'],
    ['Harmony Intelligent Mobility Alliance', 'hima'],
    ['Harmony Intelligent Mobility', 'hima'],
    ['HIMA', 'hima'],
    ['Xiaomi Corp', 'xiaomi'],
    ['Xiaomi Auto', 'xiaomi-auto'],
    ['Hefei Xinqiao plant', 'hefei-xinqiao'],
    ['X9 Super Range-Extended edition', 'xpeng-x9-super-range-extended'],
    ['X9 super-range-extended MPV', 'xpeng-x9-super-range-extended'],
  ])('%s', async (query, slug) => {
    const { search } = await scenario.api.ask<{ search: { slug: string }[] }>(
      'query($query: String!) { search(query: $query, first: 3) { slug } }',
      { query },
    );
    expect(search).toContainEqual({ slug });
  });
});

test("D2: NIO's million is the company's, not the brand's", async () => {
  expect(await told(scenario, { subjects: ['nio'], threshold: 1_000_000 })).toEqual([]);
  const [made] = await told(scenario, { subjects: ['nio-inc'], threshold: 1_000_000, metrics: ['PRODUCTION'] });
  expect(made?.claims.map(({ source }) => source.publisher.slug)).toEqual(['gasgoo', 'gasgoo']);
});

test('D3: each marque has a maker', async () => {
  const { alliance } = await scenario.api.ask<{ alliance: { members: unknown } }>(
    '{ alliance(slug: "hima") { members { brand { slug } company { slug } } } }',
  );
  const pairs = { aito: 'seres-group', luxeed: 'chery', stelato: 'baic', maextro: 'jac', shangjie: 'saic' };
  expect(alliance.members).toEqual(
    Object.entries(pairs).map(([brand, company]) => ({ brand: { slug: brand }, company: { slug: company } })),
  );
});

test('D4: the unified standards belong to the alliance', async () => {
  expect(await theOne(scenario, { kinds: ['OTHER'] }, 'unified standards')).toMatchObject({
    ...{ subject: { slug: 'hima' }, reachedOn: '2025-12' },
  });
});

test('D5: the second million is one goal of AITO in two articles', async () => {
  const { targets } = await scenario.api.ask<{ targets: { nodes: readonly object[] } }>(
    '{ targets(subjects: ["aito"]) { nodes { value period metric claims { source { publisher { slug } } } } } }',
  );
  expect(targets.nodes).toEqual([
    {
      ...{ value: 1_000_000, period: '2026-01-13/2028-01-13', metric: 'PRODUCTION' },
      claims: [{ source: { publisher: { slug: 'gasgoo' } } }, { source: { publisher: { slug: 'the-sino-report' } } }],
    },
  ]);
});

test('D6: an alliance is neither a brand nor a company, and can be listed together with both', async () => {
  const { subject } = await scenario.api.ask<{ subject: unknown }>('{ subject(slug: "hima") { kind __typename } }');
  expect(subject).toEqual({ kind: 'ALLIANCE', __typename: 'Alliance' });
  const { leaderboard } = await scenario.api.ask<{ leaderboard: { entries: { subject: { kind: string } }[] } }>(
    '{ leaderboard(period: "2025-12", kinds: [BRAND, COMPANY, ALLIANCE]) { entries { subject { kind } } } }',
  );
  expect(new Set(leaderboard.entries.map((entry) => entry.subject.kind))).toEqual(
    new Set(['BRAND', 'COMPANY', 'ALLIANCE']),
  );
});

async function growth(subject: string, metric: string): Promise<unknown> {
  const { observation } = await scenario.api.ask<{ observation: { change: unknown } }>(
    `query($subject: String!, $metric: Metric!) {
      observation(subject: $subject, metric: $metric, period: "2025") { change(over: YEAR_AGO) { percent } }
    }`,
    { subject, metric },
  );
  return observation.change;
}
