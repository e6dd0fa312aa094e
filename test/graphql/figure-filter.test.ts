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

describe('by their documents', () => {
  const titles = { plain: 'Deliveries of December', odd: '100 %_ sure: \\ ÉTÉ 问界' };
  const about = ['late-a', 'late-b', 'late-c'] as const;
  const found = async (filter: object): Promise<readonly string[]> =>
    (await subjectsOf({ ...filter, subjects: [...about] })).map((slug) => slug.slice(-1));

  beforeAll(async () => {
    for (const slug of about) await givenSubject(api, 'BRAND', { slug });
    const early = await givenSource(api, { title: titles.plain, publishedOn: '2026-01-02' });
    const late = await givenSource(api, { title: titles.odd, publishedOn: '2026-01-05' });
    const figure = { metric: 'DELIVERIES', period: '2025-12' };
    await record({ ...figure, subject: 'late-a', sourceId: early, note: 'Counted twice' });
    await record({ ...figure, subject: 'late-b', sourceId: late, attributedTo: 'The CPCA' });
    await record({ ...figure, subject: 'late-c' });
    const hours = { 'late-a': 10, 'late-b': 11, 'late-c': 12 };
    for (const [slug, hour] of Object.entries(hours)) {
      const recordedAt = new Date(Date.UTC(2026, 0, 6, hour));
      await api.db.figure.updateMany({ where: { subject: { slug } }, data: { recordedAt } });
    }
  });

  afterAll(() =>
    api.db.figure.updateMany({ data: { claimKey: null }, where: { subject: { slug: { in: [...about] } } } }),
  );

  test.each([
    ['recorded since', { recordedSince: '2026-01-06T11:00:00Z' }, 'bc'],
    ['recorded until', { recordedUntil: '2026-01-06T11:00:00Z' }, 'a'],
    ['recorded since and until', { recordedSince: '2026-01-06T11:00:00Z', recordedUntil: '2026-01-06T12:00:00Z' }, 'b'],
    ['published since', { publishedSince: '2026-01-02' }, 'ab'],
    ['published since a later day', { publishedSince: '2026-01-03' }, 'b'],
    ['published until', { publishedUntil: '2026-01-05' }, 'ab'],
    ['published until an earlier day', { publishedUntil: '2026-01-04' }, 'a'],
    ['published since and until', { publishedSince: '2026-01-03', publishedUntil: '2026-01-04' }, ''],
    ['a title', { text: 'deliveries of' }, 'a'],
    ['a title in capitals', { text: 'DECEMBER' }, 'a'],
    ['a note', { text: 'TWICE' }, 'a'],
    ['an origin', { text: ' cpca ' }, 'b'],
    ['Chinese', { text: '问界' }, 'b'],
    ['a percent sign', { text: '100 %' }, 'b'],
    ['a percent sign that is no wildcard', { text: '1%sure' }, ''],
    ['an underscore that is no wildcard', { text: 'D_cember' }, ''],
    ['an underscore', { text: '%_ s' }, 'b'],
    ['a backslash', { text: ': \\' }, 'b'],
    ['no text', { text: ' ' }, 'abc'],
    ['text and day', { text: 'e', publishedSince: '2026-01-03' }, 'b'],
  ])('%s', async (_what, filter, expected) => {
    expect((await found(filter)).join('')).toBe(expected);
  });

  test.each([
    ['publishedSince', 'yesterday'],
    ['publishedUntil', '2026-01'],
    ['text', 'x'.repeat(201)],
  ])('%s is refused with "%s"', async (name, value) => {
    const document = 'query ($filter: FigureFilter) { figures(filter: $filter) { totalCount } }';
    const { errors } = await api.query(document, { filter: { [name]: value } });
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: ['filter', name] }] } },
    ]);
  });

  test('a subscription lets through what the filter selects', async () => {
    const { head } = await api.ask<{ head: string }>('{ head }');
    const source = await givenSource(api, { title: 'Something else', publishedOn: '2026-02-01' });
    const wanted = await givenSource(api, { title: 'What is WANTED', publishedOn: '2026-02-03' });
    for (const sourceId of [source, wanted])
      await record({ subject: 'late-c', metric: 'SALES', period: '2025-12', sourceId });
    for (const filter of [{ text: 'wanted' }, { publishedSince: '2026-02-02' }]) {
      const events = api.subscribe<{ figureRecorded: { figure: { source: { id: string } } } }>(
        `subscription ($filter: FigureFilter, $after: Cursor) {
          figureRecorded(filter: $filter, after: $after) { figure { source { id } } }
        }`,
        { filter, after: head },
      );
      const { value } = await events.next();
      expect(value?.figureRecorded.figure.source.id).toBe(wanted);
      await events.return();
    }
  });
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
