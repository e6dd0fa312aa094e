import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Reader, subscribe } from '../support/readers.ts';
import { openScenario, type Scenario } from '../support/scenario.ts';
import { until } from '../support/wait.ts';

const CONTRADICTION = 'id kind subject { slug } metric periods gap figures { value } setAside { value } explanation';
const CHANGES = `subscription ($filter: ChangeFilter, $after: Cursor) {
  changes(filter: $filter, after: $after) {
    __typename cursor subject { slug }
    ... on ContradictionChange { resolved causedBy { id } contradiction { ${CONTRADICTION} } }
  }
}`;

interface Contradiction {
  readonly id: string;
  readonly kind: string;
  readonly gap: number;
}
interface Told {
  readonly __typename: string;
  readonly cursor: string;
  readonly resolved: boolean;
  readonly causedBy: { readonly id: string } | null;
  readonly contradiction: Contradiction;
}
type Changes = Reader<{ readonly changes: Told }>;

let scenario: Scenario;
let other: string;
beforeAll(async () => {
  scenario = await openScenario();
  other = await scenario.source(3);
});
afterAll(() => scenario[Symbol.asyncDispose]());

/** Subscribes to the changes of a subject over a WebSocket, from now on. */
async function watch(subject: string): Promise<Changes> {
  const variables = { filter: { subjects: [subject] }, after: await scenario.api.server.head() };
  return subscribe(scenario.api.server.wsUrl, CHANGES, { variables });
}

/** What it is told until the log's head. */
async function toldTo(reader: Changes): Promise<readonly Told[]> {
  const head = await scenario.api.server.head();
  const told = (): readonly Told[] => reader.results.map(({ data }) => (data as { changes: Told }).changes);
  await until('the head is reached', () => told().at(-1)?.cursor === head);
  return told();
}

function contradictionsIn(told: readonly Told[]): readonly Told[] {
  return told.filter(({ __typename }) => __typename === 'ContradictionChange');
}

async function list(filter: object): Promise<readonly Contradiction[]> {
  const { contradictions } = await scenario.api.ask<{ contradictions: { nodes: Contradiction[] } }>(
    `query ($filter: ChangeFilter) { contradictions(filter: $filter) { nodes { ${CONTRADICTION} } } }`,
    { filter },
  );
  return contradictions.nodes;
}

test('two sources that disagree about a month are pushed once as a contradiction, and listed', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 101 });
  await watching(await watch(brand), async (reader) => {
    const { ids } = await scenario.record(brand, { '2025-01': 141 }, { sourceId: other });
    // The maker's own word stands, so the other one is set aside.
    const contradiction = {
      ...{ id: expect.any(String), kind: 'SAME_PERIOD', subject: { slug: brand }, metric: 'DELIVERIES' },
      ...{ periods: ['2025-01'], gap: 40, figures: [{ value: 101 }, { value: 141 }], setAside: [{ value: 141 }] },
      explanation: expect.stringContaining('They are 40 apart.'),
    };
    const told = await toldTo(reader);
    expect(told.map(({ __typename }) => __typename)).toEqual(['FigureChange', 'ContradictionChange']);
    expect(told[1]).toMatchObject({ resolved: false, causedBy: { id: ids[0] }, contradiction });
    expect(await list({ subjects: [brand] })).toEqual([contradiction]);
    expect(await list({ subjects: [brand], metrics: ['DELIVERIES'] })).toHaveLength(1);
    expect(await list({ subjects: [brand], metrics: ['SALES'] })).toEqual([]);
    // A further claim about something else changes nothing in it.
    await scenario.record(brand, { '2025-05': 100 });
    expect(contradictionsIn(await toldTo(reader))).toHaveLength(1);
  });
});

test('a round value that the other one rounds to contradicts nothing', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 10_100 });
  await scenario.record(brand, { '2025-01': 10_141 }, { sourceId: other });
  expect(await list({ subjects: [brand] })).toEqual([]);
});

test('the withdrawal of one of the figures resolves it, which is pushed once', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 101 });
  const { ids } = await scenario.record(brand, { '2025-01': 141 }, { sourceId: other });
  const [found] = await list({ subjects: [brand] });
  await watching(await watch(brand), async (reader) => {
    await scenario.withdraw(ids[0] as string);
    const told = await toldTo(reader);
    expect(told.map(({ __typename }) => __typename)).toEqual(['FigureChange', 'ContradictionChange']);
    expect(told[1]).toMatchObject({ resolved: true, causedBy: { id: ids[0] }, contradiction: { id: found?.id } });
    expect(await list({ subjects: [brand] })).toEqual([]);
  });
});

test('the same claims that contradict each other again are the same contradiction', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 101 });
  const { ids } = await scenario.record(brand, { '2025-01': 141 }, { sourceId: other });
  const [found] = await list({ subjects: [brand] });
  await watching(await watch(brand), async (reader) => {
    await scenario.rank(ids[0] as string, 'DEPRECATED');
    await scenario.rank(ids[0] as string, 'NORMAL');
    const told = contradictionsIn(await toldTo(reader));
    expect(told.map(({ resolved }) => resolved)).toEqual([true, false]);
    expect(new Set(told.map(({ contradiction }) => contradiction.id))).toEqual(new Set([found?.id]));
    expect(await list({ subjects: [brand] })).toMatchObject([{ id: found?.id }]);
  });
});

test('the changes that are paged tell the same as those that are pushed', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { '2025-01': 101 });
  const after = await scenario.api.server.head();
  await watching(await watch(brand), async (reader) => {
    await scenario.record(brand, { '2025-01': 141 }, { sourceId: other });
    const { changes } = await scenario.api.ask<{ changes: { nodes: Told[] } }>(
      CHANGES.replace('subscription', 'query')
        .replace('    __typename', '    nodes { __typename')
        .replace(/\}$/, '} }'),
      { filter: { subjects: [brand], metrics: ['DELIVERIES'] }, after },
    );
    expect(await toldTo(reader)).toEqual(changes.nodes);
    expect(contradictionsIn(changes.nodes)).toHaveLength(1);
  });
});

describe('what contradicts what', () => {
  test('months that add up to something else than their quarter', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '2025-01': 101, '2025-02': 102, '2025-03': 103, '2025-Q1': 396 });
    expect(await list({ subjects: [brand] })).toMatchObject([
      { kind: 'SUM', gap: 90, periods: ['2025-01', '2025-02', '2025-03', '2025-Q1'] },
    ]);
  });

  test('a total to date that is less than an earlier one', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-03-31': 905, '../2025-06-30': 855 }, { acknowledgeOutlier: true });
    expect(await list({ subjects: [brand] })).toMatchObject([
      { kind: 'TO_DATE', gap: 50, periods: ['../2025-03-31', '../2025-06-30'] },
    ]);
  });

  test('a company of less than its brands', async () => {
    const company = await scenario.subject('COMPANY');
    const [one, two] = [
      await scenario.subject('BRAND', { parent: company }),
      await scenario.subject('BRAND', { parent: company }),
    ];
    await scenario.record(one, { '2025-01': 100 });
    await scenario.record(two, { '2025-01': 100 });
    await scenario.record(company, { '2025-01': 150 });
    expect(await list({ subjects: [company] })).toMatchObject([
      { kind: 'WHOLE_AND_PARTS', gap: 50, periods: ['2025-01'] },
    ]);
  });

  test('deliveries before the first one', async () => {
    const brand = await scenario.subject('BRAND', { firstDeliveryOn: '2025-03-01' });
    await scenario.record(brand, { '2025-01': 70 }, { acknowledgeOutlier: true });
    expect(await list({ subjects: [brand] })).toMatchObject([{ kind: 'BEFORE_FIRST', gap: 70, periods: ['2025-01'] }]);
  });

  test('an announced number and what the figures allow; no figure caused it', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-12-31': 900_000 });
    await watching(await watch(brand), async (reader) => {
      await scenario.announce(brand, { threshold: 1_000_000, reachedOn: '2025-11-20' });
      expect(contradictionsIn(await toldTo(reader))).toMatchObject([
        { resolved: false, causedBy: null, contradiction: { kind: 'MILESTONE', gap: 100_000 } },
      ]);
    });
  });

  test('more deliveries than vehicles that were produced', async () => {
    const brand = await scenario.subject('BRAND');
    await scenario.record(brand, { '../2025-06-30': 100 }, { metric: 'PRODUCTION' });
    await scenario.record(brand, { '../2025-06-30': 150 });
    expect(await list({ subjects: [brand] })).toMatchObject([{ kind: 'METRICS', metric: 'PRODUCTION', gap: 50 }]);
  });
});

test('a contradiction that stays but says something else is no change, and a live query shows it', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { '2025-01': 111, '2025-02': 112, '2025-03': 113 });
  await scenario.record(brand, { '2025-Q1': 386 }, { acknowledgeOutlier: true });
  const live = subscribe<{ live: { contradictions: { nodes: Contradiction[] } } }>(
    scenario.api.server.wsUrl,
    `subscription { live { contradictions(filter: { subjects: ["${brand}"], metrics: [DELIVERIES] }) { nodes { id gap } } } }`,
  );
  const gaps = (): readonly (number | undefined)[] =>
    live.results.map(({ data }) => data?.live.contradictions.nodes[0]?.gap);
  await until('the first answer came', () => live.results.length === 1);
  await watching(await watch(brand), async (reader) => {
    await scenario.revise(ids[0] as string, 101);
    await until('the next answer came', () => live.results.length === 2);
    expect(gaps()).toEqual([50, 60]);
    expect(contradictionsIn(await toldTo(reader))).toEqual([]);
  });
  live.stop();
});

async function watching(reader: Changes, run: (reader: Changes) => Promise<void>): Promise<void> {
  try {
    await run(reader);
  } finally {
    reader.stop();
  }
}
