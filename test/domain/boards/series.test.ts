import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

interface Series {
  readonly observations: readonly { readonly period: string; readonly value: number | null }[];
  readonly missing: readonly string[];
}

/** After everything that is recorded, so that it is the same as now, but worked out from the claims. */
const LATER = '2099-01-01T00:00:00Z';

let scenario: Scenario;
let brand: string;
beforeAll(async () => {
  scenario = await openScenario();
  brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 10, '2025-02': 11, '2025-03': 12 });
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a last day inside a month takes in the whole month', async () => {
  expect(await series('MONTH', '2025-01', '2025-03-10')).toEqual({
    observations: [
      { period: '2025-01', value: 10 },
      { period: '2025-02', value: 11 },
      { period: '2025-03', value: 12 },
    ],
    missing: [],
  });
});

test('a last month inside a quarter takes in the whole quarter', async () => {
  expect(await series('QUARTER', '2025-01', '2025-02')).toEqual({
    observations: [{ period: '2025-Q1', value: 33 }],
    missing: [],
  });
});

test.each(['WEEK', 'MONTH', 'QUARTER', 'HALF', 'YEAR', 'YEAR_TO_DATE'])(
  'a series by %s is the same now as with an instant, also where it begins and ends inside a period',
  async (granularity) => {
    const days = [null, '2024-11-15', '2025-01-15', '2025-02-10', '2025-03-10', '2025-03-31', '2025-06-15'] as const;
    for (const from of days)
      for (const to of days) {
        const asked = { granularity, from, to };
        expect({ ...asked, ...(await series(granularity, from, to)) }).toEqual({
          ...asked,
          ...(await series(granularity, from, to, LATER)),
        });
      }
  },
);

test('may end on the last day that there is', async () => {
  const { observations } = await series('WEEK', '2999-12-01', '2999-12-31');
  expect(observations).toEqual([]);
});

async function series(granularity: string, from: string | null, to: string | null, asOf?: string): Promise<Series> {
  const { subject } = await scenario.api.ask<{ subject: { series: Series } }>(
    `query ($slug: String!, $granularity: Granularity!, $from: PartialDate, $to: PartialDate, $asOf: DateTime) {
      subject(slug: $slug) {
        series(granularity: $granularity, from: $from, to: $to, asOf: $asOf) { observations { period value } missing }
      }
    }`,
    { slug: brand, granularity, from, to, asOf },
  );
  return subject.series;
}
