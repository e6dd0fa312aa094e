import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

/** Periods, days of publication and values, some unknown and some equal, in the order of their recording; the name is the place in it. */
const GIVEN = [
  { period: '2025-03', published: '2025-04-02', value: 300 },
  { period: '2025-01', published: null, value: 111 },
  { period: '2025-02', published: '2025-04-01', bounds: [90, 500] },
  { period: '2025-03', published: '2025-04-02', value: 111 },
  { period: '2025-Q1', published: null, bounds: [100, 9_000] },
  { period: '2025-01', published: '2025-02-01', value: 0 },
] as const;

/** Unknown days and values come last. Equal ones come in the order of recording, but the last recorded first where that is asked for. */
const ORDERS = {
  PERIOD_DESC: '0 3 4 2 1 5',
  PERIOD_ASC: '1 5 2 0 3 4',
  RECORDED_DESC: '5 4 3 2 1 0',
  RECORDED_ASC: '0 1 2 3 4 5',
  PUBLISHED_DESC: '3 0 2 5 4 1',
  VALUE_DESC: '0 1 3 5 2 4',
} as const;

beforeAll(async () => {
  await givenSubject(api, 'BRAND', { slug: 'brand' });
  for (const [name, { period, published, ...claim }] of GIVEN.entries()) {
    const sourceId = await givenSource(api, published === null ? {} : { publishedOn: published });
    const stated = 'value' in claim ? claim : { qualifier: 'BETWEEN', lower: claim.bounds[0], upper: claim.bounds[1] };
    const input = { subject: 'brand', metric: 'DELIVERIES', period, sourceId, note: String(name), ...stated };
    expect(await write(api, 'recordFigure', input)).toEqual({ userErrors: [] });
  }
});

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly note: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
}

const DECLARED = '$orderBy: FigureOrder, $first: Int, $after: String, $last: Int, $before: String';
const LIST = 'figures(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before)';
const SHOWN = 'totalCount edges { cursor node { note NODE } } pageInfo { hasNextPage hasPreviousPage }';
/** What is asked of the source does not matter to an order by its day. */
const NODES = [
  '',
  'source { id }',
  'source { title publisher { name } }',
  'source { publishedOn figures { totalCount } }',
];

describe.each(['of all', 'of one subject'])('figures %s', (which) => {
  async function readPage(args: object, node = ''): Promise<Page> {
    const list = `${LIST} { ${SHOWN.replace('NODE', node)} }`;
    const document = which === 'of all' ? list : `brand(slug: "brand") { ${list} }`;
    const data = await api.ask<{ figures: Page; brand?: { figures: Page } }>(`query (${DECLARED}) { ${document} }`, {
      ...args,
    });
    return data.brand?.figures ?? data.figures;
  }
  const namesOf = ({ edges }: Page): readonly string[] => edges.map(({ node }) => node.note);

  test.each(Object.entries(ORDERS))('%s is %s, whatever is asked of them', async (orderBy, expected) => {
    for (const node of NODES) expect(namesOf(await readPage({ orderBy }, node)).join(' ')).toBe(expected);
  });

  test.each(Object.entries(ORDERS))('%s goes on at each figure, in both directions', async (orderBy, expected) => {
    const names = expected.split(' ');
    const { edges } = await readPage({ orderBy });
    for (const [index, { cursor }] of edges.entries()) {
      const next = await readPage({ orderBy, first: 2, after: cursor }, 'source { title }');
      expect(namesOf(next)).toEqual(names.slice(index + 1, index + 3));
      expect(next.pageInfo).toEqual({ hasNextPage: index + 3 < names.length, hasPreviousPage: true });
      const back = await readPage({ orderBy, last: 2, before: cursor }, 'source { title }');
      expect(namesOf(back)).toEqual(names.slice(Math.max(index - 2, 0), index));
      expect(back.pageInfo).toEqual({ hasNextPage: true, hasPreviousPage: index > 2 });
      expect(next.totalCount).toBe(names.length);
    }
  });

  test('without an order the newest period comes first, and null is no order', async () => {
    for (const args of [{}, { orderBy: null }])
      expect(namesOf(await readPage(args)).join(' ')).toBe(ORDERS.PERIOD_DESC);
  });
});
