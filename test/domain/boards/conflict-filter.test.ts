import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../../support/api.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi({ seeded: true, key: null });
});
afterAll(() => api[Symbol.asyncDispose]());

const SLOT = 'subject { slug } metric period within { slug }';

interface Slot {
  readonly subject: { readonly slug: string };
  readonly metric: string;
  readonly period: string;
  readonly within: { readonly slug: string } | null;
}

interface Page {
  readonly totalCount: number;
  readonly nodes: readonly Slot[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** The slots in all pages of a list. */
async function readAll(field: 'conflicts' | 'figures', filter: object): Promise<readonly string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ; ) {
    const data: Readonly<Record<string, Page>> = await api.ask(
      `query ($filter: FigureFilter, $after: String) {
        ${field}(filter: $filter, first: 100, after: $after) {
          totalCount nodes { ${SLOT} } pageInfo { hasNextPage endCursor }
        }
      }`,
      { filter, after },
    );
    const page = data[field] as Page;
    found.push(
      ...page.nodes.map(({ subject, metric, period, within }) => [subject.slug, metric, period, within?.slug].join()),
    );
    if (!page.pageInfo.hasNextPage) {
      expect(found).toHaveLength(page.totalCount);
      return found;
    }
    after = page.pageInfo.endCursor;
  }
}

test.each<[filter: object]>([
  [{ currentOnly: false }],
  [{ subjects: ['nio-inc'] }],
  [{ subjects: ['nio-inc', 'hima'], includeDescendants: false }],
  [{ metrics: ['DELIVERIES'] }],
  [{ metrics: ['SALES', 'PRODUCTION'], kinds: ['BRAND'] }],
  [{ kinds: ['COMPANY', 'ALLIANCE'] }],
  [{ periods: ['2026-01', '2025'] }],
  [{ sources: ['U291cmNlOjE=', 'U291cmNlOjEw', 'nonsense'] }],
  [{ subjects: ['leapmotor'], sources: ['U291cmNlOjE='] }],
  [{ publishedSince: '2026-01-01' }],
  [{ publishedUntil: '2025-12-31', metrics: ['DELIVERIES'] }],
  [{ text: 'deliver' }],
  [{ text: '100%' }],
  [{ recordedSince: '2000-01-01T00:00:00Z', recordedUntil: '2100-01-01T00:00:00Z' }],
  [{ recordedSince: '2100-01-01T00:00:00Z' }],
])('the conflicts of %j are those about its figures', async (filter) => {
  const all = await readAll('conflicts', {});
  expect(all.length).toBeGreaterThan(5);
  const figures = new Set(await readAll('figures', filter));
  expect(await readAll('conflicts', filter)).toEqual(all.filter((slot) => figures.has(slot)));
});
