import { beforeEach, describe, expect, test } from 'vitest';
import { between, openScenario, over, type Scenario } from '../../support/scenario.ts';

interface Row {
  readonly period: string;
  readonly metric: string;
  readonly value: number | null;
  readonly change: { readonly percent: number | null; readonly acrossBreak: boolean } | null;
}

interface Series {
  readonly metric: string;
  readonly observations: readonly Row[];
  readonly missing: readonly string[];
}

/** After everything that is recorded, so that it is the same as now, but worked out from the claims. */
const LATER = '2099-01-01T00:00:00Z';
const METRICS = ['DELIVERIES', 'SALES', 'WHOLESALE'];

let scenario: Scenario;
let brand: string;
beforeEach(async () => {
  scenario = await openScenario();
  brand = await scenario.subject('BRAND');
  return () => scenario[Symbol.asyncDispose]();
});

describe.each([
  ['now', undefined],
  ['as of an instant', LATER],
])('of several metrics, %s,', (_way, asOf) => {
  test('each period of a series has the first that there is, and names it', async () => {
    await scenario.record(brand, { '2025-01': 10, '2025-03': 30 }, { metric: 'WHOLESALE' });
    await scenario.record(brand, { '2025-01': 11, '2025-02': 21 }, { metric: 'SALES' });
    await scenario.record(brand, { '2025-02': 22 });
    const { metric, observations, missing } = await series({ asOf, from: '2025-01', to: '2025-04' });
    expect(metric).toBe('DELIVERIES');
    expect(observations.map(({ period, metric: of, value }) => [period, of, value])).toEqual([
      ['2025-01', 'SALES', 11],
      ['2025-02', 'DELIVERIES', 22],
      ['2025-03', 'WHOLESALE', 30],
    ]);
    expect(missing).toEqual(['2025-04']);
  });

  test('a claim of "over" is taken before a value of a later metric, a bound that only follows is not', async () => {
    await scenario.record(brand, { '2025-01': 410, '2025-02': 480 }, { metric: 'SALES' });
    // The second month has at least 50 deliveries, because the first one has no more than 450.
    await scenario.record(brand, { '2025-01': between(400, 450), '2025-01/2025-02': over(500) });
    const { observations } = await series({ asOf });
    expect(observations.map(({ period, metric, value }) => [period, metric, value])).toEqual([
      ['2025-01', 'DELIVERIES', null],
      ['2025-02', 'SALES', 480],
    ]);
    // Where there is nothing else, it is.
    expect((await series({ asOf, metrics: ['DELIVERIES', 'WHOLESALE'] })).observations).toMatchObject([
      { period: '2025-01', metric: 'DELIVERIES', value: null },
      { period: '2025-02', metric: 'DELIVERIES', value: null, lower: 50 },
    ]);
  });

  test('the observation of a period is the first that there is', async () => {
    await scenario.record(brand, { '2025-01': 10 }, { metric: 'WHOLESALE' });
    const found = { observation: { metric: 'WHOLESALE', value: 10 } };
    expect(await observation('2025-01', { asOf })).toEqual({ ...found, subject: found });
    expect(await observation('2025-02', { asOf })).toEqual({ observation: null, subject: { observation: null } });
  });

  test('a change is on the same metric, or else on the first that there is, which is a break', async () => {
    await scenario.record(brand, { '2025-01': 100, '2025-02': 200 }, { metric: 'SALES' });
    await scenario.record(brand, { '2025-02': 210, '2025-03': 420 });
    const { observations } = await series({ asOf });
    expect(observations.map(({ period, metric, change }) => [period, metric, change])).toEqual([
      ['2025-01', 'SALES', null],
      ['2025-02', 'DELIVERIES', { percent: expect.closeTo(110, 9), acrossBreak: true }],
      ['2025-03', 'DELIVERIES', { percent: 100, acrossBreak: false }],
    ]);
  });
});

test.each([
  ['an empty list', [], 'The list is empty; name at least one metric.'],
  ['more than there are', Array(19).fill('SALES'), '19 metrics were sent; there are only 18.'],
  ['other units', ['SALES', 'REVENUE'], 'SALES is in VEHICLES and REVENUE in CNY; all must be in the same unit.'],
])('%s is refused everywhere', async (_what, metrics, message) => {
  const of = `metrics: [${metrics.join()}]`;
  await scenario.record(brand, { '2025-01': 100 });
  for (const text of [
    `series(subjects: ["${brand}"], ${of}) { metric }`,
    `observation(subject: "${brand}", period: "2025-01", ${of}) { metric }`,
    `subject(slug: "${brand}") { series(${of}) { metric } }`,
    `subject(slug: "${brand}") { observation(period: "2025-01", ${of}) { metric } }`,
    `observation(subject: "${brand}", period: "2025-01") { change(over: PREVIOUS, ${of.replace('SALES,REVENUE', 'REVENUE')}) { percent } }`,
    `leaderboard(period: "2025-01", ${of}) { metric }`,
  ]) {
    const { errors } = await scenario.api.query(`{ ${text} }`);
    expect(errors?.[0]?.extensions, text).toMatchObject({
      code: 'BAD_USER_INPUT',
      problems: [
        { path: ['metrics'], message: text.includes('change') ? message.replace('SALES', 'DELIVERIES') : message },
      ],
    });
  }
});

async function series(args: Readonly<Record<string, unknown>>): Promise<Series> {
  const { all, one } = await scenario.api.ask<{ all: Series[]; one: { series: Series } }>(
    `query ($subjects: [String!]!, $slug: String!, $metrics: [Metric!], $from: PartialDate, $to: PartialDate, $asOf: DateTime) {
      all: series(subjects: $subjects, metrics: $metrics, from: $from, to: $to, asOf: $asOf) { ...Rows }
      one: subject(slug: $slug) { series(metrics: $metrics, from: $from, to: $to, asOf: $asOf) { ...Rows } }
    }
    fragment Rows on Series {
      metric missing
      observations {
        period metric value lower
        change(over: PREVIOUS, metrics: [DELIVERIES, SALES, WHOLESALE]) { percent acrossBreak }
      }
    }`,
    { subjects: [brand], slug: brand, metrics: METRICS, ...args },
  );
  expect(one.series).toEqual(all[0]);
  return one.series;
}

function observation(period: string, args: Readonly<Record<string, unknown>>): Promise<object> {
  return scenario.api.ask(
    `query ($slug: String!, $period: Period!, $metrics: [Metric!], $asOf: DateTime) {
      observation(subject: $slug, period: $period, metrics: $metrics, asOf: $asOf) { metric value }
      subject(slug: $slug) { observation(period: $period, metrics: $metrics, asOf: $asOf) { metric value } }
    }`,
    { slug: brand, period, metrics: METRICS, ...args },
  );
}
