import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prisma, type SubjectKind } from '../../../src/database/generated/client.ts';
import { isOneOf } from '../../../src/domain/boards/board-parts.ts';
import { ALL, type Asked } from '../../../src/domain/boards/ranked-apart.ts';
import { rankPeriod } from '../../../src/domain/boards/ranking.ts';
import { rankApart } from '../../../src/domain/boards/ranking-apart.ts';
import { ALL_DETAILS } from '../../../src/domain/estimates/reading.ts';
import type { Metric } from '../../../src/domain/values/metric.ts';
import { parsePeriod, previousPeriod, yearAgo } from '../../../src/domain/values/period.ts';
import { present } from '../../../src/required.ts';
import { openSeededDatabase, type TestDatabase } from '../../support/database.ts';

const FEW: Asked = {
  parts: false,
  bounds: false,
  previousRank: false,
  yearAgoRank: false,
  missing: false,
  details: ALL_DETAILS,
};
const PERIODS = ['2025-06', '2025-12', '2025-Q4', '2025'];
const METRICS: readonly (readonly Metric[])[] = [
  ['DELIVERIES'],
  ['PRODUCTION', 'DELIVERIES'],
  ['DELIVERIES', 'SALES', 'WHOLESALE'],
];
const KINDS: readonly (readonly SubjectKind[])[] = [
  ['BRAND'],
  ['COMPANY'],
  ['ALLIANCE'],
  ['MODEL'],
  ['BRAND', 'COMPANY'],
];

let place: TestDatabase;
beforeAll(async () => {
  place = await openSeededDatabase();
});
afterAll(() => place[Symbol.asyncDispose]());

function requestOf(text: string, metrics: readonly Metric[], kinds: readonly SubjectKind[], withoutParts: boolean) {
  const period = present(parsePeriod(text));
  const periods = { period, before: previousPeriod(period), yearBefore: yearAgo(period) };
  return { ...periods, metrics, kinds, withinId: null, withoutParts, first: 100, asksWhoIsMissing: true };
}

function* requests() {
  for (const period of PERIODS)
    for (const metrics of METRICS)
      for (const kinds of KINDS)
        for (const withoutParts of [false, true]) yield requestOf(period, metrics, kinds, withoutParts);
}

test('where nobody is part of another one, the short ranking is the long one', async () => {
  const db = place.database.client;
  let [compared, nested] = [0, 0];
  for (const request of requests()) {
    const short = await rankApart(db, request, ALL);
    const long = await rankPeriod(db, request, null);
    if (short === null) {
      nested += 1;
      continue;
    }
    expect(short.rows.map(withoutList)).toEqual(long.map(withoutList));
    expect(listOf(short.rows)).toEqual(listOf(long));
    expect([...short.observed.keys()]).toEqual(long.map(({ subjectId }) => subjectId));
    compared += long.length;
  }
  expect(compared).toBeGreaterThan(200);
  // Brands beside their companies, and brands of brands.
  expect(nested).toBeGreaterThan(8);
});

test('what is not asked for is left out, and the ranks are the same', async () => {
  const db = place.database.client;
  const request = requestOf('2025-12', ['DELIVERIES', 'SALES'], ['BRAND', 'COMPANY'], false);
  const long = await rankPeriod(db, request, null);
  expect(long.length).toBeGreaterThan(10);
  const shown = ({ subjectId, metric, rank, size }: (typeof long)[number]) => ({ subjectId, metric, rank, size });
  expect((await rankApart(db, request, FEW))?.rows.map(shown)).toEqual(long.map(shown));
  // Brands are parts of companies, so that the total needs the long one.
  expect(await rankApart(db, request, { ...FEW, parts: true })).toBeNull();
});

test('a board of no kinds is empty', async () => {
  const request = requestOf('2025-12', ['DELIVERIES'], [], false);
  expect((await rankApart(place.database.client, request, ALL))?.rows).toEqual([]);
  expect(await rankPeriod(place.database.client, request, null)).toEqual([]);
});

test('a list that repeats its items asks in the same words as one that does not', () => {
  const value = Prisma.sql`kind`;
  const asked = isOneOf(value, ['BRAND', 'ALLIANCE', 'BRAND', 'BRAND']);
  expect([asked.sql, asked.values]).toEqual([isOneOf(value, ['ALLIANCE', 'BRAND']).sql, ['ALLIANCE', 'BRAND']]);
});

function withoutList<Row extends { readonly listedIds: readonly number[] | null }>({ listedIds: _, ...row }: Row) {
  return row;
}

/** The order of this list says nothing. */
function listOf([row]: readonly { readonly listedIds: readonly number[] | null }[]): readonly number[] {
  return [...(row?.listedIds ?? [])].sort((a, b) => a - b);
}
