import { beforeEach, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

interface Board {
  readonly total: number;
  readonly entries: readonly { readonly share: number; readonly subject: { readonly slug: string } }[];
}

/** Far enough in the future that everything is known by then. */
const LATER = '2099-01-01T00:00:00Z';
const KINDS = [
  ['ALLIANCE', 'COMPANY', 'BRAND'],
  // The brands are not ranked, but counted twice all the same.
  ['ALLIANCE', 'COMPANY'],
];

let scenario: Scenario;
beforeEach(async () => {
  scenario = await openScenario();
  return () => scenario[Symbol.asyncDispose]();
});

describe.each([false, true])('the total counts each vehicle once, without parts: %s', (withoutParts) => {
  test.each(KINDS)('of a brand that an alliance and a company share (%s, %s)', async (...kinds) => {
    const { alliance, company, shared, other, ally } = await sharing();
    await record({ [alliance]: 1_000, [company]: 1_500, [shared]: 600, [other]: 900, [ally]: 400 });
    const { total, entries } = await board(kinds, withoutParts);
    expect(total).toBe(1_900);
    expect(entries.slice(0, 2).map(({ share }) => share)).toEqual([1_500 / 1_900, 1_000 / 1_900]);
  });

  test.each(KINDS)('of a company all of whose brands are in an alliance (%s, %s)', async (...kinds) => {
    const { alliance, company, shared, other } = await sharing();
    await scenario.join(alliance, other);
    await record({ [alliance]: 1_000, [company]: 700, [shared]: 600 });
    expect((await board(kinds, withoutParts)).total).toBe(1_000);
    // A larger one adds what is not known to be in the alliance.
    await record({ [company]: 1_100, [alliance]: 1_000, [shared]: 600 }, '2025-11');
    expect((await board(kinds, withoutParts, '2025-11')).total).toBe(1_500);
  });

  test('of a part of the shared brand, and of one that states more than its company', async () => {
    const { alliance, company, shared, other } = await sharing();
    const part = await scenario.subject('BRAND', { parent: shared });
    await record({ [alliance]: 1_000, [company]: 1_500, [shared]: 600, [part]: 100 });
    expect((await board(KINDS[0], withoutParts)).total).toBe(1_900);
    await record({ [alliance]: 1_000, [company]: 1_500, [part]: 100, [other]: 10 }, '2025-11');
    expect((await board(KINDS[0], withoutParts, '2025-11')).total).toBe(2_400);
    await record({ [alliance]: 1_000, [company]: 500, [shared]: 600 }, '2025-10');
    expect((await board(KINDS[0], withoutParts, '2025-10')).total).toBe(1_000);
  });
});

/** An alliance and a company, with two brands each of which they share one. */
async function sharing() {
  const [alliance, company] = [
    await scenario.subject('ALLIANCE'),
    await scenario.subject('COMPANY', { brandsComplete: false }),
  ];
  const shared = await scenario.subject('BRAND', { parent: company });
  const other = await scenario.subject('BRAND', { parent: company });
  const ally = await scenario.subject('BRAND');
  await scenario.join(alliance, shared);
  await scenario.join(alliance, ally);
  return { alliance, company, shared, other, ally };
}

async function record(values: Readonly<Record<string, number>>, period = '2025-12'): Promise<void> {
  for (const [slug, value] of Object.entries(values))
    await scenario.record(slug, { [period]: value }, { acknowledgeOutlier: true });
}

/** The board of now, which is also that of an instant after everything. */
async function board(kinds: readonly string[] = [], withoutParts = false, period = '2025-12'): Promise<Board> {
  const { now, later } = await scenario.api.ask<{ now: Board; later: Board }>(
    `query ($kinds: [SubjectKind!]!, $withoutParts: Boolean, $period: Period, $asOf: DateTime) {
      now: leaderboard(kinds: $kinds, withoutParts: $withoutParts, period: $period) { ...Shown }
      later: leaderboard(kinds: $kinds, withoutParts: $withoutParts, period: $period, asOf: $asOf) { ...Shown }
    }
    fragment Shown on Leaderboard { total entries { share subject { slug } } }`,
    { kinds, withoutParts, period, asOf: LATER },
  );
  expect(later).toEqual(now);
  return now;
}
