import { afterAll, beforeAll, expect, test } from 'vitest';
import { openServer, type TestServer } from '../support/server.ts';

/** An error tells no more than this. */
const ANSWER_BYTES = 32 * 1024;

let server: TestServer;
beforeAll(async () => {
  server = await openServer({ seeded: true });
});
afterAll(() => server[Symbol.asyncDispose]());

test.each([
  ['a list of operations', [{ query: '{ __typename }' }, { query: '{ __typename }' }], 'BAD_REQUEST'],
  [
    'a hundred boards over all years as aliases',
    { query: repeat(100, (n) => `a${n}: leaderboard(period: "2000/2050") { total }`) },
    'TOO_COSTLY',
  ],
  ['501 aliases of the cheapest field', { query: repeat(501, (n) => `a${n}: __typename`) }, 'TOO_COSTLY'],
  ['the same field 501 times', { query: repeat(501, () => '__typename') }, 'TOO_COSTLY'],
  [
    'a directive that is not there, 500 times',
    { query: `{ __typename ${'@no '.repeat(500)} }` },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'a directive that may stand once, 100 times',
    { query: `{ __typename ${'@skip(if: false) '.repeat(100)} }` },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  ['more than 16 KiB', { query: `{ __typename } #${'x'.repeat(16 * 1024)}` }, 'TOO_COSTLY'],
  ['more than 2,000 tokens', { query: repeat(1_001, (n) => `a${n}:__typename`) }, 'TOO_COSTLY'],
  [
    'circular introspection',
    { query: `{ __schema { types { ${'fields { type { '.repeat(6)}name${' } }'.repeat(6)} } } }` },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'fragments that contain each other',
    { query: '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }' },
    'GRAPHQL_VALIDATION_FAILED',
  ],
  [
    'pages within pages',
    { query: '{ brands(first: 100) { nodes { figures(first: 100) { nodes { source { title } } } } } }' },
    'TOO_COSTLY',
  ],
])('%s is refused in few words', async (_what, body, code) => {
  const response = await send(body);
  const text = await response.text();
  expect(text.length).toBeLessThan(ANSWER_BYTES);
  expect(JSON.parse(text).errors[0].extensions.code).toBe(code);
});

test('answers have no traces, also if they are asked for', async () => {
  const headers = { 'apollo-tracing': '1', 'apollo-federation-include-trace': 'ftv1', 'x-apollo-tracing': '1' };
  const { data, extensions } = await (await send({ query: '{ __typename }' }, headers)).json();
  expect([data, extensions]).toEqual([{ __typename: 'Query' }, undefined]);
});

test.each([
  'nio\'; drop table "Figure"; --',
  "' or 1=1 --",
  '%',
  '_',
  '\\',
  'nio\' union select hash from "ApiKey" --',
])('the text %j is a text wherever it is sent', async (text) => {
  const before = await server.db.figure.count();
  const query = `query ($text: String!, $texts: [String!]!) {
      search(query: $text) { slug } subject(slug: $text) { slug } brand(slug: $text) { slug }
      figures(filter: { text: $text, subjects: $texts }, first: 5) { totalCount nodes { id } }
      milestones(filter: { text: $text }, first: 5) { totalCount }
    }`;
  const { data, errors } = await (await send({ query, variables: { text, texts: [text] } })).json();
  // A subject that is not known is told; nothing else may be wrong.
  for (const error of errors ?? []) expect(error.extensions.code).toBe('BAD_USER_INPUT');
  expect(data?.subject ?? null).toBeNull();
  expect(await server.db.figure.count()).toBe(before);
});

/** An operation of so many fields. */
function repeat(times: number, field: (index: number) => string): string {
  return `{ ${Array.from({ length: times }, (_, index) => field(index)).join(' ')} }`;
}

function send(body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
