import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLAIMED_MONTH, claimed, look } from '../../support/claimed.ts';
import { openScenario, over, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

describe('the rank of a claim', () => {
  test('decides alone when one claim is preferred', async () => {
    const { brand, ids } = await claimed(scenario, [1, 57_203], [4, 57_000], [4, over(56_000)]);
    await scenario.rank(ids[1] as string, 'PREFERRED');
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_000, agreement: 'SOLE', decidedBy: 'EDITOR' },
      resolution: sentence(/^The editors prefer what publisher-\d+ says\.$/),
    });
  });

  test('leaves several preferred claims to the order', async () => {
    const { brand, ids } = await claimed(scenario, [1, 57_203], [4, 57_001], [3, 57_101]);
    await scenario.rank(ids[1] as string, 'PREFERRED');
    await scenario.rank(ids[2] as string, 'PREFERRED');
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 57_101, agreement: 'CONFLICTS', decidedBy: 'TIER' },
      resolution: sentence(/^publisher-\d+ \(tier 3\) ranks before publisher-\d+ \(tier 4\)\.$/),
    });
  });

  test('keeps a deprecated claim from counting, and from being shown unless asked for', async () => {
    const { brand, ids } = await claimed(scenario, [1, 41], [3, 410_000]);
    await scenario.rank(ids[0] as string, 'DEPRECATED');
    expect(await look(scenario, brand)).toMatchObject({
      ...{ value: 410_000, agreement: 'SOLE', decidedBy: 'EDITOR' },
      resolution: sentence(/^Only publisher-\d+ says so; the editors deprecated what else was said\.$/),
    });
    const { observation } = await scenario.api.ask<{ observation: unknown }>(
      `query($subject: String!, $period: Period!) { observation(subject: $subject, period: $period) {
        counted: claims { value }
        all: claims(includeDeprecated: true) { value rank rankReason }
      } }`,
      { subject: brand, period: CLAIMED_MONTH },
    );
    expect(observation).toEqual({
      counted: [{ value: 410_000 }],
      all: [
        { value: 41, rank: 'DEPRECATED', rankReason: 'Checked.' },
        { value: 410_000, rank: 'NORMAL', rankReason: null },
      ],
    });
  });

  test('leaves what is not deprecated to the order', async () => {
    const { brand, ids } = await claimed(scenario, [1, 41], [3, 57_101], [4, 57_203]);
    await scenario.rank(ids[0] as string, 'DEPRECATED');
    expect(await look(scenario, brand)).toMatchObject({ value: 57_101, agreement: 'CONFLICTS', decidedBy: 'TIER' });
  });

  test('does not bring a deprecated claim back when another is preferred', async () => {
    const { brand, ids } = await claimed(scenario, [1, 57_203], [3, 57_000]);
    await scenario.rank(ids[0] as string, 'DEPRECATED');
    await scenario.rank(ids[1] as string, 'DEPRECATED');
    expect(await scenario.observe(brand, CLAIMED_MONTH)).toBeNull();
  });

  test('is kept when the claim is restated', async () => {
    const { brand, ids } = await claimed(scenario, [1, 57_203], [4, 57_000]);
    await scenario.rank(ids[1] as string, 'PREFERRED');
    await scenario.revise(ids[1] as string, 57_001);
    expect(await look(scenario, brand)).toMatchObject({ value: 57_001, agreement: 'SOLE' });
  });
});

function sentence(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
