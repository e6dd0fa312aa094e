import { afterAll, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';

const api = await openApi({ seeded: true });
afterAll(() => api[Symbol.asyncDispose]());

const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

/** The first object of each type that has an id, with that id. */
async function oneOfEach(): Promise<readonly { readonly __typename: string; readonly id: string }[]> {
  const data = await api.ask<Record<string, { nodes: { __typename: string; id: string }[] }>>(`{
    brands(first: 1) { nodes { __typename id } } companies(first: 1) { nodes { __typename id } }
    alliances(first: 1) { nodes { __typename id } } models(first: 1) { nodes { __typename id } }
    plants(first: 1) { nodes { __typename id } } markets(first: 1) { nodes { __typename id } }
    sources(first: 1) { nodes { __typename id publisher { __typename id } } }
    figures(first: 1) { nodes { __typename id } } milestones(first: 1) { nodes { __typename id } }
    targets(first: 1) { nodes { __typename id } } contradictions(first: 1) { nodes { __typename id } }
    conflicts(first: 1) { nodes { __typename id } }
  }`);
  const { brand } = await api.ask<{ brand: { memberships: { __typename: string; id: string }[] } }>(
    '{ brand(slug: "aito") { memberships { __typename id } } }',
  );
  const publishers = data.sources?.nodes.map((node) => (node as unknown as { publisher: never }).publisher) ?? [];
  return [...Object.values(data).flatMap(({ nodes }) => nodes), ...publishers, ...brand.memberships].map(
    ({ __typename, id }) => ({ __typename, id }),
  );
}

test('every object with an id is found by it, in the order of the ids', async () => {
  const objects = await oneOfEach();
  expect(objects.map(({ __typename }) => __typename).sort()).toEqual([
    ...['Alliance', 'Brand', 'Company', 'Contradiction', 'Figure', 'Market', 'Membership'],
    ...['Milestone', 'Model', 'Observation', 'Plant', 'Publisher', 'Source', 'Target'],
  ]);
  const ids = objects.map(({ id }) => id);
  expect(await api.ask(NODES, { ids })).toEqual({ nodes: objects });
  expect(await api.ask(NODES, { ids: ids.toReversed() })).toEqual({ nodes: objects.toReversed() });
});

test('the ids of two objects are never the same', async () => {
  const ids = (await oneOfEach()).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test.each([
  ['a text that is not an id', 'nonsense'],
  ['nothing', ''],
  ['an unknown row', base64('Brand:999999')],
  ['a row of another kind', base64('Market:1')],
  ['a type that has no id', base64('Query:1')],
  ['a row larger than a row can be', base64('Brand:99999999999')],
  ['a row below 1', base64('Brand:0')],
  ['a number followed by more', base64('Company:1abc')],
])('the id of %s finds nothing, and is not an error', async (_name, id) => {
  const known = await api.ask<{ company: { id: string } }>('{ company(slug: "nio-inc") { id } }');
  expect(await api.ask('query ($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
  expect(await api.ask(NODES, { ids: [id, known.company.id] })).toEqual({
    nodes: [null, { __typename: 'Company', id: known.company.id }],
  });
});

test('100 ids are looked up at once, 101 are refused', async () => {
  const { company } = await api.ask<{ company: { id: string } }>('{ company(slug: "nio-inc") { id } }');
  const { nodes } = await api.ask<{ nodes: unknown[] }>(NODES, { ids: Array(100).fill(company.id) });
  expect(nodes).toHaveLength(100);
  const { data, errors } = await api.query(NODES, { ids: Array(101).fill(company.id) });
  // It is refused before it is executed.
  expect(data).toBeUndefined();
  expect(errors).toMatchObject([
    { path: ['nodes'], extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'TOO_MANY', path: ['ids'] }] } },
  ]);
});

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
