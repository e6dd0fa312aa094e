import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { subscribe, subscribeToEvents } from '../support/readers.ts';
import { statementsOf } from '../support/statements.ts';
import { until } from '../support/wait.ts';
import { givenSource, givenSubject, write } from '../support/writes.ts';

const OF_NEAR = '{ brand(slug: "near") { observation(metric: DELIVERIES, period: "2026-05") { value } } }';
const OF_FAR = '{ brand(slug: "far") { observation(metric: DELIVERIES, period: "2026-05") { value } } }';

interface OfBrand {
  readonly brand: { readonly observation: { readonly value: number | null } };
}

let api: Api;
/** The key's lookup is a statement of each request, so readers come without one. */
let anonymous: { ask(query: string): Promise<OfBrand> };

beforeAll(async () => {
  api = await openApi();
  await givenSubject(api, 'BRAND', { slug: 'near' });
  await givenSubject(api, 'BRAND', { slug: 'far' });
  anonymous = {
    ask: async (query) => {
      const response = await fetch(api.server.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      });
      return ((await response.json()) as { data: OfBrand }).data;
    },
  };
});
afterAll(() => api[Symbol.asyncDispose]());

async function record(subject: string, value: number): Promise<void> {
  const sourceId = await givenSource(api);
  const { userErrors } = await write(api, 'recordFigure', {
    subject,
    metric: 'DELIVERIES',
    period: '2026-05',
    value,
    sourceId,
  });
  expect(userErrors).toEqual([]);
}

const valueIn = async (query: string): Promise<number | null> => (await anonymous.ask(query)).brand.observation.value;

/** Waits until the log's tail has read everything that was written, as it does some milliseconds after a write. */
const caughtUp = (): Promise<unknown> =>
  until('the log is read', async () => {
    await anonymous.ask('{ brands { totalCount } }');
    return (await statementsOf(() => anonymous.ask('{ brands { totalCount } }'))).length === 0;
  });

test('a repeated query needs no statement, until a write touches what it read', async () => {
  await record('near', 100);
  await record('far', 7);
  await caughtUp();
  expect([await valueIn(OF_NEAR), await valueIn(OF_FAR)]).toEqual([100, 7]);
  expect(await statementsOf(() => valueIn(OF_NEAR))).toEqual([]);
  const sourceId = await givenSource(api, { tier: 1 });
  await write(api, 'recordFigure', { subject: 'near', metric: 'DELIVERIES', period: '2026-05', value: 120, sourceId });
  await caughtUp();
  expect(await statementsOf(() => valueIn(OF_FAR))).toEqual([]);
  expect(await valueIn(OF_NEAR)).toBe(120);
});

test('whoever has written reads it at once', async () => {
  for (let month = 1; month <= 12; month += 1) {
    const period = `2024-${String(month).padStart(2, '0')}`;
    const query = `{ brand(slug: "near") { observation(metric: DELIVERIES, period: "${period}") { value } } }`;
    expect((await anonymous.ask(query)).brand.observation?.value ?? null).toBeNull();
    const sourceId = await givenSource(api);
    await write(api, 'recordFigure', { subject: 'near', metric: 'DELIVERIES', period, value: month, sourceId });
    expect(await valueIn(query)).toBe(month);
  }
});

test('the same query, asked by many at once, is executed once', async () => {
  await caughtUp();
  const query = `# together\n${OF_FAR}`;
  const alone = await statementsOf(() => anonymous.ask(`# alone\n${OF_FAR}`));
  const together = await statementsOf(() => Promise.all(Array.from({ length: 20 }, () => anonymous.ask(query))));
  expect(together.length).toBe(alone.length);
});

test('a query that asks for the head gets the newest one', async () => {
  const head = async (): Promise<unknown> => ((await anonymous.ask('{ head }')) as unknown as { head: string }).head;
  for (let count = 0; count < 5; count += 1) {
    const before = await head();
    await givenSource(api);
    expect(await head()).toBe(await api.server.head());
    expect(await head()).not.toBe(before);
  }
});

test('WebSocket and event stream get the kept answer as well', async () => {
  await caughtUp();
  const expected = await anonymous.ask(OF_FAR);
  const { wsUrl } = api.server;
  const statements = await statementsOf(async () => {
    const readers = [subscribe<OfBrand>(wsUrl, OF_FAR), subscribeToEvents<OfBrand>(wsUrl, OF_FAR)];
    await until('both are answered', () => readers.every(({ results }) => results.length === 1));
    expect(readers.map(({ results }) => results[0]?.data)).toEqual(Array(2).fill(expected));
    for (const reader of readers) reader.stop();
  });
  expect(statements.filter((text) => !text.includes('readLogState'))).toEqual([]);
});
