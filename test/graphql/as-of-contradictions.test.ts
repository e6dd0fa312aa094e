import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly subject: { readonly slug: string };
  readonly figures: readonly { readonly value: number; readonly rank: string }[];
}
interface Page {
  readonly totalCount: number;
  readonly nodes: readonly Shown[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const SHOWN = 'id kind subject { slug } metric periods gap figures { id value rank } setAside { id value } explanation';
const FUTURE = '2100-01-01T00:00:00Z';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function page(args: { filter?: object; asOf?: string; first?: number; after?: string | null }): Promise<Page> {
  const { contradictions } = await scenario.api.ask<{ contradictions: Page }>(
    `query ($filter: ChangeFilter, $asOf: DateTime, $first: Int, $after: String) {
      contradictions(filter: $filter, asOf: $asOf, first: $first, after: $after) {
        totalCount nodes { ${SHOWN} } pageInfo { endCursor hasNextPage }
      }
    }`,
    args,
  );
  return contradictions;
}

async function all(args: { filter?: object; asOf?: string }, first = 50): Promise<readonly Shown[]> {
  const found: Shown[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { nodes, pageInfo }: Page = await page({ ...args, first, after });
    found.push(...nodes);
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  return found;
}

/** Without what tells an instant from now. */
const bare = (shown: readonly Shown[]) =>
  shown.map(({ id: _id, ...rest }) => JSON.stringify(rest)).sort((a, b) => (a < b ? -1 : 1));

/** A brand of which another source said something else, later withdrawn; and the instants between. */
async function givenDispute(): Promise<{ brand: string; before: string; during: string; after: string }> {
  const brand = await scenario.subject('BRAND');
  const [maker, other] = [await scenario.source(1, '2025-02-01'), await scenario.source(3, '2025-02-05')];
  await scenario.record(brand, { '2025-01': 101 }, { sourceId: maker });
  const { ids } = await scenario.record(brand, { '2025-01': 141 }, { sourceId: other });
  const during = new Date().toISOString();
  await new Promise((done) => setTimeout(done, 3));
  await scenario.withdraw(ids[0] as string);
  return { brand, before: '2025-02-03T00:00:00Z', during, after: new Date(Date.now() + 1).toISOString() };
}

describe('contradictions as of', () => {
  test('the far future are the present ones, of all and of a subject, in other pages as well', async () => {
    const now = await all({});
    expect(now.length).toBeGreaterThan(10);
    const then = await all({ asOf: FUTURE });
    expect(bare(then)).toEqual(bare(now));
    expect(await all({ asOf: FUTURE }, 7)).toEqual(then);
    expect(new Set([...now, ...then].map(({ id }) => id)).size).toBe(2 * now.length);
    for (const filter of [{ subjects: ['nio-inc'] }, { subjects: ['hima'], metrics: ['DELIVERIES'] }])
      expect(bare(await all({ filter, asOf: FUTURE }))).toEqual(bare(await all({ filter })));
    expect(await page({ asOf: '1950-01-01T00:00:00Z' })).toMatchObject({ totalCount: 0, nodes: [] });
  });

  test('an instant are those among the claims that were known then', async () => {
    const { brand, before, during, after } = await givenDispute();
    const filter = { subjects: [brand] };
    expect(await all({ filter })).toEqual([]);
    expect(await all({ filter, asOf: before })).toEqual([]);
    expect(await all({ filter, asOf: during })).toMatchObject([
      { kind: 'SAME_PERIOD', subject: { slug: brand }, figures: [{ value: 101 }, { value: 141 }] },
    ]);
    expect(await all({ filter, asOf: after })).toEqual([]);
  });

  test('are those of an observation that was read with it, and are found by their ids', async () => {
    const { brand, before, during } = await givenDispute();
    const observe = async (asOf: string | null) =>
      (
        await scenario.api.ask<{ observation: { contradictions: Shown[] } }>(
          `query ($subject: String!, $asOf: DateTime) {
            observation(subject: $subject, period: "2025-01", asOf: $asOf) { contradictions { ${SHOWN} } }
          }`,
          { subject: brand, asOf },
        )
      ).observation.contradictions;
    expect(await observe(null)).toEqual([]);
    expect(await observe(before)).toEqual([]);
    const then = await observe(during);
    expect(then).toEqual(await all({ filter: { subjects: [brand] }, asOf: during }));
    const ids = [then[0]?.id, Buffer.from('Contradiction:1|DELIVERIES||x|0').toString('base64')];
    const { nodes } = await scenario.api.ask<{ nodes: unknown }>(
      `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Contradiction { ${SHOWN} } } }`,
      { ids },
    );
    expect(nodes).toEqual([{ __typename: 'Contradiction', ...then[0] }, null]);
  });

  test('of every observation of the seed agree with those of now', async () => {
    const { conflicts } = await scenario.api.ask<{ conflicts: { nodes: { now: unknown; period: string }[] } }>(
      `{ conflicts(first: 40) { nodes { subject { slug } metric period within { slug } contradictions { ${SHOWN} } } } }`,
    );
    expect(conflicts.nodes.length).toBeGreaterThan(10);
    for (const node of conflicts.nodes) {
      const { subject, metric, period, within, contradictions } = node as unknown as {
        subject: { slug: string };
        metric: string;
        period: string;
        within: { slug: string } | null;
        contradictions: Shown[];
      };
      const { observation } = await scenario.api.ask<{ observation: { contradictions: Shown[] } }>(
        `query ($subject: String!, $metric: Metric!, $period: Period!, $within: String, $asOf: DateTime) {
          observation(subject: $subject, metric: $metric, period: $period, within: $within, asOf: $asOf) {
            contradictions { ${SHOWN} }
          }
        }`,
        { subject: subject.slug, metric, period, within: within?.slug, asOf: FUTURE },
      );
      expect(bare(observation.contradictions)).toEqual(bare(contradictions));
    }
  });
});
