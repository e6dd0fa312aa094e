import { getIntrospectionQuery } from 'graphql';
import { pino } from 'pino';
import { afterAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { stateOf } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

async function expectRefused(
  document: string,
  variables: Readonly<Record<string, unknown>>,
  what: RegExp,
  broken: object = {},
): Promise<void> {
  const before = await stateOf(api);
  const { status, errors } = await api.query(document, variables);
  expect(errors).toMatchObject([
    { message: expect.stringMatching(what), extensions: { code: 'TOO_COSTLY', ...broken } },
  ]);
  expect(status).toBe(400);
  expect(await stateOf(api)).toEqual(before);
}

async function expectAllowed(document: string, variables?: Readonly<Record<string, unknown>>): Promise<void> {
  expect((await api.query(document, variables)).errors).toBeUndefined();
}

/** This many companies, each above the next. */
const nested = (levels: number) =>
  `{ company(slug: "c") ${'{ parent '.repeat(levels)} { slug } ${'}'.repeat(levels)} }`;

describe('an operation', () => {
  test('goes 14 levels deep at most', async () => {
    await expectAllowed(nested(12));
    await expectRefused(nested(13), {}, /^The operation is 15 levels deep; at most 14 are allowed/, {
      measure: 'levels',
      levels: 15,
      limit: 14,
    });
  });

  test('goes 14 levels deep at most through fragments as well', async () => {
    const fragments = 'fragment A on Company { parent { parent { parent { parent { parent { slug } } } } } }';
    const document = `{ company(slug: "c") { parent { parent { parent { parent { parent { parent { parent { parent { ...A } } } } } } } } } }`;
    await expectRefused(`${document} ${fragments}`, {}, /15 levels deep/);
  });

  test('has 500 fields at most, also when one fragment is repeated', async () => {
    const heads = (count: number) => Array.from({ length: count }, (_, index) => `h${index}: head`).join(' ');
    await expectAllowed(`{ ${heads(500)} }`);
    await expectRefused(`{ ${heads(501)} }`, {}, /^The operation is 501 fields wide; at most 500 are allowed/, {
      measure: 'fields',
      fields: 501,
      limit: 500,
    });
    await expectRefused(`{ ${'...A '.repeat(60)} } fragment A on Query { ${heads(10)} }`, {}, /600 fields wide/);
  });

  const PAGES = `query ($size: Int) {
    figures(first: $size) { nodes { subject { figures(first: $size) { nodes { id value metric period unit } } } } }
  }`;

  test('costs its fields once for each item of its pages, whether the sizes are literals or variables', async () => {
    await expectAllowed(PAGES, { size: 35 });
    await expectRefused(PAGES, { size: 100 }, /^The operation is \d+ in cost; at most 10000 are allowed/, {
      measure: 'cost',
      cost: expect.any(Number),
      limit: 10_000,
    });
    await expectRefused(PAGES.replaceAll('$size)', '100)').replace('($size: Int)', ''), {}, /in cost/);
    await expectRefused(PAGES.replace('$size: Int', '$size: Int = 100'), {}, /in cost/);
    await expectRefused(PAGES.replaceAll('first', 'last'), { size: 100 }, /in cost/);
  });

  test('costs the fields of a page without a size 20 times', async () => {
    const pages = (inner: string) =>
      `figures { nodes { source { figures { nodes { subject { figures { nodes { ${inner} } } } } } } } }`;
    await expectAllowed(`{ ${pages('id').replace('figures {', 'figures(first: 10) {')} }`);
    await expectRefused(`{ ${pages('id value')} }`, {}, /in cost/);
  });

  test('costs its fields once for each id that is looked up', async () => {
    const document = `query ($ids: [ID!]!) {
      nodes(ids: $ids) { ... on Company { brands { models(first: 100) { nodes { slug } } } } }
    }`;
    await expectAllowed(document, { ids: Array(15).fill('x') });
    await expectRefused(document, { ids: Array(100).fill('x') }, /in cost/);
  });

  test('that costs too much writes nothing', async () => {
    const payload = `{ subject { figures(first: 100) { nodes { subject { figures(first: 100) { nodes { id source { id } subject { id } } } } } } } }`;
    const input = '{ kind: BRAND, slug: "costly", name: "Costly" }';
    await expectRefused(`mutation { createSubject(input: ${input}) ${payload} }`, {}, /in cost/);
  });

  test('has 100,000 tokens at most, more than the largest write has', async () => {
    const figure =
      '{ subject: "nobody", metric: SALES, period: "2025", value: 1, qualifier: EXACT, sourceId: "1", note: "N", attributedTo: "A" }';
    const document = `mutation { recordFigures(inputs: [${figure.repeat(1_000)}]) { userErrors { code } } }`;
    const { data } = await api.query<{ recordFigures: { userErrors: unknown[] } }>(document);
    // The last one says how many more there are.
    expect(data?.recordFigures.userErrors).toHaveLength(21);
    const { data: none, errors } = await api.query(`{ ${'head '.repeat(100_000)} }`);
    expect(none).toBeUndefined();
    expect(errors).toMatchObject([
      { message: expect.stringContaining('100000 tokens'), extensions: { code: 'GRAPHQL_PARSE_FAILED' } },
    ]);
  });

  test('is refused with a NUL character, which no text can have', async () => {
    const document = 'query ($slug: String!) { subject(slug: $slug) { slug } }';
    const written = '{ subject(slug: "a\\u0000b") { slug } }';
    const answers = [
      await api.query(document, { slug: 'a\u0000b' }),
      await api.query(written),
      await api.query(written.replace('\\u0000', '\\u{0}')),
    ];
    for (const { status, errors } of answers) {
      expect(status).toBe(400);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });
});

test('the whole schema can be queried, as GraphiQL does', async () => {
  const options = { descriptions: true, schemaDescription: true, inputValueDeprecation: true, specifiedByUrl: true };
  const { status, data, errors } = await api.query(getIntrospectionQuery({ ...options, directiveIsRepeatable: true }));
  expect({ status, errors }).toEqual({ status: 200, errors: undefined });
  expect(data).toMatchObject({ __schema: { queryType: { name: 'Query' } } });
});

describe('an unexpected error', () => {
  async function provoke(table: string, document: string) {
    const logged: { requestId?: string; err?: { message: string; stack: string } }[] = [];
    const logger = pino({ level: 'error' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
    await using broken = await openApi({ logger });
    await broken.db.$executeRawUnsafe(`alter table "${table}" rename to "Gone"`);
    return { answer: await broken.query(document), logged };
  }

  test.each([
    ['in a query', 'Subject', '{ brand(slug: "b") { slug } }'],
    ['in a mutation', 'Subject', 'mutation { createSubject(input: { kind: BRAND, slug: "b", name: "B" }) { cursor } }'],
    ['before the operation begins', 'ApiKey', '{ head }'],
  ])(
    '%s is logged under the number that the client gets, and its details are not exposed',
    async (_where, table, document) => {
      const { answer, logged } = await provoke(table, document);
      const [error, ...others] = answer.errors ?? [];
      expect(others).toEqual([]);
      expect(error?.extensions).toEqual({
        code: 'INTERNAL_SERVER_ERROR',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
      expect(error?.message).toContain(error?.extensions?.requestId);
      expect(JSON.stringify(answer)).not.toMatch(/prisma|postgres|relation|table|node_modules|\.ts|stack|\bat \//i);
      expect(logged).toMatchObject([{ requestId: error?.extensions?.requestId, err: { stack: expect.any(String) } }]);
      expect(JSON.stringify(logged)).toContain(table);
    },
  );
});
