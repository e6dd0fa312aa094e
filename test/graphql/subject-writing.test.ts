import { afterAll, describe, expect, test } from 'vitest';
import { verifyDerived } from '../../src/domain/verify/verify.ts';
import { openApi } from '../support/api.ts';
import { givenSubject, problemsOf, stateOf, USER_ERRORS, type UserError, unique, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const FIELDS = `__typename slug kind name nameZh aliases
  ... on Brand { parent { slug } foundedOn launchedOn firstDeliveryOn }
  ... on Company { companyParent: parent { slug } }
  ... on Alliance { leader { slug } }
  ... on Model { brand { slug } launchedOn powertrains }
  ... on Plant { operator { slug } city }
  ... on Market { market: parent { slug } }`;

interface Payload {
  readonly subject: Readonly<Record<string, unknown>> | null;
  readonly cursor: string | null;
  readonly userErrors: readonly UserError[];
}

function create(input: object): Promise<Payload> {
  return write<Payload>(api, 'createSubject', input, `subject { ${FIELDS} } cursor`);
}

async function update(slug: string, input: object): Promise<Payload> {
  const { payload } = await api.ask<{ payload: Payload }>(
    `mutation ($slug: String!, $input: SubjectPatch!) {
      payload: updateSubject(slug: $slug, input: $input) { subject { ${FIELDS} } cursor ${USER_ERRORS} }
    }`,
    { slug, input },
  );
  return payload;
}

/** The newest entry of the log. */
async function lastChange(): Promise<object> {
  const { head } = await api.ask<{ head: string }>('{ head }');
  const { changes } = await api.ask<{ changes: { nodes: object[] } }>(
    '{ changes(first: 100) { nodes { __typename cursor subject { slug } } } }',
  );
  return { ...changes.nodes.at(-1), head };
}

describe('createSubject', () => {
  test('creates one of each kind, under its parent', async () => {
    const market = await givenSubject(api, 'MARKET');
    const company = await givenSubject(api, 'COMPANY');
    const brand = await create({
      kind: 'BRAND',
      slug: unique('brand'),
      name: ' Brand ',
      nameZh: '品牌',
      aliases: ['B', 'Brandy'],
      parent: company,
      foundedOn: '2014-11',
      launchedOn: '2014-11-25',
      firstDeliveryOn: '2018',
    });
    expect(brand).toEqual({
      subject: {
        __typename: 'Brand',
        slug: expect.any(String),
        kind: 'BRAND',
        name: 'Brand',
        nameZh: '品牌',
        aliases: ['B', 'Brandy'],
        parent: { slug: company },
        foundedOn: '2014-11',
        launchedOn: '2014-11-25',
        firstDeliveryOn: '2018',
      },
      cursor: expect.any(String),
      userErrors: [],
    });
    const others = [
      { kind: 'COMPANY', parent: company },
      { kind: 'ALLIANCE', leader: company },
      { kind: 'MODEL', parent: brand.subject?.slug, powertrains: ['BEV', 'EREV'] },
      { kind: 'PLANT', operator: company, city: 'Hefei' },
      { kind: 'MARKET', parent: market },
    ];
    const created = [];
    for (const input of others) created.push(await create({ slug: unique('one'), name: 'One', ...input }));
    expect(created.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(created.map(({ subject }) => subject)).toMatchObject([
      { companyParent: { slug: company } },
      { leader: { slug: company } },
      { brand: { slug: brand.subject?.slug }, powertrains: ['BEV', 'EREV'] },
      { operator: { slug: company }, city: 'Hefei' },
      { market: { slug: market } },
    ]);
  });

  test('writes one entry to the log, and returns its cursor', async () => {
    const slug = unique('logged');
    const { cursor } = await create({ kind: 'BRAND', slug, name: 'Logged' });
    expect(await lastChange()).toEqual({ __typename: 'SubjectChange', cursor, subject: { slug }, head: cursor });
  });

  test.each(['NIO', 'a_b', '-a', 'a-', 'a--b', 'a b', 'ü', '', 'a'.repeat(81)])(
    'refuses the slug "%s"',
    async (slug) => {
      expect(problemsOf(await create({ kind: 'BRAND', slug, name: 'X' }))).toEqual(['INVALID_INPUT input.slug']);
    },
  );

  test('refuses a slug that a subject of any kind has', async () => {
    const slug = await givenSubject(api, 'MARKET');
    expect(problemsOf(await create({ kind: 'BRAND', slug, name: 'X' }))).toEqual(['ALREADY_EXISTS input.slug']);
  });

  test('creates one when five are sent with the same slug at the same time, and tells the others', async () => {
    const slug = unique('wanted');
    const payloads = await Promise.all(Array.from({ length: 5 }, () => create({ kind: 'BRAND', slug, name: 'X' })));
    expect(payloads.flatMap(problemsOf)).toEqual(Array(4).fill('ALREADY_EXISTS input.slug'));
    expect(await api.db.change.count({ where: { subject: { slug } } })).toBe(1);
  });

  test('suggests existing slugs for an unknown parent', async () => {
    const slug = await givenSubject(api, 'COMPANY', { slug: 'leapmotor-technology' });
    const payload = await create({ kind: 'BRAND', slug: unique('brand'), name: 'X', parent: 'leapmoter-technology' });
    expect(payload).toMatchObject({
      subject: null,
      cursor: null,
      userErrors: [{ code: 'UNKNOWN_SUBJECT', path: ['input', 'parent'], didYouMean: [slug] }],
    });
  });

  test.each([
    ['BRAND', 'parent', 'MODEL'],
    ['BRAND', 'parent', 'ALLIANCE'],
    ['COMPANY', 'parent', 'BRAND'],
    ['MODEL', 'parent', 'COMPANY'],
    ['MARKET', 'parent', 'COMPANY'],
    ['ALLIANCE', 'parent', 'COMPANY'],
    ['PLANT', 'parent', 'COMPANY'],
    ['ALLIANCE', 'leader', 'BRAND'],
    ['PLANT', 'operator', 'BRAND'],
  ])('refuses, for the kind %s and the field %s, a %s', async (kind, field, other) => {
    const reference = await givenSubject(api, other);
    const payload = await create({ kind, slug: unique('one'), name: 'One', [field]: reference });
    expect(problemsOf(payload)).toEqual([`INVALID_INPUT input.${field}`]);
  });

  test.each([
    ['BRAND', { city: 'Hefei' }],
    ['BRAND', { powertrains: ['BEV'] }],
    ['COMPANY', { launchedOn: '2020' }],
    ['MODEL', { foundedOn: '2020' }],
    ['MARKET', { firstDeliveryOn: '2020' }],
    ['BRAND', { brandsComplete: true }],
  ])('refuses, for the kind %s, fields of another kind: %o', async (kind, more) => {
    const payload = await create({ kind, slug: unique('one'), name: 'One', ...more });
    expect(problemsOf(payload)).toEqual([`INVALID_INPUT input.${Object.keys(more)[0]}`]);
  });

  test('names all problems at once and creates nothing', async () => {
    const before = await stateOf(api);
    const company = await givenSubject(api, 'COMPANY');
    const afterCompany = await stateOf(api);
    const payload = await create({
      kind: 'BRAND',
      slug: company,
      name: ' ',
      nameZh: 'x'.repeat(201),
      aliases: Array(51).fill('x'),
      parent: 'nobody-at-all',
      foundedOn: '2024-13',
      launchedOn: '2024-02-30',
      firstDeliveryOn: 'soon',
      city: 'Hefei',
      operator: company,
    });
    expect(problemsOf(payload)).toEqual([
      'ALREADY_EXISTS input.slug',
      'INVALID_INPUT input.city',
      'INVALID_INPUT input.firstDeliveryOn',
      'INVALID_INPUT input.foundedOn',
      'INVALID_INPUT input.launchedOn',
      'INVALID_INPUT input.name',
      'INVALID_INPUT input.nameZh',
      'INVALID_INPUT input.operator',
      'INVALID_INPUT input.operator',
      'TOO_MANY input.aliases',
      'UNKNOWN_SUBJECT input.parent',
    ]);
    expect(afterCompany).not.toEqual(before);
    expect(await stateOf(api)).toEqual(afterCompany);
  });
});

describe('updateSubject', () => {
  test('changes given fields, keeps missing ones, and clears null ones', async () => {
    const company = await givenSubject(api, 'COMPANY');
    const slug = await givenSubject(api, 'BRAND', {
      nameZh: '旧',
      aliases: ['Old'],
      parent: company,
      foundedOn: '2014',
      launchedOn: '2015',
    });
    const payload = await update(slug, { name: 'New', nameZh: null, aliases: ['A', 'B'], foundedOn: '2014-11' });
    expect(payload).toMatchObject({
      subject: { name: 'New', nameZh: null, aliases: ['A', 'B'], foundedOn: '2014-11', launchedOn: '2015' },
      userErrors: [],
    });
    expect(payload.subject?.parent).toEqual({ slug: company });
    const cleared = await update(slug, { parent: null, aliases: null, launchedOn: null });
    expect(cleared.subject).toMatchObject({ name: 'New', parent: null, aliases: [], launchedOn: null });
    expect(await lastChange()).toMatchObject({
      __typename: 'SubjectChange',
      cursor: cleared.cursor,
      subject: { slug },
    });
  });

  test('refuses an unknown subject, with a suggestion', async () => {
    const slug = await givenSubject(api, 'BRAND', { slug: 'stelato' });
    expect(await update('stellato', { name: 'X' })).toMatchObject({
      subject: null,
      userErrors: [{ code: 'UNKNOWN_SUBJECT', path: ['slug'], didYouMean: [slug] }],
    });
  });

  test('applies the rules of createSubject, and writes nothing when they are broken', async () => {
    const slug = await givenSubject(api, 'BRAND');
    const before = await stateOf(api);
    const payload = await update(slug, { name: null, parent: slug, city: 'Hefei', launchedOn: '20' });
    expect(problemsOf(payload)).toEqual([
      'INVALID_INPUT input.city',
      'INVALID_INPUT input.launchedOn',
      'INVALID_INPUT input.name',
      'INVALID_INPUT input.parent',
    ]);
    expect(await stateOf(api)).toEqual(before);
  });

  test('refuses a company above itself, over any number of steps', async () => {
    const top = await givenSubject(api, 'COMPANY');
    const middle = await givenSubject(api, 'COMPANY', { parent: top });
    const bottom = await givenSubject(api, 'COMPANY', { parent: middle });
    for (const parent of [top, middle, bottom]) {
      expect(problemsOf(await update(top, { parent }))).toContain('INVALID_INPUT input.parent');
    }
    expect((await update(bottom, { parent: top })).userErrors).toEqual([]);
  });

  test('refuses a brand as part of itself, over any number of steps', async () => {
    const whole = await givenSubject(api, 'BRAND');
    const part = await givenSubject(api, 'BRAND', { parent: whole });
    const piece = await givenSubject(api, 'BRAND', { parent: part });
    for (const parent of [whole, part, piece]) {
      expect(problemsOf(await update(whole, { parent }))).toEqual(['INVALID_INPUT input.parent']);
    }
    expect((await update(piece, { parent: whole })).userErrors).toEqual([]);
  });

  test('lets only one of two brands become part of the other when both are asked for at the same time', async () => {
    const [one, other] = [await givenSubject(api, 'BRAND'), await givenSubject(api, 'BRAND')];
    const payloads = await Promise.all([update(one, { parent: other }), update(other, { parent: one })]);
    expect(payloads.flatMap(problemsOf)).toEqual(['INVALID_INPUT input.parent']);
    expect((await verifyDerived(api.db)).differences).toEqual([]);
  });
});
