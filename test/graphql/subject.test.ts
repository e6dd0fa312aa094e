import { afterAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';

const api = await openApi({ seeded: true });
afterAll(() => api[Symbol.asyncDispose]());

/** A subject of each kind, with the fields that list and look it up. */
const KINDS = [
  { one: 'brand', all: 'brands', slug: 'aito', type: 'Brand' },
  { one: 'company', all: 'companies', slug: 'seres-group', type: 'Company' },
  { one: 'alliance', all: 'alliances', slug: 'hima', type: 'Alliance' },
  { one: 'model', all: 'models', slug: 'aito-m9', type: 'Model' },
  { one: 'plant', all: 'plants', slug: 'seres-super-factory', type: 'Plant' },
  { one: 'market', all: 'markets', slug: 'china-nev', type: 'Market' },
] as const;

async function idOf(slug: string): Promise<string> {
  const { subject } = await api.ask<{ subject: { id: string } }>(
    'query ($slug: String!) { subject(slug: $slug) { id } }',
    { slug },
  );
  return subject.id;
}

describe.each(KINDS)('$one', ({ one, all, slug, type }) => {
  test('is found by its slug, as itself and as a subject', async () => {
    const data = await api.ask(
      `query ($slug: String!) { one: ${one}(slug: $slug) { slug kind } subject(slug: $slug) { __typename slug } }`,
      { slug },
    );
    expect(data).toEqual({ one: { slug, kind: type.toUpperCase() }, subject: { __typename: type, slug } });
  });

  test('is null for a slug of another kind and for an unknown one', async () => {
    const another = one === 'brand' ? 'hima' : 'aito';
    const document = `query ($slug: String!) { one: ${one}(slug: $slug) { slug } }`;
    for (const unknown of [another, 'nobody', `${slug}-`, '']) {
      expect(await api.ask(document, { slug: unknown })).toEqual({ one: null });
    }
  });

  test('is found by its id, as a node', async () => {
    const id = await idOf(slug);
    const data = await api.ask('query ($id: ID!) { node(id: $id) { __typename id } }', { id });
    expect(data).toEqual({ node: { __typename: type, id } });
  });

  test(`is listed once among the ${all}, by slug, on pages of any size`, async () => {
    const everyone = await api.db.subject.findMany({ where: { kind: type.toUpperCase() as 'BRAND' } });
    const slugs = everyone.map((subject) => subject.slug).sort();
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const { page }: { page: Page } = await api.ask(
        `query ($after: String) {
          page: ${all}(first: 3, after: $after) { nodes { slug } totalCount pageInfo { hasNextPage endCursor } }
        }`,
        { after },
      );
      expect(page.totalCount).toBe(slugs.length);
      seen.push(...page.nodes.map((node) => node.slug));
      ({ hasNextPage: more, endCursor: after } = page.pageInfo);
    }
    expect(seen).toEqual(slugs);
  });
});

interface Page {
  readonly nodes: readonly { readonly slug: string }[];
  readonly totalCount: number;
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

describe('a page', () => {
  test('has 20 items by default', async () => {
    const { brands } = await api.ask<{ brands: Page }>(
      '{ brands { nodes { slug } totalCount pageInfo { hasNextPage endCursor } } }',
    );
    expect(brands.nodes).toHaveLength(20);
    expect(brands.totalCount).toBeGreaterThan(20);
    expect(brands.pageInfo.hasNextPage).toBe(true);
  });

  test('can be read backwards', async () => {
    const document = `query ($last: Int, $before: String) {
      brands(last: $last, before: $before) { edges { cursor node { slug } } pageInfo { hasPreviousPage hasNextPage } }
    }`;
    type Backwards = { brands: { edges: { cursor: string; node: { slug: string } }[]; pageInfo: object } };
    const end = await api.ask<Backwards>(document, { last: 2 });
    const slugs = (await api.db.subject.findMany({ where: { kind: 'BRAND' } })).map(({ slug }) => slug).sort();
    expect(end.brands.edges.map(({ node }) => node.slug)).toEqual(slugs.slice(-2));
    expect(end.brands.pageInfo).toEqual({ hasPreviousPage: true, hasNextPage: false });
    const earlier = await api.ask<Backwards>(document, { last: 3, before: end.brands.edges[0]?.cursor });
    expect(earlier.brands.edges.map(({ node }) => node.slug)).toEqual(slugs.slice(-5, -2));
    expect(earlier.brands.pageInfo).toEqual({ hasPreviousPage: true, hasNextPage: true });
  });

  test.each([
    ['first', 0],
    ['first', 101],
    ['first', -1],
    ['last', 0],
    ['last', 101],
  ])('is refused with %s: %i', async (name, size) => {
    const { data, errors } = await api.query(
      `query ($size: Int) { brands(${name}: $size) { totalCount nodes { id } } }`,
      {
        size,
      },
    );
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ['brands'], extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: [name] }] } },
    ]);
  });

  test('is also refused below another object, with its path', async () => {
    const { errors } = await api.query('{ brand(slug: "aito") { models(first: 101) { nodes { slug } } } }');
    expect(errors).toMatchObject([{ path: ['brand', 'models'], extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test.each([
    ['a text that is not a cursor', 'nonsense'],
    ['a cursor of something else', Buffer.from('GPC:S:aito').toString('base64')],
    ['a number that no row has', Buffer.from('GPC:N:99999999999').toString('base64')],
    ['nothing', ''],
  ])('is refused after %s', async (_name, after) => {
    for (const document of [
      'query ($after: String) { brands(after: $after) { nodes { slug } } }',
      'query ($after: String) { brand(slug: "aito") { models(after: $after) { nodes { slug } } } }',
    ]) {
      const { errors } = await api.query(document, { after });
      expect(errors).toMatchObject([
        { extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: ['after'] }] } },
      ]);
    }
  });

  test.each(['first: 2, last: 2', 'first: 2, before: "R1BDOk46MQ=="', 'last: 2, after: "R1BDOk46MQ=="'])(
    'has one direction: %s is refused',
    async (args) => {
      const { errors } = await api.query(`{ brands(${args}) { nodes { slug } } }`);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    },
  );
});

test('subjects link to related subjects', async () => {
  const data = await api.ask(`{
    brand(slug: "aito") {
      company { slug parent { slug } } parent { __typename slug }
      alliance { slug } earlier: alliance(on: "2023-01-01") { slug }
      memberships { alliance { slug } brand { slug } company { slug } joinedOn leftOn source { title } }
      models(first: 2) { nodes { slug brand { slug } } totalCount }
      foundedOn launchedOn firstDeliveryOn nameZh
    }
    company(slug: "nio-inc") { brands { slug } plants { slug operator { slug } city } parent { slug } }
    subsidiary: company(slug: "xiaomi-auto-inc") { parent { slug } }
    alliance(slug: "hima") { leader { slug } members { brand { slug } company { slug } } }
    model(slug: "xiaomi-su7") { launchedOn powertrains } extended: model(slug: "li-auto-l9") { powertrains }
    market(slug: "nev-mpv") { parent { slug parent { slug parent { slug } } } }
  }`);
  expect(data).toEqual({
    brand: {
      company: { slug: 'seres-group', parent: null },
      parent: { __typename: 'Company', slug: 'seres-group' },
      alliance: { slug: 'hima' },
      earlier: { slug: 'hima' },
      memberships: [
        {
          alliance: { slug: 'hima' },
          brand: { slug: 'aito' },
          company: { slug: 'seres-group' },
          joinedOn: null,
          leftOn: null,
          source: { title: 'EV upstarts one after another step into the million club' },
        },
      ],
      models: {
        nodes: [
          { slug: 'aito-m5', brand: { slug: 'aito' } },
          { slug: 'aito-m6', brand: { slug: 'aito' } },
        ],
        totalCount: 5,
      },
      foundedOn: null,
      launchedOn: '2021-12',
      firstDeliveryOn: '2022-03',
      nameZh: '问界',
    },
    company: {
      brands: [{ slug: 'firefly' }, { slug: 'nio' }, { slug: 'onvo' }],
      plants: [{ slug: 'hefei-xinqiao', operator: { slug: 'nio-inc' }, city: 'Hefei' }],
      parent: null,
    },
    subsidiary: { parent: { slug: 'xiaomi' } },
    alliance: {
      leader: { slug: 'huawei' },
      members: [
        { brand: { slug: 'aito' }, company: { slug: 'seres-group' } },
        { brand: { slug: 'luxeed' }, company: { slug: 'chery' } },
        { brand: { slug: 'stelato' }, company: { slug: 'baic' } },
        { brand: { slug: 'maextro' }, company: { slug: 'jac' } },
        { brand: { slug: 'shangjie' }, company: { slug: 'saic' } },
      ],
    },
    model: { launchedOn: '2024-03-28', powertrains: [] },
    extended: { powertrains: ['EREV'] },
    market: { parent: { slug: 'china-nev', parent: { slug: 'china-auto', parent: null } } },
  });
});

test('a part of a brand has the brand above it, and the company at the top', async () => {
  const data = await api.ask(`{
    brand(slug: "tesla-china") {
      company { slug name brands { slug } } parent { __typename slug ... on Brand { company { slug } parent { slug } } }
    }
    all: brands(first: 100) { nodes { slug company { slug brands { slug } } } }
  }`);
  expect(data).toMatchObject({
    brand: {
      company: { slug: 'tesla-inc', name: 'Tesla, Inc.', brands: [{ slug: 'tesla' }] },
      parent: { __typename: 'Brand', slug: 'tesla', company: { slug: 'tesla-inc' }, parent: { slug: 'tesla-inc' } },
    },
  });
  const { all } = data as { all: { nodes: { slug: string; company: { slug: string } | null }[] } };
  const ofTesla = all.nodes.filter(({ company }) => company?.slug === 'tesla-inc');
  expect(ofTesla.map(({ slug }) => slug)).toEqual(['tesla', 'tesla-china']);
});

test.each(['members', 'alliance'])('an invalid day for %s is refused', async (field) => {
  const owner =
    field === 'members'
      ? 'alliance(slug: "hima") { members(on: $on) { id } }'
      : 'brand(slug: "aito") { alliance(on: $on) { id } }';
  const { errors } = await api.query(`query ($on: Date) { ${owner} }`, { on: '13.01.2026' });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', problems: [{ path: ['on'] }] } }]);
});
