import { afterAll, beforeAll, expect, test } from 'vitest';
import { openScenario, type Scenario } from '../../support/scenario.ts';

const MONTH = '2025-10';

/** What a subscriber or a reader of the log gets about a figure. */
const CHANGE = 'cursor action before figure { id value } observation { value revised agreement }';

interface FigureChange {
  readonly cursor: string;
  readonly action: string;
  readonly before: number | null;
  readonly figure: { readonly id: string };
  readonly observation: { readonly value: number } | null;
}

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario();
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('a withdrawn figure no longer counts, and stays in the history with its reason', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [MONTH]: 8_630 });
  await scenario.withdraw(ids[0] as string);
  expect(await scenario.observe(brand, MONTH)).toBeNull();
  const { brand: kept } = await scenario.api.ask<{ brand: unknown }>(
    `query($slug: String!) { brand(slug: $slug) {
      current: figures { totalCount }
      all: figures(filter: { currentOnly: false }) { nodes { value action reason knownUntil } }
    } }`,
    { slug: brand },
  );
  expect(kept).toEqual({
    current: { totalCount: 0 },
    all: { nodes: [{ value: 8_630, action: 'WITHDRAWN', reason: 'It was wrong.', knownUntil: expect.any(String) }] },
  });
});

test('after a withdrawal the next claim counts, and the observation is marked as revised', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [MONTH]: 8_630 });
  await scenario.record(brand, { [MONTH]: 8_646 }, { sourceId: await scenario.source(3) });
  expect(await scenario.observe(brand, MONTH)).toMatchObject({ value: 8_630, agreement: 'CONFLICTS', revised: false });
  await scenario.withdraw(ids[0] as string);
  expect(await scenario.observe(brand, MONTH)).toMatchObject({ value: 8_646, agreement: 'SOLE', revised: true });
});

test('a withdrawn figure was known until its withdrawal', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(
    brand,
    { [MONTH]: 8_630 },
    { sourceId: await scenario.source(1, '2025-11-01') },
  );
  await scenario.withdraw(ids[0] as string);
  expect(await scenario.observe(brand, MONTH, { asOf: '2025-12-01T00:00:00Z' })).toMatchObject({ value: 8_630 });
  expect(await scenario.observe(brand, MONTH, { asOf: new Date().toISOString() })).toBeNull();
});

test('a figure is withdrawn once, and cannot be revised or ranked afterwards', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [MONTH]: 8_630 });
  const [id] = ids as [string];
  await scenario.withdraw(id);
  expect(await scenario.withdraw(id)).toMatchObject({ deduplicated: 1, cursor: null });
  const stale = { userErrors: [{ code: 'STALE_REVISION', path: ['id'] }] };
  await expect(scenario.revise(id, 8_646)).rejects.toMatchObject(stale);
  await expect(scenario.rank(id, 'PREFERRED')).rejects.toMatchObject(stale);
});

test('a withdrawn figure can be recorded again', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [MONTH]: 8_630 });
  await scenario.withdraw(ids[0] as string);
  const again = await scenario.record(brand, { [MONTH]: 8_646 });
  expect(again).toMatchObject({ deduplicated: 0 });
  expect(await scenario.observe(brand, MONTH)).toMatchObject({ value: 8_646, revised: true });
});

test('the same rank again for the same reason writes nothing', async () => {
  const brand = await scenario.subject('BRAND');
  const { ids } = await scenario.record(brand, { [MONTH]: 8_630 });
  const [id] = ids as [string];
  expect(await scenario.rank(id, 'PREFERRED')).toMatchObject({ deduplicated: 0, cursor: expect.any(String) });
  expect(await scenario.rank(id, 'PREFERRED')).toMatchObject({ deduplicated: 1, cursor: null });
  expect(await changesOf(brand)).toHaveLength(2);
});

test('the log has each step with the value before it and the observation after it', async () => {
  const brand = await scenario.subject('BRAND');
  await everyStep(brand);
  expect(await changesOf(brand)).toMatchObject(STEPS);
});

test('a subscriber gets 8,630 → 8,646 without asking again, and gets the same in a later replay', async () => {
  const brand = await scenario.subject('BRAND');
  const { head } = await scenario.api.ask<{ head: string }>('{ head }');
  const live = follow(brand, head);
  const told = taken(live, STEPS.length);
  await everyStep(brand);
  expect(await told).toMatchObject(STEPS);
  expect(await taken(follow(brand, head), STEPS.length)).toEqual(await told);
  const afterTheFirst = follow(brand, (await told)[0]?.cursor as string);
  expect(await taken(afterTheFirst, STEPS.length - 1)).toEqual((await told).slice(1));
});

test('a claim that does not change the best value is pushed together with that value, and then the contradiction with it', async () => {
  const brand = await scenario.subject('BRAND');
  await scenario.record(brand, { [MONTH]: 8_630 });
  await scenario.record(brand, { [MONTH]: 8_646 }, { sourceId: await scenario.source(3) });
  const [change, contradiction, ...others] = (await changesOf(brand)).slice(1);
  expect(change).toMatchObject({
    ...{ action: 'RECORDED', before: 8_630, figure: { value: 8_646 } },
    observation: { value: 8_630, agreement: 'CONFLICTS' },
  });
  expect(contradiction).toEqual({ contradiction: { gap: 16 }, resolved: false });
  expect(others).toEqual([]);
});

/** The log entries of a figure that was recorded, restated, deprecated and withdrawn. */
const STEPS = [
  { action: 'RECORDED', before: null, figure: { value: 8_630 }, observation: { value: 8_630, revised: false } },
  { action: 'REVISED', before: 8_630, figure: { value: 8_646 }, observation: { value: 8_646, revised: true } },
  { action: 'RANKED', before: 8_646, figure: { value: 8_646 }, observation: null },
  { action: 'RANKED', before: null, figure: { value: 8_646 }, observation: { value: 8_646, agreement: 'SOLE' } },
  { action: 'WITHDRAWN', before: 8_646, figure: { value: 8_646 }, observation: null },
];

async function everyStep(brand: string): Promise<void> {
  const { ids } = await scenario.record(brand, { [MONTH]: 8_630 });
  const { ids: revised } = await scenario.revise(ids[0] as string, 8_646);
  const [id] = revised as [string];
  await scenario.rank(id, 'DEPRECATED');
  await scenario.rank(id, 'NORMAL');
  await scenario.withdraw(id);
}

async function changesOf(subject: string): Promise<readonly FigureChange[]> {
  const { changes } = await scenario.api.ask<{ changes: { nodes: FigureChange[] } }>(
    `query($subject: String!) {
      changes(filter: { subjects: [$subject], metrics: [DELIVERIES] }) {
        nodes { ... on FigureChange { ${CHANGE} } ... on ContradictionChange { contradiction { gap } resolved } }
      }
    }`,
    { subject },
  );
  return changes.nodes;
}

function follow(subject: string, after: string): AsyncGenerator<{ figureRecorded: FigureChange }, void, void> {
  return scenario.api.subscribe(
    `subscription($subject: String!, $after: Cursor) {
      figureRecorded(filter: { subjects: [$subject] }, after: $after) { ${CHANGE} }
    }`,
    { subject, after },
  );
}

/** The first event; the subscription is closed after it. */
async function taken(
  pushes: AsyncGenerator<{ figureRecorded: FigureChange }, void, void>,
  count: number,
): Promise<readonly FigureChange[]> {
  const changes: FigureChange[] = [];
  for await (const { figureRecorded } of pushes) {
    changes.push(figureRecorded);
    if (changes.length === count) break;
  }
  return changes;
}
