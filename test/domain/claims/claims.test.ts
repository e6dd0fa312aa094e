import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLAIMED_MONTH, claimed, look } from '../../support/claimed.ts';
import { about, between, openScenario, over, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

describe('agreement', () => {
  test('one claim is the sole one', async () => {
    const { brand } = await claimed(scenario, [1, 57_203]);
    expect(await look(scenario, brand)).toMatchObject({
      value: 57_203,
      agreement: 'SOLE',
      resolution: sentence(/^Only publisher-\d+ says/),
    });
  });

  test('the same value of several sources is said by all of them, however many origins they have', async () => {
    const { brand } = await claimed(scenario, [1, 57_203], [3, 57_203]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_203, agreement: 'AGREES', decidedBy: 'ONLY', origins: 2 },
      resolution: '2 sources say so, of 2 origins.',
    });
    const repeated = await scenario.subject('BRAND');
    for (const slug of ['digest-one', 'digest-two']) {
      const sourceId = await repeating(slug, 'cnevpost');
      await scenario.record(repeated, { [CLAIMED_MONTH]: 57_203 }, { sourceId });
    }
    expect(await look(scenario, repeated)).toMatchObject({
      ...{ value: 57_203, agreement: 'AGREES', origins: 1, resolution: '2 sources say so, of one origin.' },
    });
  });

  test('over 57,000 agrees with 57,203 and is refined to it', async () => {
    const { brand } = await claimed(scenario, [3, over(57_000)], [4, 57_203]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_203, lower: 57_203, upper: 57_203, qualifier: 'EXACT', agreement: 'AGREES' },
      ...{ decidedBy: 'PRECISION', resolution: sentence(/^publisher-\d+ is more precise than publisher-\d+\.$/) },
    });
  });

  test('the narrowest of several within the bounds refines', async () => {
    const { brand } = await claimed(scenario, [1, over(57_000)], [3, about(57_000)], [4, between(57_200, 57_300)]);
    expect(await look(scenario, brand)).toMatchObject({
      value: null,
      lower: 57_200,
      upper: 57_300,
      agreement: 'AGREES',
    });
  });

  test('about 410,000 conflicts with 390,000', async () => {
    const { brand } = await claimed(scenario, [3, about(410_000)], [4, 390_000]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 410_000, lower: 405_000, upper: 415_000, qualifier: 'ABOUT', agreement: 'CONFLICTS' },
      ...{
        decidedBy: 'TIER',
        resolution: sentence(/^publisher-\d+ \(tier 3\) ranks before publisher-\d+ \(tier 4\)\.$/),
      },
    });
  });

  test('about 410,000 agrees with what touches its bounds, and conflicts with what lies just outside', async () => {
    expect(await look(scenario, (await claimed(scenario, [3, about(410_000)], [4, 405_000])).brand)).toMatchObject({
      ...{ value: 405_000, agreement: 'AGREES' },
    });
    expect(await look(scenario, (await claimed(scenario, [3, about(410_000)], [4, 404_999])).brand)).toMatchObject({
      ...{ value: 410_000, agreement: 'CONFLICTS' },
    });
  });

  test('one contradiction among many is a conflict', async () => {
    const { brand } = await claimed(scenario, [1, 57_203], [3, 57_203], [4, 57_001]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_203, agreement: 'CONFLICTS', decidedBy: 'ORIGINS', origins: 2 },
      resolution: sentence(
        /^More independent origins \(2\) state what publisher-\d+ and publisher-\d+ say than what publisher-\d+ says\.$/,
      ),
    });
  });

  test('a round number agrees with a more precise one that rounds to it', async () => {
    // Half of a hundred to either side of 57,400; of 57,000 nobody can tell whether it is rounded.
    expect(await look(scenario, (await claimed(scenario, [1, 57_400], [4, 57_449])).brand)).toMatchObject({
      ...{ value: 57_449, lower: 57_449, upper: 57_449, qualifier: 'EXACT', agreement: 'AGREES' },
    });
    expect(await look(scenario, (await claimed(scenario, [1, 57_400], [4, 57_451])).brand)).toMatchObject({
      ...{ value: 57_400, agreement: 'CONFLICTS', decidedBy: 'TIER' },
    });
    expect(await look(scenario, (await claimed(scenario, [1, 57_000], [4, 57_499])).brand)).toMatchObject({
      ...{ value: 57_000, agreement: 'CONFLICTS', decidedBy: 'TIER' },
    });
  });
});

describe('the order of claims', () => {
  test('is first by what other periods add up to', async () => {
    const { brand } = await claimed(scenario, [1, 57_203], [1, 57_203], [4, 57_301]);
    const others = { '2025-10': 40_000, '2025-11': 41_000, '2025-Q4': 138_301 };
    await scenario.record(brand, others, { sourceId: await scenario.source(3) });
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_301, method: 'ASSERTED', agreement: 'CONFLICTS', decidedBy: 'SUMS' },
      resolution: sentence(
        /^What publisher-\d+ says fits other periods and parts, and what publisher-\d+ and publisher-\d+ say does not\.$/,
      ),
    });
  });

  test('is then by how many independent origins say so', async () => {
    const { brand } = await claimed(scenario, [1, 57_101], [3, 57_203], [4, 57_203]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_203, agreement: 'CONFLICTS', decidedBy: 'ORIGINS', origins: 2 },
      resolution: sentence(/^More independent origins \(2\) state /),
    });
  });

  test('counts those that repeat another publisher as one origin', async () => {
    const brand = await scenario.subject('BRAND');
    const maker = await scenario.source(1);
    await scenario.record(brand, { [CLAIMED_MONTH]: 57_101 }, { sourceId: maker });
    for (const slug of ['mirror-one', 'mirror-two']) {
      const sourceId = await repeating(slug, 'gasgoo');
      await scenario.record(brand, { [CLAIMED_MONTH]: 57_203 }, { sourceId });
    }
    expect(await look(scenario, brand)).toMatchObject({ value: 57_101, decidedBy: 'TIER', origins: 1 });
  });

  test('is then by how close the publisher is to the maker', async () => {
    const { brand } = await claimed(scenario, [3, 59_000], [1, about(57_000)]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_000, agreement: 'CONFLICTS', decidedBy: 'TIER' },
      resolution: sentence(/^publisher-\d+ \(tier 1\) ranks before publisher-\d+ \(tier 3\)\.$/),
    });
    const { brand: plain } = await claimed(scenario, [4, 57_101], [2, 57_203], [3, 57_151]);
    expect(await look(scenario, plain)).toMatchObject({
      ...{ value: 57_203, decidedBy: 'TIER' },
      resolution: sentence(
        /^publisher-\d+ \(tier 2\) ranks before publisher-\d+ \(tier 3\) and publisher-\d+ \(tier 4\)\.$/,
      ),
    });
  });

  test('is then by the narrower bounds', async () => {
    const { brand } = await claimed(scenario, [3, between(57_000, 57_400)], [3, between(57_300, 57_500)]);
    // Both can be true.
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: null, lower: 57_300, upper: 57_400, agreement: 'AGREES', decidedBy: 'PRECISION' },
      resolution: sentence(/is more precise than/),
    });
    const { brand: apart } = await claimed(scenario, [3, between(57_000, 57_400)], [3, between(57_500, 57_600)]);
    expect(await look(scenario, apart)).toMatchObject({
      ...{ lower: 57_500, upper: 57_600, agreement: 'CONFLICTS', decidedBy: 'PRECISION' },
    });
  });

  test('is then by the publication closest to the end of the period, which is no evidence', async () => {
    const { brand } = await claimed(scenario, [3, 57_203, '2026-01-05'], [3, 57_101, '2026-01-01'], [3, 57_301]);
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_101, agreement: 'CONFLICTS', decidedBy: 'CLOSENESS' },
      resolution: sentence(
        /^No evidence decides; publisher-\d+ published closer to the end of the period than publisher-\d+ and publisher-\d+\.$/,
      ),
    });
  });

  test('is last by what the claims hold, whatever the order of recording', async () => {
    const sources = [await scenario.source(3, '2026-01-01'), await scenario.source(3, '2026-01-01')] as const;
    const [one, other] = [
      [57_101, sources[0]],
      [57_203, sources[1]],
    ] as const;
    const inTurn = async (...said: readonly (readonly [number, string])[]) => {
      const brand = await scenario.subject('BRAND');
      for (const [value, sourceId] of said) await scenario.record(brand, { [CLAIMED_MONTH]: value }, { sourceId });
      return brand;
    };
    const inOneList = async (...said: readonly (readonly [number, string])[]) => {
      const brand = await scenario.subject('BRAND');
      const inputs = said.map(([value, sourceId]) => ({
        ...{ subject: brand, metric: 'DELIVERIES', period: CLAIMED_MONTH, value, sourceId },
      }));
      await scenario.api.ask('mutation($i: [FigureInput!]!) { recordFigures(inputs: $i) { cursor } }', { i: inputs });
      return brand;
    };
    const brands = [
      await inTurn(one, other),
      await inTurn(other, one),
      await inOneList(one, other),
      await inOneList(other, one),
    ];
    const observed = await Promise.all(brands.map((brand) => look(scenario, brand)));
    expect(observed[0]).toMatchObject({
      ...{ agreement: 'CONFLICTS', decidedBy: 'NONE' },
      resolution: sentence(/^No evidence decides between publisher-\d+ and publisher-\d+\.$/),
    });
    expect(new Set(observed.map((one) => `${one?.value} ${one?.resolution}`)).size).toBe(1);
  });
});

test('a claim that states only a change is no claim about the value', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.api.ask('mutation($input: FigureInput!) { recordFigure(input: $input) { cursor } }', {
    input: {
      ...{ subject: brand, metric: 'SALES', period: '2025', statedChangePercent: -10 },
      sourceId: await scenario.source(2),
    },
  });
  expect(await scenario.observe(brand, '2025', { metric: 'SALES' })).toBeNull();
});

/** A document of a publisher of its own that repeats what another publisher first said. */
async function repeating(slug: string, origin: string): Promise<string> {
  const publisher = { slug, name: slug, tier: 3 };
  await scenario.api.ask(
    'mutation($p: PublisherInput!) { registerSource(input: { publisher: $p, title: "Its own" }) { userErrors { code } } }',
    { p: { slug: origin, name: origin, tier: 3 } },
  );
  const { registerSource } = await scenario.api.ask<{ registerSource: { source: { id: string } } }>(
    'mutation($input: SourceInput!) { registerSource(input: $input) { source { id } userErrors { code } } }',
    { input: { publisher, title: `What ${slug} repeats`, origin } },
  );
  return registerSource.source.id;
}

function sentence(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
