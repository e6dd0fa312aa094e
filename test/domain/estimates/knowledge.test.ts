import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

/** January 2024 was 8,630 as published on the first day, 8,646 as restated on the second. */
const FIRST_DAY = '2024-02-01';
const SECOND_DAY = '2024-06-10';
const BEFORE = '2024-01-31T12:00:00Z';
const BETWEEN = '2024-05-01T12:00:00Z';
const AFTER = '2024-07-01T12:00:00Z';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a derived quarter is that of the figures known then', async () => {
  const brand = await restated();
  const known = await scenario.source(1, '2024-04-01');
  await scenario.record(brand, { '2024-02': 8_000, '2024-03': 9_000 }, { sourceId: known });
  expect(await scenario.observe(brand, '2024-Q1', { asOf: BEFORE })).toBeNull();
  expect(await scenario.observe(brand, '2024-Q1', { asOf: '2024-03-01T00:00:00Z' })).toMatchObject({
    ...{ value: null, lower: 8_630, missing: ['2024-02', '2024-03'] },
  });
  expect(await scenario.observe(brand, '2024-Q1', { asOf: BETWEEN })).toMatchObject({ value: 25_630 });
  expect(await scenario.observe(brand, '2024-Q1', { asOf: AFTER })).toMatchObject({ value: 25_646 });
  // Only what is claimed can be revised.
  expect(await scenario.observe(brand, '2024-Q1', { asOf: AFTER })).toMatchObject({ revised: false });
  expect(await scenario.observe(brand, '2024-01', { asOf: BETWEEN })).toMatchObject({ revised: false });
  expect(await scenario.observe(brand, '2024-01', { asOf: AFTER })).toMatchObject({ revised: true });
});

test('a company is the sum of what was known of its brands then', async () => {
  const company = await scenario.subject('COMPANY');
  const [one, other] = [await restated({ parent: company }), await scenario.subject('BRAND', { parent: company })];
  expect(one).not.toBe(other);
  await scenario.record(other, { '2024-01': 1_000 }, { sourceId: await scenario.source(1, '2024-03-01') });
  expect(await scenario.observe(company, '2024-01', { asOf: BEFORE })).toBeNull();
  expect(await scenario.observe(company, '2024-01', { asOf: '2024-02-15T00:00:00Z' })).toMatchObject({
    ...{ value: null, lower: 8_630, upper: null },
  });
  expect(await scenario.observe(company, '2024-01', { asOf: BETWEEN })).toMatchObject({ value: 9_630 });
  expect(await scenario.observe(company, '2024-01', { asOf: AFTER })).toMatchObject({ value: 9_646 });
});

test('growth is that of the figures known then, also against a restated base', async () => {
  const brand = await restated();
  await scenario.record(brand, { '2024-02': 9_000 }, { sourceId: await scenario.source(1, '2024-03-01') });
  const growth = async (asOf: string) => {
    const { observation } = await scenario.api.ask<{ observation: unknown }>(
      `query($subject: String!, $asOf: DateTime) {
        observation(subject: $subject, period: "2024-02", asOf: $asOf) { change(over: PREVIOUS) { percent base } }
      }`,
      { subject: brand, asOf },
    );
    return observation;
  };
  expect(await growth('2024-02-20T00:00:00Z')).toBeNull();
  expect(await growth(BETWEEN)).toEqual({ change: { percent: expect.closeTo(4.2874, 4), base: 8_630 } });
  expect(await growth(AFTER)).toEqual({ change: { percent: expect.closeTo(4.0944, 4), base: 8_646 } });
});

test('conflicts are those of the claims known then', async () => {
  const brand = await restated();
  await scenario.record(brand, { '2024-01': 8_646 }, { sourceId: await scenario.source(3, '2024-03-01') });
  expect(await conflicts(brand, BEFORE)).toEqual([]);
  expect(await conflicts(brand, '2024-02-15T00:00:00Z')).toEqual([]);
  expect(await conflicts(brand, BETWEEN)).toEqual([{ value: 8_630, period: '2024-01', claims: [8_630, 8_646] }]);
  expect(await conflicts(brand, AFTER)).toEqual([]);
  expect(await conflicts(brand)).toEqual([]);
});

test('the leaderboard is that of the figures known then', async () => {
  const brand = await restated();
  const rival = await scenario.subject('BRAND');
  await scenario.record(rival, { '2024-01': 8_640 }, { sourceId: await scenario.source(1, '2024-03-01') });
  expect(await board([brand, rival], BEFORE)).toEqual([]);
  expect(await board([brand, rival], '2024-02-15T00:00:00Z')).toEqual([brand]);
  expect(await board([brand, rival], BETWEEN)).toEqual([rival, brand]);
  expect(await board([brand, rival], AFTER)).toEqual([brand, rival]);
});

test("an alliance's total is that of the figures known then", async () => {
  const alliance = await scenario.subject('ALLIANCE');
  const [one, other] = [await restated(), await scenario.subject('BRAND')];
  await scenario.record(other, { '2024-01': 1_000 }, { sourceId: await scenario.source(1, '2024-03-01') });
  await scenario.join(alliance, one);
  await scenario.join(alliance, other);
  const total = (asOf?: string) => totalOf(alliance, asOf);
  expect(await total(BEFORE)).toEqual({ value: null, lower: null, membersWithData: 0, memberCount: 2 });
  // One of two is known: that is a lower bound.
  expect(await total('2024-02-15T00:00:00Z')).toEqual({
    ...{ value: null, lower: 8_630, membersWithData: 1, memberCount: 2 },
  });
  expect(await total(BETWEEN)).toEqual({ value: 9_630, lower: 9_630, membersWithData: 2, memberCount: 2 });
  expect(await total(AFTER)).toEqual({ value: 9_646, lower: 9_646, membersWithData: 2, memberCount: 2 });
  expect(await total()).toEqual({ value: 9_646, lower: 9_646, membersWithData: 2, memberCount: 2 });
});

test("a target's progress is that of the figures known then", async () => {
  const brand = await restated();
  const target = await scenario.aim(brand, { period: '2024', value: 100_000 });
  expect(await scenario.progress(target, BEFORE)).toMatchObject({ verdict: 'NO_DATA', achieved: null });
  expect(await scenario.progress(target, BETWEEN)).toMatchObject({ achieved: 8_630, remaining: 91_370 });
  expect(await scenario.progress(target, AFTER)).toMatchObject({ achieved: 8_646, remaining: 91_354 });
  expect(await scenario.progress(target)).toMatchObject({ achieved: 8_646 });
});

test('a value to date and a series are those of the figures known then', async () => {
  const brand = await restated();
  await scenario.record(brand, { '../2023-12-31': 100_000 }, { sourceId: await scenario.source(1, '2024-01-05') });
  expect(await scenario.toDate(brand, undefined, { asOf: BEFORE })).toMatchObject({ value: 100_000 });
  expect(await scenario.toDate(brand, undefined, { asOf: BETWEEN })).toMatchObject({ value: 108_630 });
  expect(await scenario.toDate(brand, '2024-01-31', { asOf: AFTER })).toMatchObject({ value: 108_646 });
  const { series } = await scenario.api.ask<{ series: unknown }>(
    'query($s: [String!]!, $asOf: DateTime) { series(subjects: $s, asOf: $asOf) { observations { period value } } }',
    { s: [brand], asOf: BETWEEN },
  );
  expect(series).toEqual([{ observations: [{ period: '2024-01', value: 8_630 }] }]);
});

async function restated(fields = {}): Promise<string> {
  const brand = await scenario.subject('BRAND', fields);
  const { ids } = await scenario.record(brand, { '2024-01': 8_630 }, { sourceId: await scenario.source(1, FIRST_DAY) });
  await scenario.revise(ids[0] as string, 8_646, { sourceId: await scenario.source(1, SECOND_DAY) });
  return brand;
}

async function conflicts(subject: string, asOf?: string): Promise<unknown> {
  type Found = { value: number; period: string; claims: { value: number }[] };
  const { conflicts: found } = await scenario.api.ask<{ conflicts: { nodes: Found[] } }>(
    `query($subject: String!, $asOf: DateTime) {
      conflicts(filter: { subjects: [$subject] }, asOf: $asOf) { nodes { value period claims { value } } }
    }`,
    { subject, asOf },
  );
  return found.nodes.map((node) => ({ ...node, claims: node.claims.map(({ value }) => value).sort() }));
}

/** The slugs of the subjects on the leaderboard of January 2024, in its order. */
async function board(among: readonly string[], asOf: string): Promise<readonly string[]> {
  const { leaderboard } = await scenario.api.ask<{ leaderboard: { entries: { subject: { slug: string } }[] } }>(
    `query($asOf: DateTime) {
      leaderboard(period: "2024-01", first: 100, asOf: $asOf) { entries { subject { slug } } }
    }`,
    { asOf },
  );
  return leaderboard.entries.map(({ subject }) => subject.slug).filter((slug) => among.includes(slug));
}

async function totalOf(slug: string, asOf?: string): Promise<unknown> {
  const { alliance } = await scenario.api.ask<{ alliance: { total: unknown } }>(
    `query($slug: String!, $asOf: DateTime) {
      alliance(slug: $slug) { total(period: "2024-01", asOf: $asOf) { value lower membersWithData memberCount } }
    }`,
    { slug, asOf },
  );
  return alliance.total;
}
