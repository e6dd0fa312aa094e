import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeMaker } from '../support/makers.ts';
import { subscribe, subscribeToEvents } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

interface Told {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
  readonly extensions?: unknown;
}

const SCHEMA = '{ __schema { queryType { name } } }';
const IN_A_FRAGMENT = '{ ...A } fragment A on Query { t: __type(name: "Brand") { name } }';
const MISSPELT = [
  ['a field', '{ hed }', {}],
  ['an argument', '{ brands(frist: 1) { totalCount } }', {}],
  ['a type', 'query ($a: Strin) { search(query: $a) { score } }', {}],
  ['an enum value', '{ figures(filter: { metrics: [DELIVERY] }) { totalCount } }', {}],
  ['a field of an input', '{ figures(filter: { metric: [DELIVERIES] }) { totalCount } }', {}],
  [
    'an enum value in a variable',
    'query ($m: [Metric!]) { figures(filter: { metrics: $m }) { totalCount } }',
    { m: ['DELIVERY'] },
  ],
  [
    'a field of a variable',
    'query ($f: FigureFilter) { figures(filter: $f) { totalCount } }',
    { f: { metric: 'DELIVERIES' } },
  ],
] as const;

async function ask(server: TestServer, query: string, variables: object = {}): Promise<Told> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  return (await response.json()) as Told;
}

describe('by default', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await openServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('the schema is told', async () => {
    expect(await ask(server, SCHEMA)).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
  });

  test.each(MISSPELT)('%s that is misspelt is told with what may have been meant', async (_what, query, variables) => {
    expect(JSON.stringify(await ask(server, query, variables))).toMatch(/Did you mean/);
  });
});

describe('with all switched off', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await openServer({ graphiql: false, introspection: false, suggestions: false });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test.each([SCHEMA, IN_A_FRAGMENT])('introspection is refused over every transport: %s', async (query) => {
    const refused = {
      message: expect.stringMatching(
        /^Introspection is switched off on this server: "__(schema|type)" is not answered\.$/,
      ),
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    };
    expect(await ask(server, query)).toMatchObject({ errors: [refused] });
    const got = await fetch(`${server.url}?query=${encodeURIComponent(query)}`);
    expect(await got.json()).toMatchObject({ errors: [refused] });
    for (const read of [subscribe, subscribeToEvents]) {
      const reader = read(server.wsUrl, query);
      await until('it is answered', () => reader.error() !== undefined);
      expect(reader.error()).toMatchObject([refused]);
      reader.stop();
    }
  });

  test('a live query does not tell it either', async () => {
    const reader = subscribe(server.wsUrl, `subscription { live ${SCHEMA} }`);
    await until('it is answered', () => reader.error() !== undefined);
    expect(JSON.stringify(reader.error())).toContain('GRAPHQL_VALIDATION_FAILED');
    reader.stop();
  });

  test('the names of types, which caches need, are told', async () => {
    expect(await ask(server, '{ __typename }')).toEqual({ data: { __typename: 'Query' } });
  });

  test.each(MISSPELT)(
    '%s that is misspelt is told without what may have been meant',
    async (_what, query, variables) => {
      const { errors = [] } = await ask(server, query, variables);
      expect(errors.length).toBeGreaterThan(0);
      expect(JSON.stringify(errors)).not.toMatch(/did you mean/i);
    },
  );

  test('what may have been meant among the data is told as before', async () => {
    const { slug } = await makeMaker(server.db);
    const { extensions } = await ask(server, `{ brand(slug: "${slug}x") { name } }`);
    expect(extensions).toEqual({ didYouMean: [expect.objectContaining({ argument: 'slug' })] });
  });

  test('there is no GraphiQL, nor its files, and a browser is told so', async () => {
    const page = await fetch(server.url, { headers: { accept: 'text/html,*/*;q=0.8' } });
    expect([page.status, await page.json()]).toMatchObject([
      406,
      {
        errors: [
          { message: expect.stringContaining('GraphiQL is switched off'), extensions: { code: 'NOT_ACCEPTABLE' } },
        ],
      },
    ]);
    expect((await fetch(new URL('/graphiql/index.html', server.url))).status).toBe(404);
    expect((await fetch(new URL('/', server.url))).status).toBe(200);
  });
});
