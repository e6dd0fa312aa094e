import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

interface Board {
  readonly total: number;
  readonly entries: readonly { readonly share: number | null; readonly subject: { readonly slug: string } }[];
}

/** Far enough in the future that everything is known by then. */
const LATER = '2099-01-01T00:00:00Z';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

describe.each([
  ['of what is kept', '2025-01', {}],
  ['worked out as of an instant', '2025-02', { asOf: LATER }],
] as const)('where a part states more than its whole, the shares %s', (_way, period, more) => {
  test('are of the sum in which the whole counts by its largest part', async () => {
    const [whole, outside] = [await scenario.subject('BRAND'), await scenario.subject('BRAND')];
    const [part, smaller] = [
      await scenario.subject('BRAND', { parent: whole }),
      await scenario.subject('BRAND', { parent: whole }),
    ];
    const inner = await scenario.subject('BRAND', { parent: part });
    await scenario.record(whole, { [period]: 1_007 });
    await scenario.record(outside, { [period]: 986 });
    const acknowledged = { acknowledgeOutlier: true };
    await scenario.record(part, { [period]: 2_014 }, acknowledged);
    await scenario.record(smaller, { [period]: 503 }, acknowledged);
    await scenario.record(inner, { [period]: 2_014 }, acknowledged);
    const { total, entries } = await board(period, more);
    expect(total).toBe(3_000);
    expect(Object.fromEntries(entries.map(({ subject, share }) => [subject.slug, share]))).toEqual({
      ...{ [part]: 2_014 / 3_000, [inner]: 2_014 / 3_000, [whole]: 1_007 / 3_000, [smaller]: 503 / 3_000 },
      [outside]: 986 / 3_000,
    });
  });
});

async function board(period: string, more: { readonly asOf?: string }): Promise<Board> {
  const { leaderboard } = await scenario.api.ask<{ leaderboard: Board }>(
    `query ($period: Period!, $asOf: DateTime) {
      leaderboard(period: $period, kinds: [BRAND], asOf: $asOf) { total entries { share subject { slug } } }
    }`,
    { period, ...more },
  );
  return leaderboard;
}
