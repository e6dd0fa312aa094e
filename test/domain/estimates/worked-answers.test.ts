import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seedDatabase } from '../../../prisma/seed/seed.ts';
import { told } from '../../support/articles.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

/** What the articles say, without the monthly deliveries. */
const FACTS = ['publishers', 'sources', 'subjects', 'memberships', 'figures', 'milestones', 'targets'] as const;

interface TargetRow {
  readonly id: string;
  readonly period: string | null;
  readonly value: number | null;
}

let facts: Scenario;
let everything: Scenario;
beforeAll(async () => {
  facts = await openScenario();
  await seedDatabase(facts.api.db, { files: FACTS });
  everything = await openScenario({ seeded: true });
});
afterAll(async () => {
  await facts[Symbol.asyncDispose]();
  await everything[Symbol.asyncDispose]();
});

describe.each([
  ['the facts alone', () => facts],
  ['the facts with the monthly data', () => everything],
])('with %s', (_name, scenario) => {
  test('six made or delivered a million, Li Auto first, AITO last', async () => {
    const club = await told(scenario(), {
      kinds: ['UNITS'],
      threshold: 1_000_000,
      statuses: ['ANNOUNCED', 'CONFIRMED'],
    });
    expect(club.map(({ subject, reachedOn, metric }) => [subject.slug, reachedOn, metric])).toEqual([
      ['li-auto', '2024-10-15', 'PRODUCTION'],
      ['leapmotor', '2025-09-25', 'PRODUCTION'],
      ['hima', '2025-10-28', 'DELIVERIES'],
      ['xpeng', '2025-11-21', 'PRODUCTION'],
      ['nio-inc', '2026-01-06', 'PRODUCTION'],
      ['aito', '2026-01-13', 'PRODUCTION'],
    ]);
  });

  test('270,000 M9 were delivered to 2026-01-13', async () => {
    expect(await scenario().toDate('aito-m9', '2026-01-13')).toMatchObject({ value: 270_000, qualifier: 'EXACT' });
    expect(await scenario().toDate('aito-m9')).toMatchObject({ period: '../2026-01-13', value: 270_000 });
  });

  test('Xiaomi delivered about 410,000 in 2025', async () => {
    expect(await scenario().observe('xiaomi-auto', '2025')).toMatchObject({
      ...{ value: 410_000, lower: 405_000, upper: 415_000, qualifier: 'ABOUT' },
      ...{ method: 'ASSERTED', agreement: 'SOLE' },
    });
  });

  test('Xiaomi met its target of 300,000 for 2025 by 1.367', async () => {
    expect(await progress(scenario(), '2025', 300_000)).toMatchObject({
      ...{ verdict: 'MET', achieved: 410_000, ratio: expect.closeTo(1.367, 3), remaining: 0 },
    });
  });

  test("AITO's million took 46 months, although one article says five years", async () => {
    const [million] = await told(scenario(), { subjects: ['aito'], kinds: ['UNITS'], threshold: 1_000_000 });
    expect(million?.elapsed).toMatchObject({ months: 46, sinceWhat: 'FIRST_DELIVERY', stated: true });
    expect(million?.claims.find(({ rank }) => rank === 'DEPRECATED')?.statedElapsed).toMatchObject({
      ...{ value: 5, unit: 'years' },
    });
  });

  test('the SU7 was launched on 2024-03-28, although one article says April', async () => {
    const [launch] = await told(scenario(), { subjects: ['xiaomi-su7'], kinds: ['LAUNCH'] });
    expect(launch).toMatchObject({ reachedOn: '2024-03-28', agreement: 'AGREES' });
    expect(launch?.claims.map(({ on, rank }) => [on, rank]).sort()).toEqual([
      ['2024-03-28', 'NORMAL'],
      ['2024-03-28', 'NORMAL'],
      ['2024-04', 'DEPRECATED'],
    ]);
  });
});

test('the articles alone know that AITO delivered over 57,000 in December 2025', async () => {
  expect(await facts.observe('aito', '2025-12')).toMatchObject({
    ...{ value: 57_000, lower: 57_000, upper: null, qualifier: 'OVER', agreement: 'SOLE' },
  });
});

test('the monthly data refines it to 57,778, and agrees', async () => {
  expect(await everything.observe('aito', '2025-12')).toMatchObject({
    ...{ value: 57_778, lower: 57_778, upper: 57_778, qualifier: 'EXACT', agreement: 'AGREES' },
    claims: expect.arrayContaining([{ value: 57_000 }, { value: 57_778 }]),
  });
});

test('the articles alone have no numbers that contradict each other', async () => {
  const { conflicts } = await facts.api.ask<{ conflicts: { totalCount: number } }>('{ conflicts { totalCount } }');
  expect(conflicts.totalCount).toBe(0);
});

test("NIO Inc.'s last quarter of 2025 is 124,807, and its deliveries to the end of the year are 997,592", async () => {
  expect(await everything.observe('nio-inc', '2025-Q4')).toMatchObject({ value: 124_807, method: 'DERIVED' });
  expect(await everything.toDate('nio-inc', '2025-12-31')).toMatchObject({ value: 997_592 });
  expect(await told(everything, { subjects: ['nio-inc'], threshold: 1_000_000 })).toMatchObject([
    { metric: 'DELIVERIES', status: 'DETECTED', reachedOn: '2026-01' },
    { metric: 'PRODUCTION', status: 'ANNOUNCED', reachedOn: '2026-01-06' },
  ]);
});

test("Xiaomi's 550,000 for 2026 need 45,833.3 a month by the facts alone, and 60,824.2 after the half-year that is sold", async () => {
  expect(await progress(facts, '2026', 550_000)).toMatchObject({
    ...{ metric: 'DELIVERIES', verdict: 'NO_DATA', achieved: null, remaining: 550_000 },
    requiredPerMonth: expect.closeTo(45_833.3, 1),
  });
  expect(await progress(everything, '2026', 550_000)).toMatchObject({
    ...{ metric: 'SALES', verdict: 'BEHIND', achieved: 185_055, dataUntil: '2026-06-30', projectedOn: null },
    requiredPerMonth: expect.closeTo(60_824.2, 1),
  });
});

test('the same files again load nothing', async () => {
  const before = await facts.api.db.change.count();
  await seedDatabase(facts.api.db, { files: FACTS });
  expect(await facts.api.db.change.count()).toBe(before);
});

async function progress(scenario: Scenario, period: string, value: number) {
  const { targets } = await scenario.api.ask<{ targets: { nodes: readonly TargetRow[] } }>(
    '{ targets(subjects: ["xiaomi-auto"]) { nodes { id period value } } }',
  );
  const target = targets.nodes.find((row) => row.period === period && row.value === value);
  return scenario.progress(target?.id ?? '');
}
