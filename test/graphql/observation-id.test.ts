import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METRICS } from '../../src/domain/values/metric.ts';
import { parsePeriod } from '../../src/domain/values/period.ts';
import { formatObservationKey, parseObservationKey } from '../../src/graphql/observation-id.ts';
import { subscribe } from '../support/readers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { until } from '../support/wait.ts';

interface Identified {
  readonly id: string;
  readonly subject: { readonly slug: string };
  readonly period: string;
  readonly value: number | null;
}
const FIELDS = 'id subject { slug } period value';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

const ask = <Data>(query: string, variables = {}) => scenario.api.ask<Data>(query, variables);

async function observationOf(args: string): Promise<Identified> {
  return (await ask<{ observation: Identified }>(`{ observation(${args}) { ${FIELDS} } }`)).observation;
}

async function nodeOf(id: string): Promise<unknown> {
  const { node } = await ask<{ node: unknown }>(
    `query ($id: ID!) { node(id: $id) { __typename id ... on Observation { value period } } }`,
    { id },
  );
  return node;
}

test('what a figure moves is pushed with the ids by which queries show it, also of longer periods and of the company', async () => {
  const periods = ['2026-08', '2026-Q3', '2026-H2', '2026', '../2026-08-31'];
  const query = `{ ${['onvo', 'nio-inc']
    .flatMap((slug, of) =>
      periods.map((period, at) => `o${of}${at}: observation(subject: "${slug}", period: "${period}") { ${FIELDS} }`),
    )
    .join(' ')} }`;
  const after = await scenario.api.server.head();
  const reader = subscribe<{ figureRecorded: { affected: Identified[] } }>(
    scenario.api.server.wsUrl,
    `subscription ($after: Cursor) { figureRecorded(after: $after) { affected { ${FIELDS} } } }`,
    { variables: { after } },
  );
  await scenario.record('onvo', { '2026-08': 5_000 });
  await until('it is pushed', () => reader.results.length === 1);
  reader.stop();
  const affected = reader.results[0]?.data?.figureRecorded.affected ?? [];
  const shown = Object.values(await ask<Record<string, Identified>>(query));
  expect(shown).toHaveLength(10);
  for (const observation of shown) expect(affected).toContainEqual(observation);
  expect(new Set(affected.map(({ id }) => id)).size).toBe(affected.length);
});

test('an observation has one id in lookups, series, leaderboards, totals and conflicts, and is found by it', async () => {
  const { id } = await observationOf('subject: "aito", period: "2025-07"');
  const data = await ask<{
    brand: { observation: Identified; series: { observations: Identified[] } };
    leaderboard: { entries: { observation: Identified }[] };
    alliance: { total: { parts: Identified[] } };
  }>(`{
    brand(slug: "aito") {
      observation(period: "2025-07") { ${FIELDS} }
      series(from: "2025-07", to: "2025-07") { observations { ${FIELDS} } }
    }
    leaderboard(period: "2025-07", first: 100) { entries { observation { ${FIELDS} } } }
    alliance(slug: "hima") { total(period: "2025-07") { parts { ${FIELDS} } } }
  }`);
  const places = {
    brand: [data.brand.observation],
    series: data.brand.series.observations,
    leaderboard: data.leaderboard.entries.map(({ observation }) => observation),
    total: data.alliance.total.parts,
  };
  for (const [place, listed] of Object.entries(places))
    expect([place, listed.filter(({ subject }) => subject.slug === 'aito').map((one) => one.id)]).toEqual([
      place,
      [id],
    ]);
  expect(await nodeOf(id)).toMatchObject({ __typename: 'Observation', id, period: '2025-07' });
  const { conflicts } = await ask<{ conflicts: { nodes: (Identified & { metric: string })[] } }>(
    `{ conflicts(first: 100) { nodes { ${FIELDS} metric } } }`,
  );
  for (const { metric, ...conflict } of conflicts.nodes) {
    const { slug } = conflict.subject;
    expect(await observationOf(`subject: "${slug}", metric: ${metric}, period: "${conflict.period}"`)).toEqual(
      conflict,
    );
  }
});

// The figures to the end of July 2026 were published in August.
test('an observation as known at an instant has an id of its own, by which it is found as known then', async () => {
  const now = await observationOf('subject: "nio-inc", period: "../2026-07-31"');
  const then = await observationOf('subject: "nio-inc", period: "../2026-07-31", asOf: "2026-07-15T00:00:00Z"');
  expect(now.value).toBe(1_224_649);
  expect(then.value).toBeNull();
  expect(then.id).not.toBe(now.id);
  expect(await nodeOf(then.id)).toMatchObject({ id: then.id, value: null });
  expect(await nodeOf(now.id)).toMatchObject({ id: now.id, value: 1_224_649 });
  // The same instant, written in another way.
  const again = await observationOf('subject: "nio-inc", period: "../2026-07-31", asOf: "2026-07-15T08:00:00+08:00"');
  expect(again.id).toBe(then.id);
});

test('a period of which no observation is kept has an id too, and so has a share of a market', async () => {
  const days = await observationOf('subject: "nio-inc", period: "2025-01/2025-02"');
  expect(await nodeOf(days.id)).toMatchObject({ id: days.id, value: days.value });
  const share = await observationOf(
    'subject: "gac", metric: MARKET_SHARE, period: "2026-01-22", within: "thailand-taxi"',
  );
  expect(share.value).toBe(50);
  expect(await nodeOf(share.id)).toMatchObject({ id: share.id, value: 50 });
});

test('what a change says has the id of the present observation only while it is so, and one of its own afterwards', async () => {
  const brand = await scenario.subject('BRAND');
  const CHANGES = `query ($after: Cursor) { changes(after: $after) { nodes { ... on FigureChange { observation { ${FIELDS} } } } } }`;
  const after = await scenario.api.server.head();
  const said = async () =>
    (await ask<{ changes: { nodes: { observation?: Identified }[] } }>(CHANGES, { after })).changes.nodes.flatMap(
      ({ observation }) => observation ?? [],
    );
  const { ids } = await scenario.record(brand, { '2025-03': 300 });
  const now = await observationOf(`subject: "${brand}", period: "2025-03"`);
  expect(await said()).toEqual([now]);
  await scenario.revise(ids[0] as string, 310);
  const [before, present] = await said();
  expect(present).toEqual({ ...now, value: 310 });
  expect(before).toEqual({ ...now, id: expect.any(String), value: 300 });
  expect(before?.id).not.toBe(now.id);
  expect(await nodeOf(before?.id ?? '')).toMatchObject({ id: before?.id, value: 300 });
  expect(await nodeOf(now.id)).toMatchObject({ id: now.id, value: 310 });
});

test.each([
  ['an unknown subject', '999999|DELIVERIES|2025-12||'],
  ['a week of an unknown subject', '999999|DELIVERIES|2025-W10||'],
  ['a period of which nothing is known', '1|DELIVERIES|1950-01||'],
  ['an unknown metric', '1|LENGTH|2025-12||'],
  ['a period in another form', '1|DELIVERIES|2025-1||'],
  ['a market that is no row', '1|MARKET_SHARE|2025-12|0|'],
  ['an instant that is none', '1|DELIVERIES|2025-12||noon'],
  ['an instant out of reach', '1|DELIVERIES|2025-12||9999999999999999'],
  ['more than a key', '1|DELIVERIES|2025-12|||1|'],
  ['an entry of something else', '1|DELIVERIES|2025-12|||1'],
  ['an entry that there is not', '1|DELIVERIES|2025-12|||999999999999999999'],
  ['an entry out of reach', '1|DELIVERIES|2025-12|||9999999999999999999'],
])('the id of %s finds nothing, and is not an error', async (_name, key) => {
  expect(await nodeOf(Buffer.from(`Observation:${key}`).toString('base64'))).toBeNull();
});

test('an id says of which subject, metric, period, market and instant an observation is', () => {
  const row = fc.integer({ min: 1, max: 2_147_483_647 });
  const period = fc
    .constantFrom('2025-12', '2025-Q3', '2025', '2025-W12', '2025-01/2025-09', '../2026-01-13', '2026-01-13', '2025-H1')
    .map((text) => parsePeriod(text) as NonNullable<ReturnType<typeof parsePeriod>>);
  const position = fc.bigInt({ min: 1n, max: 10n ** 18n - 1n });
  const place = fc.record({
    subjectId: row,
    metric: fc.constantFrom(...METRICS),
    withinId: fc.option(row),
    asOf: fc.option(
      fc.date({
        noInvalidDate: true,
        min: new Date('0001-01-01T00:00:00Z'),
        max: new Date('9999-12-31T23:59:59.999Z'),
      }),
    ),
  });
  fc.assert(
    fc.property(place, period, fc.option(position), (where, span, at) => {
      const key = { place: where, period: span, position: at };
      expect(parseObservationKey(formatObservationKey(key))).toEqual(key);
    }),
  );
});
