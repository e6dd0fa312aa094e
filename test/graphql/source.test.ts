import { afterAll, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/domain/calendar.ts';
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

test('takes the publisher of a known slug as it is', async () => {
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

test('registers a document once that is sent ten times at the same time', async () => {
  const input = { publisher: { slug: 'hasty', name: 'Hasty', tier: 4 }, title: 'At once' };
  const payloads = await Promise.all(Array.from({ length: 10 }, () => register(input)));
  expect(new Set(payloads.map(({ source }) => source?.id)).size).toBe(1);
  expect(await api.db.source.count({ where: { title: 'At once' } })).toBe(1);
  expect(await api.db.publisher.count({ where: { slug: 'hasty' } })).toBe(1);
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

test('names everything wrong with a document at once and registers nothing', async () => {
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

test('has the figures that a source is the source of, the newest period first', async () => {
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
