import {
  Client,
  type ClientOptions,
  cacheExchange,
  fetchExchange,
  type SubscriptionForwarder,
  subscriptionExchange,
} from '@urql/core';
import { createClient as createEventsClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { headOf } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine, and clients to reconnect.
vi.setConfig({ testTimeout: 90_000 });

/** A client reconnects after 1 s, 2 s, 4 s…, each time with up to 3 s more. */
const RETURNED_MS = 40_000;

const FIGURES = `subscription ($filter: FigureFilter, $after: Cursor) {
  figureRecorded(filter: $filter, after: $after) { cursor figure { period value subject { slug name } } }
}`;

interface Pushed {
  readonly figureRecorded: { readonly cursor: string; readonly figure: { readonly value: number } };
}

let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('migrated');
  product = await startProduct(options());
});

afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** The ways to subscribe in the documentation of urql, and of the clients that it delegates subscriptions to. */
const WAYS: readonly (readonly [string, () => Pick<ClientOptions, 'exchanges' | 'fetchSubscriptions'>])[] = [
  ['graphql-ws', () => ({ exchanges: [cacheExchange, fetchExchange, overSocket()] })],
  ['graphql-sse', () => ({ exchanges: [cacheExchange, fetchExchange, overEvents()] })],
  ['its own fetch', () => ({ exchanges: [cacheExchange, fetchExchange], fetchSubscriptions: true })],
];

describe.each(WAYS)('urql with %s', (_name, way) => {
  test('shows figures as they are recorded', async () => {
    const { brand, record } = await createFacts(product);
    const reader = await read(way(), brand);
    await record('2025-01', 1);
    await until('the first is shown', () => reader.values.length === 1);
    await record('2025-02', 2);
    await until('the second is shown', () => reader.values.length === 2);
    expect(reader.newest()).toEqual({
      cursor: await headOf(product),
      figure: { period: '2025-02', value: 2, subject: { slug: brand, name: brand } },
    });
    reader.stop();
    expect([reader.values, reader.failures]).toEqual([[1, 2], []]);
  });

  test('shows why a subscription is refused', async () => {
    const reader = await read(way(), 'nobody-at-all');
    await until('it is told', () => reader.failures.length > 0);
    reader.stop();
    expect(reader.failures[0]).toContain('There is no subject "nobody-at-all"');
  });
});

test.each(WAYS.slice(0, 2))(
  'urql with %s reconnects by itself after a restart of the server, and has missed nothing',
  async (_name, way) => {
    const { brand, record } = await createFacts(product);
    const reader = await read(way(), brand);
    await record('2025-01', 1);
    await until('the first is shown', () => reader.values.length === 1);
    await restart();
    // Recorded while the client is still away.
    const later = await createFacts(product);
    await later.record('2025-02', 2, brand);
    await until('what it missed is shown', () => reader.values.length === 2, RETURNED_MS);
    await later.record('2025-03', 3, brand);
    await until('it is live again', () => reader.values.length === 3);
    reader.stop();
    expect([reader.values, reader.failures]).toEqual([[1, 2, 3], []]);
  },
);

test('urql with its own fetch ends at a restart, and continues when it subscribes again after the last cursor', async () => {
  const { brand, record } = await createFacts(product);
  const [, , [, way]] = WAYS as [unknown, unknown, (typeof WAYS)[number]];
  const reader = await read(way(), brand);
  await record('2025-01', 1);
  await until('the first is shown', () => reader.values.length === 1);
  await restart();
  await until('it has ended', reader.ended);
  const later = await createFacts(product);
  await later.record('2025-02', 2, brand);
  const again = await read(way(), brand, reader.newest()?.cursor);
  await until('what it missed is shown', () => again.values.length === 1);
  again.stop();
  expect([reader.values, again.values]).toEqual([[1], [2]]);
});

/** Subscribes to a brand's figures from now on, or after a cursor; the newest cursor goes into the variables, which are sent again with each connection. */
async function read(way: Pick<ClientOptions, 'exchanges' | 'fetchSubscriptions'>, brand: string, after?: string) {
  const client = new Client({ url: new URL('/graphql', product.url).href, ...way });
  const variables = { filter: { subjects: [brand] }, after: after ?? (await headOf(product)) };
  const values: number[] = [];
  const failures: string[] = [];
  let newest: Pushed['figureRecorded'] | undefined;
  let ended = false;
  const { unsubscribe } = client.subscription<Pushed>(FIGURES, variables).subscribe(({ data, error, hasNext }) => {
    if (error !== undefined) failures.push(error.message);
    // The last result of a stream repeats the one before, to mark the end.
    else if (hasNext === false) ended = true;
    else if (data !== undefined) {
      newest = data.figureRecorded;
      values.push(newest.figure.value);
      variables.after = newest.cursor;
    }
  });
  return { values, failures, newest: () => newest, ended: () => ended, stop: unsubscribe };
}

/** As in the documentation of urql, with graphql-ws's options for retrying while no server is there yet. */
function overSocket() {
  const client = createSocketClient({ url: product.wsUrl, webSocketImpl: WebSocket, shouldRetry: () => true });
  return subscriptionExchange({ forwardSubscription: (request) => handOn(client, request) });
}

/** As in the documentation of graphql-sse. */
function overEvents() {
  const client = createEventsClient({ url: new URL('/graphql', product.url).href });
  return subscriptionExchange({ forwardSubscription: (request) => handOn(client, request) });
}

/** Either client; loosely typed, because its types and those of urql differ in form. */
interface SubscriptionClient {
  subscribe(request: object, sink: object): () => void;
}

/** Passes on what urql gives, unchanged. */
function handOn(
  client: SubscriptionClient,
  request: Parameters<SubscriptionForwarder>[0],
): ReturnType<SubscriptionForwarder> {
  return { subscribe: (sink) => ({ unsubscribe: client.subscribe(request, sink) }) };
}

/** Ends the server as a deployment does, and starts it again with the same data and address. */
async function restart(): Promise<void> {
  const { port } = product;
  expect(await product.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  product = await startProduct({ ...options(), port });
}

function options() {
  return { place, environment: { MILEPOST_SEED: 'off' } };
}
