import { beforeEach, describe, expect, test } from 'vitest';
import { openWorld, over, type World } from '../support/world.ts';

interface Total {
  readonly value: number | null;
  readonly membersWithData: number;
  readonly parts: readonly { readonly subject: { readonly slug: string }; readonly period: string }[];
}

const OCTOBER_TO_DECEMBER = { '2025-10': 40_000, '2025-11': 50_000, '2025-12': 60_000 };

let world: World;
let alliance: string;
/** A member from the start, one that joined on 2025-09-15 and one that left on 2025-10-31. */
let founder: string;
let joiner: string;
let leaver: string;
beforeEach(async () => {
  world = await openWorld();
  alliance = await world.subject('ALLIANCE');
  founder = await world.subject('BRAND');
  joiner = await world.subject('BRAND');
  leaver = await world.subject('BRAND');
  await world.join(alliance, founder);
  await world.join(alliance, joiner, '2025-09-15');
  await world.join(alliance, leaver, undefined, '2025-10-31');
  return () => world[Symbol.asyncDispose]();
});

test('membership is half-open: a brand is a member on the day it joins and not on the day it leaves', async () => {
  const days = ['2025-09-14', '2025-09-15', '2025-10-30', '2025-10-31'];
  const { alliance: members } = await world.api.ask<{ alliance: Record<string, { brand: { slug: string } }[]> }>(
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

describe('with the months of all', () => {
  beforeEach(async () => {
    const months = Array.from({ length: 9 }, (_, index) => [`2025-0${index + 1}`, 10_000] as const);
    await world.record(founder, { ...Object.fromEntries(months), ...OCTOBER_TO_DECEMBER });
    await world.record(joiner, {
      '2025-08': 1_000,
      '2025-09': 2_000,
      '2025-10': 3_000,
      '2025-11': 4_000,
      '2025-12': 5_000,
    });
    await world.record(leaver, { ...Object.fromEntries(months), '2025-10': 100, '2025-11': 200, '2025-12': 300 });
  });

  test('a month counts for those who are members on its last day', async () => {
    expect(await total('2025-08')).toMatchObject({ value: 20_000, memberCount: 2, membersWithData: 2 });
    expect(await total('2025-09')).toMatchObject({ value: 22_000, memberCount: 3, membersWithData: 3 });
    expect(await total('2025-10')).toMatchObject({ value: 43_000, memberCount: 2, membersWithData: 2 });
  });

  test('a quarter is made of the months that count of each', async () => {
    expect(await total('2025-Q4')).toMatchObject({
      ...{ value: 162_000, lower: 162_000, upper: 162_000, qualifier: 'EXACT', method: 'DERIVED' },
      ...{ memberCount: 2, membersWithData: 2, missing: [] },
    });
    expect(await total('2025-Q3')).toMatchObject({ value: 62_000, memberCount: 3, membersWithData: 3 });
  });

  test('a year is made of the months that count of each, with its parts', async () => {
    const year = await total('2025');
    expect(year).toMatchObject({ value: 240_000 + 14_000 + 90_000, memberCount: 3, membersWithData: 3, missing: [] });
    expect(year.parts.map(({ subject, period }) => [subject.slug, period])).toEqual([
      [founder, '2025'],
      [joiner, '2025-09/2025-12'],
      [leaver, '2025-01/2025-09'],
    ]);
  });

  test("the full history is all of today's members, also from before they joined", async () => {
    expect(await total('2025-08', 'FULL_HISTORY')).toMatchObject({ value: 11_000, memberCount: 2, membersWithData: 2 });
    expect(await total('2025-Q4', 'FULL_HISTORY')).toMatchObject({ value: 162_000, memberCount: 2 });
    // Of the joiner nothing is known before August.
    expect(await total('2025', 'FULL_HISTORY')).toMatchObject({
      ...{ value: 255_000, lower: 255_000, upper: null, qualifier: 'OVER', memberCount: 2, membersWithData: 2 },
      missing: ['2025-01', '2025-02', '2025-03', '2025-04', '2025-05', '2025-06', '2025-07'],
    });
  });

  test('what is stated of the alliance itself wins, and coverage and parts come along', async () => {
    await world.record(alliance, { '2025-Q4': over(170_000) });
    const quarter = await total('2025-Q4');
    expect(quarter).toMatchObject({
      ...{ value: 170_000, upper: null, qualifier: 'OVER', method: 'ASSERTED', memberCount: 2, membersWithData: 2 },
    });
    expect(quarter.parts).toHaveLength(2);
    expect(await total('2025-12')).toMatchObject({ value: 65_000, method: 'DERIVED' });
  });
});

test('a year known only whole does not count for a brand that joined within it, and its months are missing', async () => {
  await world.record(founder, { '2025': 240_000 });
  await world.record(joiner, { '2025': 30_000 });
  expect(await total('2025')).toMatchObject({
    ...{ value: 240_000, lower: 240_000, upper: null, qualifier: 'OVER', memberCount: 3, membersWithData: 1 },
    missing: [...months(1, 8), '2025-09', '2025-10', '2025-11', '2025-12'],
  });
  expect(await total('2025', 'FULL_HISTORY')).toMatchObject({
    ...{ value: 270_000, upper: 270_000, qualifier: 'EXACT', memberCount: 2, membersWithData: 2, missing: [] },
  });
});

test('a member without data makes the sum a lower bound, and no data at all makes no value', async () => {
  expect(await total('2025-12')).toMatchObject({
    ...{ value: null, lower: null, upper: null, qualifier: null },
    ...{ memberCount: 2, membersWithData: 0, missing: ['2025-12'], parts: [] },
  });
  await world.record(founder, { '2025-12': 60_000 });
  expect(await total('2025-12')).toMatchObject({
    ...{ value: 60_000, lower: 60_000, upper: null, qualifier: 'OVER' },
    ...{ memberCount: 2, membersWithData: 1, missing: ['2025-12'] },
  });
});

test('a brand knows its alliance of a day', async () => {
  const { brand } = await world.api.ask<{ brand: unknown }>(
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

async function total(period: string, basis = 'AS_MEMBERS'): Promise<Total> {
  const answer = await world.api.ask<{ alliance: { total: Total } }>(
    `query($slug: String!, $period: Period!, $basis: Basis!) { alliance(slug: $slug) {
      total(period: $period, basis: $basis) {
        value lower upper qualifier method basis membersWithData memberCount missing parts { subject { slug } period }
      }
    } }`,
    { slug: alliance, period, basis },
  );
  return answer.alliance.total;
}

function months(first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `2025-${String(first + index).padStart(2, '0')}`);
}
