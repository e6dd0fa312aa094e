import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimed, theOne, told } from '../../support/articles.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

// Where the five articles contradict each other, or seem to: one test for each row, with both claims and the verdict.
// A: contradictions (this file), B: arithmetic with dates (conflict-dates.test.ts), C: the scope of national statistics
// and D: names and roles (conflict-scope.test.ts).
//
// What cannot be represented here, and why:
// A3  "half the time": a ratio of durations is no metric; the durations themselves are claims (A2).
// A10 one owner's view of cars for 300,000 to 500,000 yuan: an opinion without a number.
// A11 the price of a planned M6: prices are no metric.
// A12 a recommended book that the article calls hypothetical: no fact.
// B12 "past two years", "past year or so": loose words for dates that are recorded (B1, A2).
// B14 a floor of 300,000 yuan: prices are no metric; the segment is a market of its own.
// D7  "mid-market" or "middle to low end": a shade of description.
// In part: A1 has the claim of a quarter as a note, since a share of an alliance's output is no metric;
// C6 has the yuan and not the editors' dollars; C7 has the licence and not what the industry expects of highways.

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

test("A1: AITO is not a quarter of HIMA: no volume is computed from it, and AITO's own million stands", async () => {
  const [output] = await claimed(scenario, { subjects: ['hima'], metrics: ['PRODUCTION'], includeDescendants: false });
  expect(output).toMatchObject({
    value: 1_000_000,
    qualifier: 'OVER',
    note: expect.stringContaining('about a quarter'),
  });
  expect(await scenario.observe('aito', '../2026-01-04', { metric: 'PRODUCTION' })).toBeNull();
  expect(await million('aito')).toMatchObject({ status: 'ANNOUNCED', reachedOn: '2026-01-13' });
  const [m9, m7] = [await scenario.toDate('aito-m9', '2026-01-13'), await scenario.toDate('aito-m7', '2026-01-13')];
  // Two of its models alone are 670,000.
  expect((m9?.lower ?? 0) + (m7?.lower ?? 0)).toBe(670_000);
});

test('A2: 46 months are preferred over five years', async () => {
  const { elapsed, claims, agreement } = await million('aito');
  expect(elapsed).toMatchObject({ months: 46, sinceWhat: 'FIRST_DELIVERY', stated: true });
  expect(claims.map(({ rank, statedElapsed, source }) => [source.publisher.slug, rank, statedElapsed])).toEqual([
    ['gasgoo', 'NORMAL', { value: 46, unit: 'months', from: 'FIRST_DELIVERY' }],
    ['gasgoo', 'NORMAL', { value: 46, unit: 'months', from: 'NOT_STATED' }],
    ['the-sino-report', 'DEPRECATED', { value: 5, unit: 'years', from: 'NOT_STATED' }],
  ]);
  expect(claims[2]?.rankReason).toMatch(/^Five years do not fit/);
  expect(agreement).toBe('AGREES');
});

test("A4: AITO's speed records are disputed, Xiaomi's is its own claim, and each has its scope", async () => {
  const records = await told(scenario, { kinds: ['RECORD'], metrics: ['PRODUCTION'] });
  expect(
    records.map(({ subject, threshold, status, claims }) => [subject.slug, threshold, status, claims[0]?.note]),
  ).toEqual([
    ['li-auto', 1_000_000, 'ANNOUNCED', 'Claimed for Chinese EV start-ups.'],
    ['xiaomi-auto', 500_000, 'ANNOUNCED', expect.stringMatching(/^Xiaomi's claim, world-wide/)],
    ['aito', 1_000_000, 'DISPUTED', expect.stringMatching(/^Claimed for start-ups/)],
    ['aito', 1_000_000, 'DISPUTED', expect.stringMatching(/^Claimed for premium brands/)],
  ]);
  // The alliance's 43 months are fewer than AITO's 46.
  expect((await million('hima')).elapsed).toMatchObject({ months: 43 });
});

test('A5: five made a million and one alliance delivered it; the metrics are kept apart', async () => {
  const statuses = ['ANNOUNCED', 'CONFIRMED'];
  const made = await told(scenario, { kinds: ['UNITS'], threshold: 1_000_000, statuses });
  const subjectsOf = (metric: string) => made.filter((of) => of.metric === metric).map(({ subject }) => subject.slug);
  expect(subjectsOf('PRODUCTION').sort()).toEqual(['aito', 'leapmotor', 'li-auto', 'nio-inc', 'xpeng']);
  expect(subjectsOf('DELIVERIES')).toEqual(['hima']);
  // One article gives HIMA's million as production: it is one more figure. At least as many were produced as were delivered.
  const delivered = (await scenario.observe('hima', '../2025-12-31'))?.lower ?? 0;
  expect(delivered).toBeGreaterThan(1_000_000);
  expect(await scenario.observe('hima', '../2026-01-04', { metric: 'PRODUCTION' })).toMatchObject({
    ...{ value: null, lower: delivered, upper: null, qualifier: 'OVER', claims: [{ value: 1_000_000 }] },
  });
});

test('A6: the record of over 57,000 belongs to December 2025, and the surge of 2024 has no number', async () => {
  expect(await theOne(scenario, { subjects: ['aito'], kinds: ['OTHER'] }, 'surge')).toMatchObject({
    ...{ status: 'DISPUTED', reachedOn: '2024', threshold: null, claims: [{ rank: 'DEPRECATED' }] },
  });
  expect(await theOne(scenario, { subjects: ['aito'], kinds: ['RECORD'], metrics: ['DELIVERIES'] })).toMatchObject({
    ...{ status: 'ANNOUNCED', reachedOn: '2025-12', threshold: 57_000 },
  });
  expect(await claimed(scenario, { subjects: ['aito'], periods: ['2025-12'] })).toContainEqual(
    expect.objectContaining({ value: 57_000, qualifier: 'OVER' }),
  );
  expect(await claimed(scenario, { subjects: ['aito'], periods: ['2024', '2024-12'] })).toEqual([]);
});

test('A7: the SU7 was launched on 2024-03-28; April and "early 2024" are stored as further claims', async () => {
  const launch = await theOne(scenario, { subjects: ['xiaomi-su7'], kinds: ['LAUNCH'] });
  expect(launch).toMatchObject({ reachedOn: '2024-03-28', status: 'ANNOUNCED' });
  expect(launch.claims).toContainEqual(expect.objectContaining({ on: '2024-04', rank: 'DEPRECATED' }));
  expect(await theOne(scenario, { subjects: ['xiaomi-auto'], kinds: ['FIRST_DELIVERY'] })).toMatchObject({
    ...{ reachedOn: '2024-04-03', claims: [{ on: '2024', note: 'Early 2024.' }, { on: '2024-04-03' }] },
  });
});

test('A8: AITO and its alliance are two of six in the club, and overlap', async () => {
  const club = await told(scenario, { kinds: ['UNITS'], threshold: 1_000_000, statuses: ['ANNOUNCED', 'CONFIRMED'] });
  expect(club).toHaveLength(6);
  const { leaderboard } = await scenario.api.ask<{ leaderboard: { overlaps: unknown } }>(
    `{ leaderboard(period: "2025-12", kinds: [BRAND, ALLIANCE]) { overlaps { part { slug } whole { slug } } } }`,
  );
  expect(leaderboard.overlaps).toContainEqual({ part: { slug: 'aito' }, whole: { slug: 'hima' } });
});

test("A9: Xiaomi's 550,000 for 2026 are one target, which some call deliveries and one calls sales", async () => {
  const { targets } = await scenario.api.ask<{ targets: { nodes: { period: string }[] } }>(
    '{ targets(subjects: ["xiaomi-auto"]) { nodes { period metric value claims { statedMetric value source { publisher { slug } } } } } }',
  );
  const of2026 = targets.nodes.filter(({ period }) => period === '2026');
  const claims = (...said: [string, string][]) =>
    said.map(([slug, statedMetric]) => ({ statedMetric, value: 550_000, source: { publisher: { slug } } }));
  expect(of2026).toEqual([
    {
      ...{ period: '2026', metric: 'DELIVERIES', value: 550_000 },
      claims: expect.arrayContaining(claims(['gasgoo', 'DELIVERIES'], ['china-daily', 'SALES'])),
    },
  ]);
});

function million(subject: string) {
  return theOne(scenario, {
    ...{ subjects: [subject], kinds: ['UNITS'], threshold: 1_000_000, statuses: ['ANNOUNCED', 'CONFIRMED'] },
  });
}
