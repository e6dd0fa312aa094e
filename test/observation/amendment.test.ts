import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, type World } from '../support/world.ts';

const MONTH = '2025-10';

/** What a subscriber or a reader of the log is told of a figure. */
const CHANGE = 'cursor action before figure { id value } observation { value revised agreement }';

interface FigureChange {
  readonly cursor: string;
  readonly action: string;
  readonly before: number | null;
  readonly figure: { readonly id: string };
  readonly observation: { readonly value: number } | null;
}

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

test('a withdrawn figure counts no more, and stays in the history with its reason', async () => {
  const brand = await world.subject('BRAND');
  const { ids } = await world.record(brand, { [MONTH]: 8_630 });
  await world.withdraw(ids[0] as string);
  expect(await world.observe(brand, MONTH)).toBeNull();
  const { brand: kept } = await world.api.ask<{ brand: unknown }>(
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

test('after a withdrawal the next claim stands, and the observation is called revised', async () => {
  const brand = await world.subject('BRAND');
  const { ids } = await world.record(brand, { [MONTH]: 8_630 });
  await world.record(brand, { [MONTH]: 8_646 }, { sourceId: await world.source(3) });
  expect(await world.observe(brand, MONTH)).toMatchObject({ value: 8_630, agreement: 'CONFLICTS', revised: false });
  await world.withdraw(ids[0] as string);
  expect(await world.observe(brand, MONTH)).toMatchObject({ value: 8_646, agreement: 'SOLE', revised: true });
});

test('what was withdrawn was known until then', async () => {
  const brand = await world.subject('BRAND');
  const { ids } = await world.record(brand, { [MONTH]: 8_630 }, { sourceId: await world.source(1, '2025-11-01') });
  await world.withdraw(ids[0] as string);
  expect(await world.observe(brand, MONTH, { asOf: '2025-12-01T00:00:00Z' })).toMatchObject({ value: 8_630 });
  expect(await world.observe(brand, MONTH, { asOf: new Date().toISOString() })).toBeNull();
});

test('a figure is withdrawn once, and neither revised nor ranked afterwards', async () => {
  const brand = await world.subject('BRAND');
  const { ids } = await world.record(brand, { [MONTH]: 8_630 });
  const [id] = ids as [string];
  await world.withdraw(id);
  expect(await world.withdraw(id)).toMatchObject({ deduplicated: 1, cursor: null });
  const stale = { userErrors: [{ code: 'STALE_REVISION', path: ['id'] }] };
  await expect(world.revise(id, 8_646)).rejects.toMatchObject(stale);
  await expect(world.rank(id, 'PREFERRED')).rejects.toMatchObject(stale);
});

test('what was withdrawn can be recorded anew', async () => {
  const brand = await world.subject('BRAND');
  const { ids } = await world.record(brand, { [MONTH]: 8_630 });
  await world.withdraw(ids[0] as string);
  const again = await world.record(brand, { [MONTH]: 8_646 });
  expect(again).toMatchObject({ deduplicated: 0 });
  expect(await world.observe(brand, MONTH)).toMatchObject({ value: 8_646, revised: true });
});

test('the same rank again for the same reason writes nothing', async () => {
  const brand = await world.subject('BRAND');
  const { ids } = await world.record(brand, { [MONTH]: 8_630 });
  const [id] = ids as [string];
  expect(await world.rank(id, 'PREFERRED')).toMatchObject({ deduplicated: 0, cursor: expect.any(String) });
  expect(await world.rank(id, 'PREFERRED')).toMatchObject({ deduplicated: 1, cursor: null });
  expect(await changesOf(brand)).toHaveLength(2);
});

test('the log tells of each step with the value before and the observation from there on', async () => {
  const brand = await world.subject('BRAND');
  await everyStep(brand);
  expect(await changesOf(brand)).toMatchObject(STEPS);
});

test('a subscriber is told of 8,630 → 8,646 without asking again, and told the same when it is replayed later', async () => {
  const brand = await world.subject('BRAND');
  const { head } = await world.api.ask<{ head: string }>('{ head }');
  const live = follow(brand, head);
  const told = taken(live, STEPS.length);
  await everyStep(brand);
  expect(await told).toMatchObject(STEPS);
  expect(await taken(follow(brand, head), STEPS.length)).toEqual(await told);
  const afterTheFirst = follow(brand, (await told)[0]?.cursor as string);
  expect(await taken(afterTheFirst, STEPS.length - 1)).toEqual((await told).slice(1));
});

test('a claim that does not change the best value is told with the value it stands beside', async () => {
  const brand = await world.subject('BRAND');
  await world.record(brand, { [MONTH]: 8_630 });
  await world.record(brand, { [MONTH]: 8_646 }, { sourceId: await world.source(3) });
  expect((await changesOf(brand)).at(-1)).toMatchObject({
    ...{ action: 'RECORDED', before: 8_630, figure: { value: 8_646 } },
    observation: { value: 8_630, agreement: 'CONFLICTS' },
  });
});

/** Recorded, restated, doubted, and taken back: what the log says of it. */
const STEPS = [
  { action: 'RECORDED', before: null, figure: { value: 8_630 }, observation: { value: 8_630, revised: false } },
  { action: 'REVISED', before: 8_630, figure: { value: 8_646 }, observation: { value: 8_646, revised: true } },
  { action: 'RANKED', before: 8_646, figure: { value: 8_646 }, observation: null },
  { action: 'RANKED', before: null, figure: { value: 8_646 }, observation: { value: 8_646, agreement: 'SOLE' } },
  { action: 'WITHDRAWN', before: 8_646, figure: { value: 8_646 }, observation: null },
];

async function everyStep(brand: string): Promise<void> {
  const { ids } = await world.record(brand, { [MONTH]: 8_630 });
  const { ids: revised } = await world.revise(ids[0] as string, 8_646);
  const [id] = revised as [string];
  await world.rank(id, 'DEPRECATED');
  await world.rank(id, 'NORMAL');
  await world.withdraw(id);
}

async function changesOf(subject: string): Promise<readonly FigureChange[]> {
  const { changes } = await world.api.ask<{ changes: { nodes: FigureChange[] } }>(
    `query($subject: String!) {
      changes(filter: { subjects: [$subject], metrics: [DELIVERIES] }) { nodes { ... on FigureChange { ${CHANGE} } } }
    }`,
    { subject },
  );
  return changes.nodes;
}

function follow(subject: string, after: string): AsyncGenerator<{ figureRecorded: FigureChange }, void, void> {
  return world.api.subscribe(
    `subscription($subject: String!, $after: Cursor) {
      figureRecorded(filter: { subjects: [$subject] }, after: $after) { ${CHANGE} }
    }`,
    { subject, after },
  );
}

/** The first of what is pushed; then the subscription is ended. */
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
