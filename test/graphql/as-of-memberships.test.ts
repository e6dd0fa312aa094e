import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { givenSource, write } from '../support/writes.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

interface Known {
  readonly alliance: { readonly members: readonly { readonly brand: { readonly slug: string } }[] };
  readonly brand: {
    readonly alliance: { readonly slug: string } | null;
    readonly memberships: readonly { readonly id: string; readonly leftOn: string | null }[];
  };
}

function ask(alliance: string, brand: string, asOf: string | null, on: string | null = null): Promise<Known> {
  return scenario.api.ask<Known>(
    `query ($alliance: String!, $brand: String!, $on: Date, $asOf: DateTime) {
      alliance(slug: $alliance) { members(on: $on, asOf: $asOf) { brand { slug } } }
      brand(slug: $brand) { alliance(on: $on, asOf: $asOf) { slug } memberships(asOf: $asOf) { id leftOn source { title } } }
    }`,
    { alliance, brand, on, asOf },
  );
}

const slugsOf = ({ alliance: { members } }: Known) => members.map(({ brand: { slug } }) => slug);

test('members are those whose membership was published by then', async () => {
  // In the seed Gasgoo names AITO on 2026-01-15. Of the article that names the others no day is known.
  const published = await ask('hima', 'aito', '2026-01-14T16:00:00Z');
  expect(slugsOf(published)).toEqual(['aito']);
  expect(published.brand).toMatchObject({ alliance: { slug: 'hima' }, memberships: [{ leftOn: null }] });
  const before = await ask('hima', 'aito', '2026-01-14T15:59:59Z');
  expect(slugsOf(before)).toEqual([]);
  expect(before.brand).toEqual({ alliance: null, memberships: [] });
  expect(await ask('hima', 'aito', '2100-01-01T00:00:00Z')).toEqual(await ask('hima', 'aito', null));
  expect(slugsOf(await ask('hima', 'aito', '2100-01-01T00:00:00Z'))).toHaveLength(5);
});

test('without a document a membership is known from its recording, and a leaving from its own', async () => {
  const [alliance, brand] = [await scenario.subject('ALLIANCE'), await scenario.subject('BRAND')];
  const before = new Date(Date.now() - 1).toISOString();
  const joined = await write<{ membership: { id: string } }>(
    scenario.api,
    'joinAlliance',
    { alliance, brand, joinedOn: '2024-01' },
    'membership { id }',
  );
  const between = await afterNow();
  await scenario.api.ask(
    'mutation ($id: ID!) { leaveAlliance(membershipId: $id, leftOn: "2025-01") { userErrors { message } } }',
    { id: joined.membership.id },
  );
  expect(await ask(alliance, brand, before, '2024-06-01')).toMatchObject({
    alliance: { members: [] },
    brand: { alliance: null, memberships: [] },
  });
  // The fields are those of now, but nobody knew yet that it would leave.
  const whileMember = await ask(alliance, brand, between, '2025-06-01');
  expect(slugsOf(whileMember)).toEqual([brand]);
  expect(whileMember.brand).toMatchObject({ alliance: { slug: alliance }, memberships: [{ leftOn: '2025-01' }] });
  const left = await ask(alliance, brand, await afterNow(), '2025-06-01');
  expect(slugsOf(left)).toEqual([]);
  expect(left.brand).toMatchObject({ alliance: null, memberships: [{ leftOn: '2025-01' }] });
});

test('a document that was published before the recording makes it known from then', async () => {
  const [alliance, brand] = [await scenario.subject('ALLIANCE'), await scenario.subject('BRAND')];
  const sourceId = await givenSource(scenario.api, { publishedOn: '2025-03-01' });
  await write(scenario.api, 'joinAlliance', { alliance, brand, sourceId });
  expect(slugsOf(await ask(alliance, brand, '2025-02-28T15:59:59Z'))).toEqual([]);
  expect(slugsOf(await ask(alliance, brand, '2025-02-28T16:00:00Z'))).toEqual([brand]);
});

/** An instant after everything that was written so far, and before everything that follows. */
async function afterNow(): Promise<string> {
  await new Promise((done) => setTimeout(done, 3));
  const at = new Date().toISOString();
  await new Promise((done) => setTimeout(done, 3));
  return at;
}
