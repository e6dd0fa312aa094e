import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../support/scenario.ts';

interface Figures {
  readonly totalCount: number;
  readonly nodes: readonly { readonly value: number }[];
  readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
}

const SHOWN = 'totalCount nodes { value } pageInfo { endCursor hasNextPage }';
const DECLARED = '$filter: FigureFilter, $first: Int, $after: String, $asOf: DateTime';
const PASSED = 'filter: $filter, first: $first, after: $after, asOf: $asOf';

/** Xiaomi's May of 2024, which the seed has as published on 1 June and restated on 2 June. */
const MAY = { subjects: ['xiaomi-auto'], metrics: ['DELIVERIES'], periods: ['2024-05'] };

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

async function list(filter: object, asOf?: string, page: object = {}): Promise<Figures> {
  const { figures } = await scenario.api.ask<{ figures: Figures }>(
    `query (${DECLARED}) { figures(${PASSED}) { ${SHOWN} } }`,
    { filter, asOf, ...page },
  );
  return figures;
}

async function listBelow(slug: string, filter: object, asOf?: string): Promise<Figures> {
  const { subject } = await scenario.api.ask<{ subject: { figures: Figures } }>(
    `query (${DECLARED}, $slug: String!) { subject(slug: $slug) { figures(${PASSED}) { ${SHOWN} } } }`,
    { slug, filter, asOf },
  );
  return subject.figures;
}

describe('figures as of', () => {
  test.each([
    ['2024-05-31T15:59:59Z', []],
    ['2024-05-31T16:00:00Z', [8_630]],
    ['2024-06-01T15:59:59Z', [8_630]],
    ['2024-06-01T16:00:00Z', [8_646]],
    ['2100-01-01T00:00:00Z', [8_646]],
  ])('%s are those that were published by then and not yet restated', async (asOf, values) => {
    const nodes = values.map((value) => ({ value }));
    expect(await list(MAY, asOf)).toMatchObject({ totalCount: values.length, nodes });
    expect(await listBelow('xiaomi-auto', MAY, asOf)).toMatchObject({ totalCount: values.length, nodes });
  });

  test('restated ones are shown where they are asked for, once they were known', async () => {
    const all = { ...MAY, currentOnly: false };
    expect((await list(all, '2024-06-01T15:59:59Z')).nodes).toEqual([{ value: 8_630 }]);
    expect((await list(all, '2024-06-01T16:00:00Z')).nodes).toEqual([{ value: 8_630 }, { value: 8_646 }]);
  });

  test('in the far future they are the present ones, and before everything there are none', async () => {
    expect(await list({}, '2100-01-01T00:00:00Z')).toEqual(await list({}));
    expect(await list({}, '1950-01-01T00:00:00Z')).toMatchObject({ totalCount: 0, nodes: [] });
  });

  test('are paged like the present ones', async () => {
    const asOf = '2024-06-01T15:59:59Z';
    const filter = { subjects: ['xiaomi-auto', 'nio-inc'], metrics: ['DELIVERIES'] };
    const whole = await list(filter, asOf, { first: 100 });
    const read: unknown[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { nodes, pageInfo } = await list(filter, asOf, { first: 7, after });
      read.push(...nodes);
      [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
    }
    expect(read.length).toBeGreaterThan(14);
    expect(read.slice(0, 100)).toEqual(whole.nodes);
    expect(read).toHaveLength(whole.totalCount);
  });

  test('one without a day of publication counts from when it was recorded', async () => {
    const brand = await scenario.subject('BRAND');
    const before = new Date(Date.now() - 1).toISOString();
    await scenario.record(brand, { '2025-01': 100 });
    expect(await listBelow(brand, {}, before)).toMatchObject({ totalCount: 0 });
    expect(await listBelow(brand, {}, new Date().toISOString())).toMatchObject({ totalCount: 1 });
  });
});
