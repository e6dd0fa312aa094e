import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

const api = await openApi();
afterAll(() => api[Symbol.asyncDispose]());

/** Days and lengths, some unknown and some equal, in the order of their recording; the title is the place in that order. */
const GIVEN: readonly { readonly reachedOn?: string; readonly months?: number }[] = [
  { reachedOn: '2025-06-01', months: 58 },
  {},
  { reachedOn: '2024', months: 46 },
  { reachedOn: '2025-06-01' },
  { months: 43 },
  { reachedOn: '2023-12-31', months: 46 },
  {},
  { reachedOn: '2025-06' },
  { reachedOn: '2026-01-13', months: 11 },
];
/** The titles in each order: ties in the order of recording, unknown values last when ascending. */
const ORDERS = {
  REACHED_ON_ASC: '5 2 0 3 7 8 1 4 6',
  REACHED_ON_DESC: '6 4 1 8 7 3 0 2 5',
  ELAPSED_ASC: '8 4 2 5 0 1 3 6 7',
} as const;

beforeAll(async () => {
  const sourceId = await givenSource(api);
  await givenSubject(api, 'BRAND', { slug: 'brand' });
  await givenSubject(api, 'BRAND', { slug: 'other' });
  for (const [title, { months, reachedOn }] of GIVEN.entries()) {
    const statedElapsed = months === undefined ? null : { value: months, unit: 'months', from: 'FOUNDING' };
    const input = { subject: 'brand', kind: 'OTHER', title: String(title), reachedOn, statedElapsed, sourceId };
    expect(await write(api, 'announceMilestone', input)).toEqual({ userErrors: [] });
  }
  const units = { subject: 'other', kind: 'UNITS', metric: 'DELIVERIES', sourceId };
  await write(api, 'announceMilestone', { ...units, threshold: 500_000, title: 'half' });
  await write(api, 'announceMilestone', { ...units, threshold: 1_000_000, title: 'whole', expected: true });
});

interface Page {
  readonly totalCount: number;
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly title: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
}

async function readPage(args: object): Promise<Page> {
  const { milestones } = await api.ask<{ milestones: Page }>(
    `query ($filter: MilestoneFilter, $orderBy: MilestoneOrder, $first: Int, $after: String, $last: Int, $before: String) {
      milestones(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
        totalCount edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage }
      }
    }`,
    args as Record<string, unknown>,
  );
  return milestones;
}

const titlesOf = ({ edges }: Page): readonly string[] => edges.map(({ node }) => node.title);

describe.each(Object.entries(ORDERS))('%s', (orderBy, titles) => {
  const filter = { subjects: ['brand'] };

  test('sorts known values, and keeps unknown ones together', async () => {
    const page = await readPage({ filter, orderBy });
    expect(titlesOf(page).join(' ')).toBe(titles);
    expect(page.totalCount).toBe(GIVEN.length);
  });

  test.each([1, 2, 4])('has every milestone exactly once on pages of %i, forwards and backwards', async (size) => {
    const onwards: string[] = [];
    for (let after: string | undefined, more = true; more; ) {
      const page = await readPage({ filter, orderBy, first: size, after });
      onwards.push(...titlesOf(page));
      after = page.edges.at(-1)?.cursor;
      more = page.pageInfo.hasNextPage;
    }
    expect(onwards.join(' ')).toBe(titles);
    const backwards: string[] = [];
    for (let before: string | undefined, more = true; more; ) {
      const page = await readPage({ filter, orderBy, last: size, before });
      backwards.unshift(...titlesOf(page));
      before = page.edges[0]?.cursor;
      more = page.pageInfo.hasPreviousPage;
    }
    expect(backwards.join(' ')).toBe(titles);
  });
});

test('milestones are sorted by their day by default', async () => {
  expect(titlesOf(await readPage({ filter: { subjects: ['brand'] } })).join(' ')).toBe(ORDERS.REACHED_ON_ASC);
});

test.each([
  [{ subjects: ['other'] }, ['half', 'whole']],
  [{ subjects: ['brand', 'other'], kinds: ['UNITS'] }, ['half', 'whole']],
  [{ metrics: ['DELIVERIES'] }, ['half', 'whole']],
  [{ metrics: ['PRODUCTION'] }, []],
  [{ threshold: 500_000 }, ['half']],
  [{ threshold: 500_001 }, []],
  [{ statuses: ['EXPECTED'] }, ['whole']],
  [{ kinds: ['UNITS'], statuses: ['ANNOUNCED', 'CONFIRMED'] }, ['half']],
  [{ kinds: [] }, []],
  [{ subjects: [] }, []],
])('the filter %o selects what it names', async (filter, titles) => {
  const page = await readPage({ filter });
  expect(titlesOf(page)).toEqual(titles);
  expect(page.totalCount).toBe(titles.length);
});

test('the milestones of a subject are its own, and can be filtered and ordered', async () => {
  const data = await api.ask(`{
    brand(slug: "brand") { milestones(orderBy: ELAPSED_ASC, first: 2) { nodes { title } totalCount } }
    other: brand(slug: "other") { milestones(filter: { threshold: 1000000 }) { nodes { title } totalCount } }
  }`);
  expect(data).toEqual({
    brand: { milestones: { nodes: [{ title: '8' }, { title: '4' }], totalCount: GIVEN.length } },
    other: { milestones: { nodes: [{ title: 'whole' }], totalCount: 1 } },
  });
});

test('an unknown subject is an error with suggestions', async () => {
  const { errors } = await api.query('{ milestones(filter: { subjects: ["brandt"] }) { nodes { id } } }');
  expect(errors).toMatchObject([
    {
      extensions: {
        code: 'BAD_USER_INPUT',
        problems: [{ code: 'UNKNOWN_SUBJECT', path: ['filter', 'subjects'], didYouMean: ['brand'] }],
      },
    },
  ]);
});
