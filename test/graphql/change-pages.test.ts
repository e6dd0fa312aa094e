import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeCursor } from '../../src/changes/cursor.ts';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

/** A figure a month, each a change of its own; the day on which each was written, in 2026. */
const MONTHS = ['2025-01', '2025-02', '2025-03', '2025-04', '2025-05', '2025-06', '2025-07'];
const WRITTEN = MONTHS.map((_, index) => `2026-02-0${index + 1}T12:00:00.000Z`);

beforeAll(async () => {
  const subject = await givenSubject(api, 'BRAND', { slug: 'brand' });
  const sourceId = await givenSource(api);
  for (const [index, period] of MONTHS.entries()) {
    await write(api, 'recordFigure', { subject, metric: 'DELIVERIES', period, value: 123 + index, sourceId });
    const [last] = await api.db.change.findMany({ orderBy: { position: 'desc' }, take: 1 });
    const { position } = last as NonNullable<typeof last>;
    await api.db.change.update({ where: { position }, data: { at: new Date(WRITTEN[index] as string) } });
  }
  // Something else, before and after, that the filter leaves out.
  await givenSubject(api, 'BRAND', { slug: 'stranger' });
});

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly cursor: string } }[];
  readonly nodes: readonly { readonly at: string; readonly figure: { readonly period: string } }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const FILTER = { metrics: ['DELIVERIES'] };
const DOCUMENT = `query ($after: Cursor, $before: Cursor, $first: Int, $last: Int, $since: DateTime, $until: DateTime, $filter: ChangeFilter) {
  changes(after: $after, before: $before, first: $first, last: $last, since: $since, until: $until, filter: $filter) {
    totalCount edges { cursor node { cursor } } nodes { at ... on FigureChange { figure { period } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function readPage(args: object): Promise<Page> {
  const { changes } = await api.ask<{ changes: Page }>(DOCUMENT, { filter: FILTER, ...args });
  expect(changes.edges.map(({ cursor }) => cursor)).toEqual(changes.edges.map(({ node }) => node.cursor));
  return changes;
}

async function readHead(): Promise<string> {
  const { head } = await api.ask<{ head: string }>('{ head }');
  return head;
}

const monthsOf = ({ nodes }: Page): readonly string[] => nodes.map(({ figure }) => figure.period);
const positionOf = (cursor: string | null): bigint | undefined => decodeCursor(cursor ?? '')?.position;

test('the newest come first with last, and before continues with older ones', async () => {
  const newest = MONTHS.toReversed();
  const seen: string[] = [];
  let before: string | null = null;
  for (const [shown, isMore] of [
    [3, true],
    [3, true],
    [1, false],
  ] as const) {
    const page: Page = await readPage({ last: 3, before });
    expect(monthsOf(page)).toEqual(newest.slice(seen.length, seen.length + shown));
    expect(page.totalCount).toBe(MONTHS.length - seen.length);
    expect(page.pageInfo).toMatchObject({ hasPreviousPage: isMore, hasNextPage: seen.length > 0 });
    seen.push(...monthsOf(page));
    before = page.pageInfo.startCursor;
  }
  expect(seen).toEqual(newest);
  expect(await readPage({ last: 3, before })).toMatchObject({
    nodes: [],
    pageInfo: { hasPreviousPage: false, hasNextPage: true, startCursor: null, endCursor: null },
  });
});

test('the start of a page is its oldest change and the end its newest, in both directions', async () => {
  const onwards = await readPage({ first: 100 });
  const backwards = await readPage({ last: 100 });
  expect(backwards.edges).toEqual(onwards.edges.toReversed());
  expect(backwards.pageInfo).toEqual(onwards.pageInfo);
  const { startCursor, endCursor } = onwards.pageInfo;
  expect(positionOf(startCursor)).toBeLessThan(positionOf(endCursor) as bigint);
  // So a subscription or a page after the end of either goes on with what is new.
  expect(monthsOf(await readPage({ after: endCursor }))).toEqual([]);
  expect(monthsOf(await readPage({ before: endCursor }))).toEqual(MONTHS.slice(0, -1).toReversed());
});

test.each([
  ['since an instant, with it', { since: WRITTEN[5] }, MONTHS.slice(5)],
  ['until an instant, without it', { until: WRITTEN[2] }, MONTHS.slice(0, 2)],
  ['between two instants', { since: WRITTEN[1], until: WRITTEN[4] }, MONTHS.slice(1, 4)],
  ['in any offset', { since: '2026-02-06T20:00:00+08:00' }, MONTHS.slice(5)],
  ['of an empty time', { since: WRITTEN[4], until: WRITTEN[4] }, []],
])('changes %s are found, in both directions', async (_what, range, months) => {
  const onwards = await readPage({ ...range, first: 100 });
  expect(monthsOf(onwards)).toEqual(months);
  expect(onwards.totalCount).toBe(months.length);
  expect(onwards.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
  expect(monthsOf(await readPage({ ...range, last: 100 }))).toEqual(months.toReversed());
});

test('a page within a time goes on within it', async () => {
  const range = { since: WRITTEN[1], until: WRITTEN[5] };
  const page = await readPage({ ...range, last: 3 });
  expect(monthsOf(page)).toEqual(['2025-05', '2025-04', '2025-03']);
  expect(page.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  const older = await readPage({ ...range, last: 3, before: page.pageInfo.startCursor });
  expect(monthsOf(older)).toEqual(['2025-02']);
  expect(older.pageInfo).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
});

describe('refuses', () => {
  test.each([
    ['last with after', (anywhere: string) => ({ last: 3, after: anywhere }), 'last'],
    ['before with after', (anywhere: string) => ({ before: anywhere, after: anywhere }), 'before'],
    ['last with first', () => ({ last: 3, first: 4 }), 'last'],
    ['before with first', (anywhere: string) => ({ before: anywhere, first: 4 }), 'before'],
    ['no change', () => ({ last: 0 }), 'last'],
    ['too many changes', () => ({ last: 101 }), 'last'],
  ])('%s', async (_what, args, path) => {
    const { errors } = await api.query(DOCUMENT, args(await readHead()));
    expect(errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT', problems: [{ code: 'INVALID_INPUT', path: [path] }] } },
    ]);
  });

  test('a position that is none of this log', async () => {
    const { errors } = await api.query(DOCUMENT, { before: 'nonsense' });
    expect(errors).toMatchObject([{ extensions: { code: 'CURSOR_INVALID' } }]);
  });
});

test('a page costs what its size says, whichever argument gives it', async () => {
  const wide =
    'changes(SIZE: 100) { nodes { subject { figures(first: 100) { nodes { source { id } within { id } subject { id } } } } } }';
  for (const size of ['first', 'last']) {
    const { errors } = await api.query(`{ ${wide.replace('SIZE', size)} }`);
    expect(errors).toMatchObject([{ extensions: { code: 'TOO_COSTLY' } }]);
  }
});
