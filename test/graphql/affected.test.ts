import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Reader, subscribe } from '../support/readers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { until } from '../support/wait.ts';

const WATCH = `subscription ($filter: FigureFilter, $after: Cursor) {
  figureRecorded(filter: $filter, after: $after) {
    figure { subject { slug } period }
    affected { subject { slug } period value lower upper qualifier }
  }
}`;

interface Pushed {
  readonly figureRecorded: {
    readonly figure: { readonly subject: { readonly slug: string }; readonly period: string };
    readonly affected: readonly Affected[];
  };
}
interface Affected {
  readonly subject: { readonly slug: string };
  readonly period: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly qualifier: string | null;
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

// NIO Inc. is known to July 2026: 35,934 in that month, 35,934 + 27,182 + 20,797 + 35,486 + 29,356 + 37,705 + 40,597 = 227,057 in the
// year, and 997,592 to the end of 2025, so 1,224,649 to the end of July. In August only Onvo is known, which is the least it can be.
test('a month of a brand also pushes what it moves of its company: month, quarter, half, year and totals to date', async () => {
  const after = await scenario.api.server.head();
  const reader = subscribe<Pushed>(scenario.api.server.wsUrl, WATCH, { variables: { after } });
  await scenario.record('onvo', { '2026-08': 5_000 });
  await until('it is pushed', () => reader.results.length === 1);
  reader.stop();
  const { figure, affected } = pushedTo(reader)[0] as Pushed['figureRecorded'];
  expect(figure).toEqual({ subject: { slug: 'onvo' }, period: '2026-08' });
  const of = (slug: string) =>
    Object.fromEntries(
      affected
        .filter(({ subject }) => subject.slug === slug)
        .map(({ subject: _of, period, ...known }) => [period, known]),
    );
  const atLeast = (lower: number) => ({ value: null, lower, upper: null, qualifier: 'OVER' });
  expect(of('nio-inc')).toEqual({
    '2026-08': atLeast(5_000),
    '2026-Q3': atLeast(35_934 + 5_000),
    '2026-H2': atLeast(35_934 + 5_000),
    '2026': atLeast(227_057 + 5_000),
    '../2026-08-31': atLeast(1_224_649 + 5_000),
  });
  expect(of('onvo')['2026-08']).toEqual({ value: 5_000, lower: 5_000, upper: 5_000, qualifier: 'EXACT' });
  // Nobody is part of it whom it does not concern.
  expect(new Set(affected.map(({ subject }) => subject.slug))).toEqual(new Set(['nio-inc', 'onvo']));
});

test('a figure that is withdrawn pushes the slots of which nothing is known any more', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '2026-08': 5_000 });
  const after = await scenario.api.server.head();
  const variables = { after, filter: { subjects: [brand] } };
  const reader = subscribe<Pushed>(scenario.api.server.wsUrl, WATCH, { variables });
  await scenario.withdraw(ids[0] as string);
  await until('it is pushed', () => reader.results.length === 1);
  reader.stop();
  const { affected } = pushedTo(reader)[0] as Pushed['figureRecorded'];
  expect(affected.map(({ period }) => period).sort()).toEqual(
    ['../2026-08-31', '2026', '2026-08', '2026-H2', '2026-Q3'].sort(),
  );
  for (const { value, lower, upper, qualifier } of affected)
    expect([value, lower, upper, qualifier]).toEqual([null, null, null, null]);
});

test('of several figures that are written at once, each observation is with one of them', async () => {
  const brand = await scenario.subject('BRAND');
  const after = await scenario.api.server.head();
  const variables = { after, filter: { subjects: [brand] } };
  const reader = subscribe<Pushed>(scenario.api.server.wsUrl, WATCH, { variables });
  await scenario.record(brand, { '2026-01': 100, '2026-02': 200, '2026-03': 300 });
  await until('all are pushed', () => reader.results.length === 3);
  reader.stop();
  const pushed = pushedTo(reader);
  const all = pushed.flatMap(({ affected }) => affected.map(({ period }) => period));
  expect(new Set(all).size).toBe(all.length);
  expect(pushed.map(({ figure, affected }) => affected.some(({ period }) => period === figure.period))).toEqual([
    ...[true, true, true],
  ]);
  const known = new Map(pushed.flatMap(({ affected }) => affected.map(({ period, value }) => [period, value])));
  expect(known.get('2026-Q1')).toBe(600);
});

function pushedTo({ results }: Reader<Pushed>): readonly Pushed['figureRecorded'][] {
  return results.flatMap(({ data }) => data?.figureRecorded ?? []);
}
