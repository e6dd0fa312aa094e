import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { about, between, openWorld, over, type Stated, type World } from '../support/world.ts';

const MONTH = '2025-12';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

describe('agreement', () => {
  test('one claim is the sole one', async () => {
    const { brand } = await claimed([1, 57_203]);
    expect(await look(brand)).toMatchObject({
      value: 57_203,
      agreement: 'SOLE',
      resolution: sentence(/^Only publisher-\d+ says/),
    });
  });

  test('over 57,000 agrees with 57,203 and is refined to it', async () => {
    const { brand } = await claimed([3, over(57_000)], [4, 57_203]);
    expect(await look(brand)).toMatchObject({
      ...{ value: 57_203, lower: 57_203, upper: 57_203, qualifier: 'EXACT', agreement: 'AGREES' },
      resolution: sentence(
        /^publisher-\d+ is more precise than publisher-\d+, within the same bounds; the other agrees\.$/,
      ),
    });
  });

  test('of several within the bounds the narrowest refines', async () => {
    const { brand } = await claimed([1, over(57_000)], [3, about(57_000)], [4, between(57_200, 57_300)]);
    expect(await look(brand)).toMatchObject({ value: null, lower: 57_200, upper: 57_300, agreement: 'AGREES' });
  });

  test('about 410,000 conflicts with 390,000', async () => {
    const { brand } = await claimed([3, about(410_000)], [4, 390_000]);
    expect(await look(brand)).toMatchObject({
      ...{ value: 410_000, lower: 405_000, upper: 415_000, qualifier: 'ABOUT', agreement: 'CONFLICTS' },
      resolution: sentence(
        /^Of 2 claims the one by publisher-\d+ stands, because it is .+; the other contradicts it\.$/,
      ),
    });
  });

  test('about 410,000 agrees with what touches its bounds, and conflicts with what lies just beside them', async () => {
    expect(await look((await claimed([3, about(410_000)], [4, 405_000])).brand)).toMatchObject({
      ...{ value: 405_000, agreement: 'AGREES' },
    });
    expect(await look((await claimed([3, about(410_000)], [4, 404_999])).brand)).toMatchObject({
      ...{ value: 410_000, agreement: 'CONFLICTS' },
    });
  });

  test('one contradiction among many is a conflict, and the sentence counts it', async () => {
    const { brand } = await claimed([1, 57_203], [3, 57_203], [4, 57_000]);
    expect(await look(brand)).toMatchObject({
      ...{ value: 57_203, agreement: 'CONFLICTS' },
      resolution: sentence(/^Of 3 claims .+; 1 of the others contradicts it\.$/),
    });
  });
});

describe('the order of claims', () => {
  test('is first by how close the publisher is to the maker', async () => {
    const { brand } = await claimed([3, 59_000], [1, about(57_000)]);
    expect(await look(brand)).toMatchObject({
      ...{ value: 57_000, agreement: 'CONFLICTS' },
      resolution: sentence(/because it is closer to the maker \(tier 1 before 3\); the other contradicts it/),
    });
    const { brand: plain } = await claimed([4, 57_100], [2, 57_203], [3, 57_150]);
    expect(await look(plain)).toMatchObject({
      value: 57_203,
      resolution: sentence(/closer to the maker \(tier 2 before 3\)/),
    });
  });

  test('is then by the narrower bounds', async () => {
    const { brand } = await claimed([3, between(57_000, 57_400)], [3, between(57_300, 57_500)]);
    expect(await look(brand)).toMatchObject({ lower: 57_300, agreement: 'AGREES', resolution: sentence(/more exact/) });
  });

  test('is then by the newest publication, a document without a day last', async () => {
    const { brand } = await claimed([3, 57_100, '2026-01-01'], [3, 57_203, '2026-01-05'], [3, 57_300]);
    expect(await look(brand)).toMatchObject({
      value: 57_203,
      resolution: sentence(/the newest published; the others contra/),
    });
  });

  test('is then by the latest recording', async () => {
    const { brand } = await claimed([3, 57_100, '2026-01-01'], [3, 57_203, '2026-01-01']);
    expect(await look(brand)).toMatchObject({
      value: 57_203,
      resolution: sentence(/the latest recorded; the other contradicts/),
    });
  });

  test('is at last by the place in the list they were sent in', async () => {
    const brand = await world.subject('BRAND');
    const sources = [await world.source(3, '2026-01-01'), await world.source(3, '2026-01-01')];
    const inputs = sources.map((sourceId, index) => ({
      ...{ subject: brand, metric: 'DELIVERIES', period: MONTH, value: 57_100 + index, sourceId },
    }));
    await world.api.ask('mutation($i: [FigureInput!]!) { recordFigures(inputs: $i) { cursor } }', { i: inputs });
    expect(await look(brand)).toMatchObject({ value: 57_100, resolution: sentence(/the first of equals/) });
  });
});

describe('the weight that editors give', () => {
  test('a preferred claim stands alone', async () => {
    const { brand, ids } = await claimed([1, 57_203], [4, 57_000], [4, over(56_000)]);
    await world.rank(ids[1] as string, 'PREFERRED');
    expect(await look(brand)).toMatchObject({
      ...{ value: 57_000, agreement: 'SOLE' },
      resolution: sentence(/^The editors prefer what publisher-\d+ says\.$/),
    });
  });

  test('of several preferred claims the order decides', async () => {
    const { brand, ids } = await claimed([1, 57_203], [4, 57_000], [3, 57_100]);
    await world.rank(ids[1] as string, 'PREFERRED');
    await world.rank(ids[2] as string, 'PREFERRED');
    expect(await look(brand)).toMatchObject({
      value: 57_100,
      agreement: 'CONFLICTS',
      resolution: sentence(/^Of 2 claims/),
    });
  });

  test('a deprecated claim does not count and is shown only when asked for', async () => {
    const { brand, ids } = await claimed([1, 41], [3, 410_000]);
    await world.rank(ids[0] as string, 'DEPRECATED');
    expect(await look(brand)).toMatchObject({
      value: 410_000,
      agreement: 'SOLE',
      resolution: sentence(/^Only publisher-\d+ /),
    });
    const { observation } = await world.api.ask<{ observation: unknown }>(
      `query($subject: String!, $period: Period!) { observation(subject: $subject, period: $period) {
        counted: claims { value }
        all: claims(includeDeprecated: true) { value rank rankReason }
      } }`,
      { subject: brand, period: MONTH },
    );
    expect(observation).toEqual({
      counted: [{ value: 410_000 }],
      all: [
        { value: 41, rank: 'DEPRECATED', rankReason: 'Checked.' },
        { value: 410_000, rank: 'NORMAL', rankReason: null },
      ],
    });
  });

  test('a preferred claim does not bring a deprecated one back', async () => {
    const { brand, ids } = await claimed([1, 57_203], [3, 57_000]);
    await world.rank(ids[0] as string, 'DEPRECATED');
    await world.rank(ids[1] as string, 'DEPRECATED');
    expect(await world.observe(brand, MONTH)).toBeNull();
  });

  test('a claim keeps its weight when it is restated', async () => {
    const { brand, ids } = await claimed([1, 57_203], [4, 57_000]);
    await world.rank(ids[1] as string, 'PREFERRED');
    await world.revise(ids[1] as string, 57_001);
    expect(await look(brand)).toMatchObject({ value: 57_001, agreement: 'SOLE' });
  });
});

test('a claim of a change alone is no claim about the value', async () => {
  const brand = await world.subject('BRAND');
  await world.api.ask('mutation($input: FigureInput!) { recordFigure(input: $input) { cursor } }', {
    input: {
      ...{ subject: brand, metric: 'SALES', period: '2025', statedChangePercent: -10 },
      sourceId: await world.source(2),
    },
  });
  expect(await world.observe(brand, '2025', { metric: 'SALES' })).toBeNull();
});

/** A brand about whose December several sources speak, each with its tier, its word and, if known, the day of its publication. */
async function claimed(...said: readonly [tier: 1 | 2 | 3 | 4, stated: number | Stated, publishedOn?: string][]) {
  const brand = await world.subject('BRAND');
  const ids: string[] = [];
  for (const [tier, stated, publishedOn] of said) {
    const sourceId = await world.source(tier, publishedOn);
    const written = await world.record(brand, { [MONTH]: stated }, { sourceId });
    ids.push(...written.ids);
  }
  return { brand, ids };
}

/** What is known of the month; its resolution is one plain sentence. */
async function look(brand: string) {
  const observed = await world.observe(brand, MONTH);
  expect(observed?.resolution).toMatch(/^[^.]+\.$/);
  return observed;
}

function sentence(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
