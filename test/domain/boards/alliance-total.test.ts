import { beforeEach, describe, expect, test } from 'vitest';
import { datesWorkedOut } from '../../support/calendar-work.ts';
import { openScenario, over, type Scenario } from '../../support/scenario.ts';

interface Total {
  readonly value: number | null;
  readonly membersWithData: number;
  readonly missing: readonly string[];
  readonly parts: readonly { readonly subject: { readonly slug: string }; readonly period: string }[];
}

const OCTOBER_TO_DECEMBER = { '2025-10': 40_000, '2025-11': 50_000, '2025-12': 60_000 };

let scenario: Scenario;
let alliance: string;
/** A member from the start, one that joined on 2025-09-15 and one that left on 2025-10-31. */
let founder: string;
let joiner: string;
let leaver: string;
beforeEach(async () => {
  scenario = await openScenario();
  alliance = await scenario.subject('ALLIANCE');
  founder = await scenario.subject('BRAND');
  joiner = await scenario.subject('BRAND');
  leaver = await scenario.subject('BRAND');
  await scenario.join(alliance, founder);
  await scenario.join(alliance, joiner, '2025-09-15');
  await scenario.join(alliance, leaver, undefined, '2025-10-31');
  return () => scenario[Symbol.asyncDispose]();
});

test('membership is half-open: a brand is a member on the day it joins and not on the day it leaves', async () => {
  const days = ['2025-09-14', '2025-09-15', '2025-10-30', '2025-10-31'];
  const { alliance: members } = await scenario.api.ask<{ alliance: Record<string, { brand: { slug: string } }[]> }>(
    `query($slug: String!) { alliance(slug: $slug) {
      ${days.map((day, index) => `on${index}: members(on: "${day}") { brand { slug } }`).join('\n')}
      today: members { brand { slug } }
    } }`,
    { slug: alliance },
  );
  const slugs = Object.values(members).map((of) => of.map(({ brand }) => brand.slug));
  expect(slugs).toEqual([
    [founder, leaver],
    [founder, joiner, leaver],
    [founder, joiner, leaver],
    [founder, joiner],
    [founder, joiner],
  ]);
});

describe('with the months of all members', () => {
  beforeEach(async () => {
    const months = Array.from({ length: 9 }, (_, index) => [`2025-0${index + 1}`, 10_000] as const);
    await scenario.record(founder, { ...Object.fromEntries(months), ...OCTOBER_TO_DECEMBER });
    await scenario.record(joiner, {
      '2025-08': 1_000,
      '2025-09': 2_000,
      '2025-10': 3_000,
      '2025-11': 4_000,
      '2025-12': 5_000,
    });
    await scenario.record(leaver, { ...Object.fromEntries(months), '2025-10': 100, '2025-11': 200, '2025-12': 300 });
  });

  test('a month counts for the members on its last day', async () => {
    expect(await total('2025-08')).toMatchObject({ value: 20_000, memberCount: 2, membersWithData: 2 });
    expect(await total('2025-09')).toMatchObject({ value: 22_000, memberCount: 3, membersWithData: 3 });
    expect(await total('2025-10')).toMatchObject({ value: 43_000, memberCount: 2, membersWithData: 2 });
  });

  test('all years there are take no more work than the known one, and name the others as one gap each', async () => {
    const all = await total('1900/2999');
    expect(all).toMatchObject({
      ...{ value: null, lower: 344_000, upper: null, qualifier: 'OVER', memberCount: 3, membersWithData: 3 },
    });
    expect(all.missing).toEqual(['1900/2024', '2026/2999']);
    const near = await datesWorkedOut(() => total('2024/2026'));
    expect(await datesWorkedOut(() => total('1900/2999'))).toBeLessThanOrEqual(near);
  });

  test('a quarter is the sum of the months that count for each member', async () => {
    expect(await total('2025-Q4')).toMatchObject({
      ...{ value: 162_000, lower: 162_000, upper: 162_000, qualifier: 'EXACT', method: 'DERIVED' },
      ...{ memberCount: 2, membersWithData: 2, missing: [] },
    });
    expect(await total('2025-Q3')).toMatchObject({ value: 62_000, memberCount: 3, membersWithData: 3 });
  });

  test('a year is the sum of the months that count for each member, with its parts', async () => {
    const year = await total('2025');
    expect(year).toMatchObject({ value: 240_000 + 14_000 + 90_000, memberCount: 3, membersWithData: 3, missing: [] });
    expect(year.parts.map(({ subject, period }) => [subject.slug, period])).toEqual([
      [founder, '2025'],
      [joiner, '2025-09/2025-12'],
      [leaver, '2025-01/2025-09'],
    ]);
  });

  test('months between leaving and joining again do not count, and leaving and joining in one month loses none', async () => {
    await scenario.join(alliance, leaver, '2025-11-30', '2025-12-10');
    await scenario.join(alliance, leaver, '2025-12-20');
    const partsOf = async (period: string) =>
      (await total(period)).parts.flatMap((part) => (part.subject.slug === leaver ? [part.period] : []));
    expect(await partsOf('2025')).toEqual(['2025-01/2025-09', '2025-11/2025-12']);
    expect(await partsOf('2025-Q4')).toEqual(['2025-11/2025-12']);
    expect(await partsOf('2025-10')).toEqual([]);
  });

  test("the full history includes all of today's members, also before they joined", async () => {
    expect(await total('2025-08', 'FULL_HISTORY')).toMatchObject({ value: 11_000, memberCount: 2, membersWithData: 2 });
    expect(await total('2025-Q4', 'FULL_HISTORY')).toMatchObject({ value: 162_000, memberCount: 2 });
    // Nothing is known of the joiner before August.
    expect(await total('2025', 'FULL_HISTORY')).toMatchObject({
      ...{ value: null, lower: 255_000, upper: null, qualifier: 'OVER', memberCount: 2, membersWithData: 2 },
      missing: ['2025-01', '2025-02', '2025-03', '2025-04', '2025-05', '2025-06', '2025-07'],
    });
  });

  test('a stated value of the alliance itself is believed before the months of its members, with the same coverage and parts', async () => {
    await scenario.record(alliance, { '2025-Q4': over(170_000) });
    const quarter = await total('2025-Q4');
    expect(quarter).toMatchObject({
      ...{ value: 170_000, upper: null, qualifier: 'OVER', method: 'ASSERTED', memberCount: 2, membersWithData: 2 },
    });
    expect(quarter.parts).toHaveLength(2);
    expect(await total('2025-12')).toMatchObject({ value: 65_000, method: 'DERIVED' });
    // Of the three months together, the members contradict it.
    expect(await contradictions()).toEqual(['WHOLE_AND_PARTS']);
  });

  test('the months of all members narrow a stated lower bound of the alliance', async () => {
    await scenario.record(alliance, { '2025-Q4': over(150_000) });
    expect(await total('2025-Q4')).toMatchObject({
      ...{ value: 162_000, lower: 162_000, upper: 162_000, qualifier: 'EXACT', method: 'DERIVED' },
    });
    expect(await total('2025-12')).toMatchObject({ value: 65_000, method: 'DERIVED' });
    expect(await contradictions()).toEqual([]);
  });
});

test('a year known only as a whole does not count for a brand that joined within it, and its months are missing', async () => {
  await scenario.record(founder, { '2025': 240_000 });
  await scenario.record(joiner, { '2025': 30_000 });
  expect(await total('2025')).toMatchObject({
    ...{ value: null, lower: 240_000, upper: null, qualifier: 'OVER', memberCount: 3, membersWithData: 1 },
    missing: [...months(1, 8), '2025-09', '2025-10', '2025-11', '2025-12'],
  });
  expect(await total('2025', 'FULL_HISTORY')).toMatchObject({
    ...{ value: 270_000, upper: 270_000, qualifier: 'EXACT', memberCount: 2, membersWithData: 2, missing: [] },
  });
});

test('nothing is known of an alliance in months in which it has no members, and they do not keep a year from being whole', async () => {
  const later = await scenario.subject('ALLIANCE');
  await scenario.join(later, leaver, '2025-05', '2025-08');
  const values = Object.fromEntries(months(1, 12).map((month) => [month, 1_000]));
  await scenario.record(leaver, values);
  const nobody = { value: null, lower: null, upper: null, memberCount: 0, parts: [], missing: [] };
  expect(await total('2025-Q1', 'AS_MEMBERS', later)).toMatchObject(nobody);
  expect(await scenario.observe(later, '2025-Q1')).toBeNull();
  expect(await total('2025', 'AS_MEMBERS', later)).toMatchObject({
    ...{
      value: 3_000,
      lower: 3_000,
      upper: 3_000,
      qualifier: 'EXACT',
      memberCount: 1,
      membersWithData: 1,
      missing: [],
    },
  });
});

describe('a value to date of a member', () => {
  const END = '../2025-12-31';

  test('begins with the first month in the alliance', async () => {
    await scenario.record(joiner, { [END]: 900_000, '2025-09/2025-12': 14_000 });
    expect((await total(END)).parts.map(({ subject, period }) => [subject.slug, period])).toEqual([
      [joiner, '2025-09/2025-12'],
    ]);
  });

  test('counts whole when the day of joining is unknown', async () => {
    await scenario.record(founder, { [END]: 900_000, '2025-09/2025-12': 14_000 });
    expect((await total(END)).parts.map(({ subject, period }) => [subject.slug, period])).toEqual([[founder, END]]);
  });

  test('counts whole when the brand joined on an unknown day, left, and joined again', async () => {
    await scenario.join(alliance, leaver, '2025-12-01');
    await scenario.record(leaver, { [END]: 900_000, '2025-12': 14_000 });
    expect((await total(END)).parts.map(({ subject, period }) => [subject.slug, period])).toEqual([[leaver, END]]);
  });
});

test('a member without data leaves only a lower bound, and without any data nothing is known', async () => {
  expect(await total('2025-12')).toMatchObject({
    ...{ value: null, lower: null, upper: null, qualifier: null },
    ...{ memberCount: 2, membersWithData: 0, missing: ['2025-12'], parts: [] },
  });
  await scenario.record(founder, { '2025-12': 60_000 });
  expect(await total('2025-12')).toMatchObject({
    ...{ value: null, lower: 60_000, upper: null, qualifier: 'OVER' },
    ...{ memberCount: 2, membersWithData: 1, missing: ['2025-12'] },
  });
});

test('a brand has the alliance that it is in on a day', async () => {
  const { brand } = await scenario.api.ask<{ brand: unknown }>(
    `query($slug: String!) { brand(slug: $slug) {
      before: alliance(on: "2025-10-30") { slug }
      after: alliance(on: "2025-10-31") { slug }
      memberships { joinedOn leftOn }
    } }`,
    { slug: leaver },
  );
  expect(brand).toEqual({
    before: { slug: alliance },
    after: null,
    memberships: [{ joinedOn: null, leftOn: '2025-10-31' }],
  });
});

async function total(period: string, basis = 'AS_MEMBERS', slug = alliance): Promise<Total> {
  const answer = await scenario.api.ask<{ alliance: { total: Total } }>(
    `query($slug: String!, $period: Period!, $basis: Basis!) { alliance(slug: $slug) {
      total(period: $period, basis: $basis) {
        value lower upper qualifier method basis membersWithData memberCount missing parts { subject { slug } period }
      }
    } }`,
    { slug, period, basis },
  );
  return answer.alliance.total;
}

async function contradictions(): Promise<readonly string[]> {
  const open = await scenario.api.db.contradiction.findMany({ where: { resolvedAt: null } });
  return open.map(({ kind }) => kind);
}

function months(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `2025-${String(first + index).padStart(2, '0')}`);
}

test('the months of a member that left stay in the total to date, also if nobody knows when it joined', async () => {
  const union = await scenario.subject('ALLIANCE');
  const stays = await scenario.subject('BRAND', { firstDeliveryOn: '2025-02-01' });
  const leaves = await scenario.subject('BRAND', { firstDeliveryOn: '2025-02-01' });
  await scenario.join(union, stays);
  await scenario.join(union, leaves, undefined, '2025-04-10');
  await scenario.record(stays, { '2025-02': 1_011, '2025-03': 1_012, '2025-04': 1_013 });
  await scenario.record(leaves, { '2025-02': 101, '2025-03': 102, '2025-04': 103 });
  const { total } = await scenario.api.ask<{ total: { total: object } }>(
    `{ total: alliance(slug: "${union}") { total(period: "../2025-04-30") { value lower upper memberCount missing } } }`,
  );
  // April of the one that left does not count.
  expect(total.total).toMatchObject({ value: 3_239, lower: 3_239, upper: 3_239, memberCount: 2, missing: [] });
});
