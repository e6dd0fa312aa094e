import { afterAll, beforeAll, expect, test } from 'vitest';
import { subscribe } from '../support/readers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { until } from '../support/wait.ts';

interface Family {
  readonly company: string;
  readonly brand: string;
  readonly other: string;
}

interface Listed {
  readonly kind: string;
  readonly gap: number;
  readonly subject: { readonly slug: string };
}

interface Told {
  readonly __typename: string;
  readonly subject: { readonly slug: string };
  readonly resolved?: boolean;
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

/** A company and its two brands, of which it says less than they do. Returns the id of the company's figure. */
async function contradict({ company, brand, other }: Family): Promise<string> {
  await scenario.record(brand, { '2025-01': 100 });
  await scenario.record(other, { '2025-01': 100 });
  const { ids } = await scenario.record(company, { '2025-01': 150 });
  return ids[0] as string;
}

async function makeFamily(): Promise<Family> {
  const company = await scenario.subject('COMPANY');
  const brand = await scenario.subject('BRAND', { parent: company });
  return { company, brand, other: await scenario.subject('BRAND', { parent: company }) };
}

const OF_COMPANY = { kind: 'WHOLE_AND_PARTS', gap: 50 };

test('contradictions of a whole are listed with each of the parts whose figures take part', async () => {
  const family = await makeFamily();
  const third = await scenario.subject('BRAND');
  await contradict(family);
  const listed = [{ ...OF_COMPANY, subject: { slug: family.company } }];
  for (const slug of [family.company, family.brand, family.other])
    for (const includeDescendants of [true, false])
      expect(await list({ subjects: [slug], includeDescendants })).toEqual(listed);
  expect(await list({ subjects: [family.brand], metrics: ['DELIVERIES'] })).toEqual(listed);
  expect(await list({ subjects: [family.brand], metrics: ['SALES'] })).toEqual([]);
  expect(await list({ subjects: [third] })).toEqual([]);
});

test('a part is not told of contradictions in which only its relatives take part', async () => {
  const family = await makeFamily();
  await scenario.record(family.other, { '2025-01': 101 });
  await scenario.record(family.other, { '2025-01': 141 }, { sourceId: await scenario.source(3) });
  expect(await list({ subjects: [family.other] })).toHaveLength(1);
  expect(await list({ subjects: [family.brand] })).toEqual([]);
});

test('contradictions of a whole are pushed to those who watch a part, when they appear and when they are resolved', async () => {
  const family = await makeFamily();
  const filter = { subjects: [family.brand], metrics: ['DELIVERIES'] };
  const after = await scenario.api.server.head();
  const document = `subscription ($filter: ChangeFilter, $after: Cursor) {
    changes(filter: $filter, after: $after) { __typename cursor subject { slug } ... on ContradictionChange { resolved } }
  }`;
  const reader = subscribe<{ changes: Told & { cursor: string } }>(scenario.api.server.wsUrl, document, {
    variables: { filter, after },
  });
  const id = await contradict(family);
  await scenario.withdraw(id);
  await scenario.record(family.brand, { '2025-02': 7 });
  const head = await scenario.api.server.head();
  const told = () => reader.results.map(({ data }) => (data as { changes: Told & { cursor: string } }).changes);
  await until('the head is reached', () => told().at(-1)?.cursor === head);
  reader.stop();
  const expected = [
    { __typename: 'FigureChange', subject: { slug: family.brand } },
    // None of the company's own figure, which was written with it.
    { __typename: 'ContradictionChange', subject: { slug: family.company }, resolved: false },
    { __typename: 'ContradictionChange', subject: { slug: family.company }, resolved: true },
    { __typename: 'FigureChange', subject: { slug: family.brand } },
  ];
  expect(told()).toMatchObject(expected);
  const { changes } = await scenario.api.ask<{ changes: { nodes: Told[] } }>(
    `query ($filter: ChangeFilter, $after: Cursor) {
      changes(filter: $filter, after: $after) { nodes { __typename cursor subject { slug } ... on ContradictionChange { resolved } } }
    }`,
    { filter, after },
  );
  expect(changes.nodes).toEqual(told());
});

test('a live list for a part shows a contradiction of the whole, and that it is resolved', async () => {
  const family = await makeFamily();
  const live = subscribe<{ live: { contradictions: { totalCount: number } } }>(
    scenario.api.server.wsUrl,
    `subscription { live { contradictions(filter: { subjects: ["${family.brand}"] }) { totalCount } } }`,
  );
  const counts = () => live.results.map(({ data }) => data?.live.contradictions.totalCount);
  await until('the first answer came', () => counts().length === 1);
  const id = await contradict(family);
  await until('the contradiction is shown', () => counts().length === 2);
  await scenario.withdraw(id);
  await until('its end is shown', () => counts().length === 3);
  live.stop();
  expect(counts()).toEqual([0, 1, 0]);
});

test('the observation of a part names the contradiction of the whole', async () => {
  const family = await makeFamily();
  await contradict(family);
  const { observation } = await scenario.api.ask<{ observation: object }>(
    `query ($slug: String!) { observation(subject: $slug, period: "2025-01") { contradictions { kind gap subject { slug } } } }`,
    { slug: family.brand },
  );
  expect(observation).toEqual({ contradictions: [{ ...OF_COMPANY, subject: { slug: family.company } }] });
});

test('deliveries name the contradiction with what was produced', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '../2025-06-30': 100 }, { metric: 'PRODUCTION' });
  await scenario.record(brand, { '../2025-06-30': 150 });
  const { delivered, produced } = await scenario.api.ask<Readonly<Record<string, object>>>(
    `query ($slug: String!) {
      delivered: observation(subject: $slug, metric: DELIVERIES, period: "../2025-06-30") { contradictions { kind gap } }
      produced: observation(subject: $slug, metric: PRODUCTION, period: "../2025-06-30") { contradictions { kind gap } }
    }`,
    { slug: brand },
  );
  const contradictions = [{ kind: 'METRICS', gap: 50 }];
  expect({ delivered, produced }).toEqual({ delivered: { contradictions }, produced: { contradictions } });
});

async function list(filter: object): Promise<readonly Listed[]> {
  const { contradictions } = await scenario.api.ask<{ contradictions: { nodes: Listed[]; totalCount: number } }>(
    `query ($filter: ChangeFilter) { contradictions(filter: $filter) { totalCount nodes { kind gap subject { slug } } } }`,
    { filter },
  );
  expect(contradictions.totalCount).toBe(contradictions.nodes.length);
  return contradictions.nodes;
}
