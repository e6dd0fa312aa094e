import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';

interface Changed {
  readonly id: string;
  readonly before: unknown;
  readonly yearAgo: unknown;
}

const CHANGES = `id
  before: change(over: PREVIOUS) { percent lower upper base }
  ...YearAgo`;
const YEAR_AGO = `fragment YearAgo on Observation { yearAgo: change(over: $over) { percent lower upper base } }`;
const SUBJECTS = ['xpeng', 'nio', 'nio-inc', 'leapmotor'];

let api: Api;
beforeAll(async () => {
  api = await openApi({ seeded: true, key: null });
});
afterAll(() => api[Symbol.asyncDispose]());

async function inSeries(granularity: string, from: string | null, to: string | null): Promise<readonly Changed[]> {
  const { series } = await api.ask<{ series: { observations: Changed[] }[] }>(
    `query ($subjects: [String!]!, $granularity: Granularity!, $from: PartialDate, $to: PartialDate, $over: Comparison!) {
      series(subjects: $subjects, granularity: $granularity, from: $from, to: $to) { observations { ${CHANGES} } }
    } ${YEAR_AGO}`,
    { subjects: SUBJECTS, granularity, from, to, over: 'YEAR_AGO' },
  );
  return series.flatMap(({ observations }) => observations);
}

/** Each by itself, without its series. */
async function alone(ids: readonly string[]): Promise<readonly Changed[]> {
  const found: Changed[] = [];
  for (let at = 0; at < ids.length; at += 50) {
    const { nodes } = await api.ask<{ nodes: Changed[] }>(
      `query ($ids: [ID!]!, $over: Comparison!) { nodes(ids: $ids) { ... on Observation { ${CHANGES} } } } ${YEAR_AGO}`,
      { ids: ids.slice(at, at + 50), over: 'YEAR_AGO' },
    );
    found.push(...nodes);
  }
  return found;
}

test.each([
  ['MONTH', '2025', '2025'],
  // The year before is not next to it.
  ['MONTH', '2025-11-20', '2026-01-10'],
  ['MONTH', '2025-06', null],
  ['MONTH', null, '2022-03'],
  ['QUARTER', '2024-05', '2025'],
  ['HALF', '2024', '2025'],
  ['YEAR', '2024', '2025'],
  ['YEAR', null, null],
  ['YEAR_TO_DATE', '2025-12', '2026-02'],
])('the changes in a series by %s from %s to %s are those of its observations alone', async (granularity, from, to) => {
  const changed = await inSeries(granularity, from, to);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed).toEqual(await alone(changed.map(({ id }) => id)));
});

test('what changes are measured against is read with the series', async () => {
  const statements = await statementsOf(() => inSeries('MONTH', '2025-02', '2025-11'));
  expect(statements.filter((text) => text.includes('Observation'))).toHaveLength(1);
});
