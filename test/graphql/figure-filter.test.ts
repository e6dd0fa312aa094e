import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

let sources: { first: string; second: string };
/** What each figure is about, in the order of their ids. */
const ABOUT = ['group', 'part', 'brand', 'model', 'plant', 'member', 'stranger'] as const;

beforeAll(async () => {
  await givenSubject(api, 'COMPANY', { slug: 'group' });
  await givenSubject(api, 'COMPANY', { slug: 'part', parent: 'group' });
  await givenSubject(api, 'BRAND', { slug: 'brand', parent: 'part' });
  await givenSubject(api, 'MODEL', { slug: 'model', parent: 'brand' });
  await givenSubject(api, 'PLANT', { slug: 'plant', operator: 'part' });
  await givenSubject(api, 'BRAND', { slug: 'member' });
  await givenSubject(api, 'BRAND', { slug: 'stranger' });
  await givenSubject(api, 'ALLIANCE', { slug: 'alliance' });
  await write(api, 'joinAlliance', { alliance: 'alliance', brand: 'member' });
  await write(api, 'joinAlliance', { alliance: 'alliance', brand: 'brand' });
  sources = { first: await givenSource(api), second: await givenSource(api) };
  for (const subject of ABOUT) await record({ subject, metric: 'DELIVERIES', period: '2025-11' });
  await record({ subject: 'brand', metric: 'PRODUCTION', period: '2025-Q3', sourceId: sources.second });
  await record({ subject: 'brand', metric: 'PRODUCTION', period: '../2025-12-31', sourceId: sources.second });
});

async function record(input: object): Promise<void> {
  const { userErrors } = await write(api, 'recordFigure', { value: 9, sourceId: sources.first, ...input });
  expect(userErrors).toEqual([]);
}

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly {
    readonly subject: { readonly slug: string };
    readonly metric: string;
    readonly period: string;
  }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
}

async function find(filter: object | null): Promise<readonly string[]> {
  const { figures } = await api.ask<{ figures: Page }>(
    'query ($filter: FigureFilter) { figures(filter: $filter, first: 100) { totalCount nodes { subject { slug } metric period } } }',
    { filter },
  );
  expect(figures.totalCount).toBe(figures.nodes.length);
  return figures.nodes.map(({ subject, metric, period }) => `${subject.slug} ${metric} ${period}`);
}

/** The slugs of the subjects that have deliveries in what is found. */
async function subjectsOf(filter: object): Promise<readonly string[]> {
  const found = await find({ ...filter, metrics: ['DELIVERIES'] });
  return found.map((text) => text.split(' ')[0] as string).sort();
}

test('without a filter all figures are found, the newest period first, then the first recorded', async () => {
  const deliveries = ABOUT.map((slug) => `${slug} DELIVERIES 2025-11`);
  const all = ['brand PRODUCTION ../2025-12-31', ...deliveries, 'brand PRODUCTION 2025-Q3'];
  expect(await find(null)).toEqual(all);
  expect(await find({})).toEqual(all);
});

describe('about a subject', () => {
  test.each([
    ['group', ['brand', 'group', 'model', 'part', 'plant']],
    ['part', ['brand', 'model', 'part', 'plant']],
    ['brand', ['brand', 'model']],
    ['alliance', ['brand', 'member', 'model']],
    ['model', ['model']],
  ])('%s, everything below it is found as well', async (slug, expected) => {
    expect(await subjectsOf({ subjects: [slug] })).toEqual(expected);
  });

  test('nothing below it is found unless it is asked for', async () => {
    expect(await subjectsOf({ subjects: ['group'], includeDescendants: false })).toEqual(['group']);
    expect(await subjectsOf({ subjects: ['group'], includeDescendants: null })).toHaveLength(5);
  });

  test('several subjects are found together, each figure once', async () => {
    expect(await subjectsOf({ subjects: ['part', 'group', 'stranger'] })).toEqual([
      'brand',
      'group',
      'model',
      'part',
      'plant',
      'stranger',
    ]);
    expect(await find({ subjects: [] })).toEqual([]);
  });

  test('an unknown slug is an error with suggestions', async () => {
    const document = 'query ($filter: FigureFilter) { figures(filter: $filter) { nodes { id } totalCount } }';
    const { data, errors } = await api.query(document, { filter: { subjects: ['brand', 'allianse', 'nobody'] } });
    expect(data).toBeNull();
    expect(errors?.[0]).toMatchObject({
      extensions: {
        code: 'BAD_USER_INPUT',
        problems: [
          { code: 'UNKNOWN_SUBJECT', path: ['filter', 'subjects'], didYouMean: ['alliance'] },
          { code: 'UNKNOWN_SUBJECT', path: ['filter', 'subjects'], didYouMean: [] },
        ],
      },
    });
  });
});

test('the figures of a metric are found', async () => {
  expect(await find({ metrics: ['PRODUCTION'] })).toHaveLength(2);
  expect(await find({ metrics: ['PRODUCTION', 'DELIVERIES'] })).toHaveLength(9);
  expect(await find({ metrics: ['SALES'] })).toEqual([]);
});

test('the figures of a period are found by any of its names', async () => {
  for (const period of ['2025-Q3', '2025-07/2025-09', '2025-07-01/2025-09-30', '2025-q3']) {
    expect(await find({ periods: [period] })).toEqual(['brand PRODUCTION 2025-Q3']);
  }
  expect(await find({ periods: ['2025-07', '2025'] })).toEqual([]);
});

test('an invalid period is an error', async () => {
  const { errors } = await api.query('{ figures(filter: { periods: ["2025-13", "2025"] }) { nodes { id } } }');
  expect(errors).toMatchObject([
    { extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_PERIOD', path: ['filter', 'periods'] }] } },
  ]);
});

test('the figures of a source are found, and none for an invalid id', async () => {
  expect(await find({ sources: [sources.second] })).toHaveLength(2);
  expect(await find({ sources: [sources.first, sources.second] })).toHaveLength(9);
  expect(await find({ sources: ['nonsense'] })).toEqual([]);
});

test('the figures about a kind of subject are found', async () => {
  expect(await subjectsOf({ kinds: ['COMPANY'] })).toEqual(['group', 'part']);
  expect(await subjectsOf({ kinds: ['BRAND'], subjects: ['group'] })).toEqual(['brand']);
});

test('a figure that is no longer current is found only when it is asked for', async () => {
  const figure = await api.db.figure.findFirstOrThrow({ where: { subject: { slug: 'stranger' } } });
  const id = Buffer.from(`Figure:${figure.id}`).toString('base64');
  await api.ask('mutation ($id: ID!) { withdrawFigure(id: $id, reason: "A mistake.") { userErrors { code } } }', {
    id,
  });
  expect(await find({ subjects: ['stranger'] })).toEqual([]);
  expect(await find({ subjects: ['stranger'], currentOnly: true })).toEqual([]);
  expect(await find({ subjects: ['stranger'], currentOnly: false })).toEqual(['stranger DELIVERIES 2025-11']);
});

test('the figures of a subject are its own, and can be filtered too', async () => {
  const data = await api.ask(`{
    brand(slug: "brand") {
      figures { totalCount nodes { metric } }
      produced: figures(filter: { metrics: [PRODUCTION], periods: ["2025-Q3"] }) { totalCount nodes { period } }
    }
  }`);
  expect(data).toEqual({
    brand: {
      figures: { totalCount: 3, nodes: [{ metric: 'PRODUCTION' }, { metric: 'DELIVERIES' }, { metric: 'PRODUCTION' }] },
      produced: { totalCount: 1, nodes: [{ period: '2025-Q3' }] },
    },
  });
});

test('every figure stands on exactly one page', async () => {
  const all = await find({ currentOnly: true });
  const seen: string[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const { figures }: { figures: Page } = await api.ask(
      'query ($after: String) { figures(first: 2, after: $after) { nodes { subject { slug } metric period } pageInfo { hasNextPage endCursor } } }',
      { after },
    );
    seen.push(...figures.nodes.map(({ subject, metric, period }) => `${subject.slug} ${metric} ${period}`));
    ({ hasNextPage: more, endCursor: after } = figures.pageInfo);
  }
  expect(seen).toEqual(all);
});
