import { afterAll, describe, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/domain/values/calendar.ts';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, problemsOf, stateOf, unique, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

const MAKER = { slug: 'maker', name: 'The Maker', tier: 1 };
const SOURCE = 'deduplicated source { id title url publishedOn publisher { slug name tier } }';

interface Registered {
  readonly deduplicated: boolean;
  readonly source: { readonly id: string } | null;
}

function register(input: object) {
  return write<Registered>(api, 'registerSource', { publisher: MAKER, title: unique('Release'), ...input }, SOURCE);
}

test('registers a document with its publisher', async () => {
  const payload = await register({
    publisher: { slug: 'cnevpost', name: 'CnEVPost', tier: 3 },
    title: '  Deliveries of December ',
    url: 'https://cnevpost.com/december',
    publishedOn: '2026-01-01',
  });
  expect(payload).toEqual({
    deduplicated: false,
    source: {
      id: expect.any(String),
      title: 'Deliveries of December',
      url: 'https://cnevpost.com/december',
      publishedOn: '2026-01-01',
      publisher: { slug: 'cnevpost', name: 'CnEVPost', tier: 3 },
    },
    userErrors: [],
  });
});

test('uses the publisher of a known slug unchanged', async () => {
  await register({ publisher: { slug: 'known', name: 'Known', tier: 2 } });
  const payload = await register({ publisher: { slug: 'known', name: 'Another name', tier: 4 } });
  expect(payload.source).toMatchObject({ publisher: { slug: 'known', name: 'Known', tier: 2 } });
  const bySlugAlone = await register({ publisher: { slug: 'known' } });
  expect(bySlugAlone.source).toMatchObject({ publisher: { name: 'Known' } });
});

test('registers the same publisher, title and address once', async () => {
  const input = { title: 'Twice', url: 'https://example.com/twice' };
  const first = await register(input);
  const before = await stateOf(api);
  const second = await register(input);
  expect(second).toEqual({ ...first, deduplicated: true });
  expect(await stateOf(api)).toEqual(before);
});

test('registers a document once when it is sent ten times at the same time', async () => {
  const input = { publisher: { slug: 'hasty', name: 'Hasty', tier: 4 }, title: 'At once' };
  const payloads = await Promise.all(Array.from({ length: 10 }, () => register(input)));
  expect(new Set(payloads.map(({ source }) => source?.id)).size).toBe(1);
  expect(await api.db.source.count({ where: { title: 'At once' } })).toBe(1);
  expect(await api.db.publisher.count({ where: { slug: 'hasty' } })).toBe(1);
});

describe('the origin', () => {
  const ORIGIN = 'deduplicated source { id origin { slug tier } publisher { slug } }';
  const from = (origin: string | null, input: object = {}) =>
    write<Registered>(
      api,
      'registerSource',
      { publisher: { slug: 'mirror', name: 'A Mirror', tier: 4 }, title: unique('Repeated'), origin, ...input },
      ORIGIN,
    );

  test('is the publisher who first said it, or the own publisher if none is named', async () => {
    await register({});
    expect((await from('maker')).source).toMatchObject({
      origin: { slug: 'maker', tier: 1 },
      publisher: { slug: 'mirror' },
    });
    expect((await from(null)).source).toMatchObject({ origin: { slug: 'mirror' }, publisher: { slug: 'mirror' } });
    const data = await api.ask('{ sources(first: 2) { nodes { origin { slug } } } }');
    expect(data).toEqual({ sources: { nodes: [{ origin: { slug: 'mirror' } }, { origin: { slug: 'maker' } }] } });
  });

  test('can be the publisher itself, also a new one', async () => {
    const slug = unique('newcomer');
    const payload = await from(slug, { publisher: { slug, name: 'Newcomer', tier: 3 } });
    expect(payload).toMatchObject({ source: { origin: { slug } }, userErrors: [] });
    expect(await api.db.source.count({ where: { publisher: { slug }, originId: null } })).toBe(1);
  });

  test('that is unknown is refused with all other problems, and with suggestions', async () => {
    const slug = unique('cnevpress');
    await register({ publisher: { slug, name: 'Chinese EV Press', tier: 3 } });
    const before = await stateOf(api);
    const misspelt = await from(slug.replace('press', 'pres'), { url: 'nowhere' });
    expect(problemsOf(misspelt)).toEqual(['INVALID_INPUT input.url', 'UNKNOWN_PUBLISHER input.origin']);
    expect(misspelt.userErrors.flatMap(({ didYouMean }) => didYouMean)).toEqual([slug]);
    expect((await from('Chinese EV Pres')).userErrors[0]?.didYouMean).toEqual([slug]);
    expect((await from('qqqqqqqq')).userErrors[0]).toMatchObject({
      message: 'There is no publisher "qqqqqqqq"; a publisher is known once a document of it is registered.',
      didYouMean: [],
    });
    expect(await stateOf(api)).toEqual(before);
  });

  test('is no part of what a document is: with the same one, or none, it is the same document', async () => {
    await register({});
    const title = unique('Repeated');
    const first = await from('maker', { title });
    for (const origin of ['maker', null, undefined])
      expect(await from(origin as string | null, { title })).toEqual({ ...first, deduplicated: true });
  });

  test('of a registered document stays as it is: another one is refused, and names the document', async () => {
    await register({});
    const [titled, untitled] = [unique('Repeated'), unique('Repeated')];
    const registered = [await from('maker', { title: titled }), await from(null, { title: untitled })];
    const before = await stateOf(api);
    const again = [await from('mirror', { title: titled }), await from('maker', { title: untitled })];
    for (const [index, payload] of again.entries()) {
      const id = registered[index]?.source?.id;
      expect(problemsOf(payload)).toEqual(['ALREADY_EXISTS input.origin']);
      expect(payload.userErrors[0]).toMatchObject({
        message: `This document is registered already, as source ${id} with another origin.`,
        didYouMean: [id],
      });
    }
    expect(await stateOf(api)).toEqual(before);
    expect(await from(null, { title: titled })).toMatchObject({ source: { origin: { slug: 'maker' } } });
  });

  test('is the first one that is written when two are sent at the same time', async () => {
    await register({});
    const title = unique('Repeated');
    const payloads = await Promise.all(['maker', 'mirror', 'maker', 'mirror'].map((origin) => from(origin, { title })));
    const [kept] = await api.db.source.findMany({ where: { title }, include: { origin: true } });
    const wanted = kept?.origin?.slug ?? 'mirror';
    expect(payloads.map(problemsOf)).toEqual(
      ['maker', 'mirror', 'maker', 'mirror'].map((origin) =>
        origin === wanted ? [] : ['ALREADY_EXISTS input.origin'],
      ),
    );
  });
});

test('keeps documents apart that differ in publisher, title or address', async () => {
  const inputs = [
    { title: 'Same title' },
    { title: 'Same title', publisher: { slug: 'other', name: 'Other', tier: 4 } },
    { title: 'Same title', url: 'https://example.com/1' },
    { title: 'Same title', url: 'https://example.com/2' },
  ];
  const ids = new Set<string | undefined>();
  for (const input of inputs) ids.add((await register(input)).source?.id);
  expect(ids.size).toBe(inputs.length);
});

test('names all problems of a document at once and registers nothing', async () => {
  const before = await stateOf(api);
  const tomorrow = addDays(dayOf(new Date()), 1);
  const payload = await register({
    publisher: { slug: 'Not A Slug', tier: 5 },
    title: ' ',
    url: 'ftp://example.com',
    publishedOn: tomorrow,
  });
  expect(problemsOf(payload)).toEqual([
    'INVALID_INPUT input.publishedOn',
    'INVALID_INPUT input.publisher.name',
    'INVALID_INPUT input.publisher.slug',
    'INVALID_INPUT input.publisher.tier',
    'INVALID_INPUT input.title',
    'INVALID_INPUT input.url',
  ]);
  expect(payload.source).toBeNull();
  expect(await stateOf(api)).toEqual(before);
});

test.each(['2026-1-1', '2026-02-30', '2026-01', 'yesterday', ''])('refuses the publication day "%s"', async (day) => {
  expect(problemsOf(await register({ publishedOn: day }))).toEqual(['INVALID_INPUT input.publishedOn']);
});

test.each(['example.com', 'javascript:alert(1)', 'https://', `https://example.com/${'a'.repeat(2_000)}`])(
  'refuses the address "%.40s"',
  async (url) => {
    expect(problemsOf(await register({ url }))).toEqual(['INVALID_INPUT input.url']);
  },
);

test('pages through the sources, the last registered first', async () => {
  const ids = [await givenSource(api), await givenSource(api), await givenSource(api)].reverse();
  const { sources } = await api.ask<{ sources: { nodes: { id: string }[]; totalCount: number } }>(
    '{ sources(first: 3) { nodes { id } totalCount } }',
  );
  expect(sources.nodes.map(({ id }) => id)).toEqual(ids);
  expect(sources.totalCount).toBe(await api.db.source.count());
});

test('lists the figures of a source, the newest period first', async () => {
  const subject = await givenSubject(api, 'BRAND');
  const sourceId = await givenSource(api);
  for (const period of ['2025-02', '2025-03', '2025-01']) {
    await write(api, 'recordFigure', { subject, metric: 'SALES', period, value: 100, sourceId });
  }
  const data = await api.ask(
    `query ($id: ID!) {
      node(id: $id) { ... on Source { figures(first: 2) { nodes { period } totalCount pageInfo { hasNextPage } } } }
    }`,
    { id: sourceId },
  );
  expect(data).toEqual({
    node: {
      figures: {
        nodes: [{ period: '2025-03' }, { period: '2025-02' }],
        totalCount: 3,
        pageInfo: { hasNextPage: true },
      },
    },
  });
});
