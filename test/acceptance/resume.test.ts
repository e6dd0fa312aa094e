import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type CloseEvent, WebSocket } from 'ws';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { soon, until } from '../support/wait.ts';
import { headOf, type Result, readEvents, TRANSPORTS } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const FIGURES = `subscription ($filter: FigureFilter, $after: Cursor) {
  event: figureRecorded(filter: $filter, after: $after) { cursor figure { value } }
}`;
const RESTARTED = 1012;

interface Pushed {
  readonly event: { readonly cursor: string; readonly figure: { readonly value: number } };
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

describe.each(TRANSPORTS)('over %s', (_name, subscribe) => {
  test('a client that was away gets what it missed, once and in order, and then new entries', async () => {
    const { brand, record } = await createFacts(product);
    const filter = { subjects: [brand] };
    const watch = subscribe<Pushed>(product, FIGURES, { filter, after: await headOf(product) });
    await record('2025-01', 1);
    const { event } = await watch.next();
    await watch.close();
    await record('2025-02', 2);
    await record('2025-03', 3);
    await using resumed = subscribe<Pushed>(product, FIGURES, { filter, after: event.cursor });
    expect([await resumed.next(), await resumed.next()].map(figureIn)).toEqual([2, 3]);
    await record('2025-04', 4);
    expect(figureIn(await resumed.next())).toBe(4);
  });
});

test('after a restart of the server clients continue over every transport, without loss and without repeats', async () => {
  const { brand, record } = await createFacts(product);
  const filter = { subjects: [brand] };
  const after = await headOf(product);
  const watches = TRANSPORTS.map(([, subscribe]) => subscribe<Pushed>(product, FIGURES, { filter, after }));
  const returning = comeBackByItself({ filter, after });
  await record('2025-01', 1);
  const seen = await Promise.all(watches.map((watch) => watch.next()));
  expect(seen.map(figureIn)).toEqual([1, 1, 1]);
  await until('the first event is there', () => returning.values.length === 1);
  // This one may or may not arrive before the end; it must not be lost.
  const cursor = await record('2025-02', 2);
  await restart();
  const [socketEnd] = await Promise.all(watches.map((watch) => soon('the end', watch.ended)));
  expect(socketEnd).toMatchObject({ by: 'close', code: RESTARTED });

  const facts = await createFacts(product);
  await facts.record('2025-03', 3, brand);
  for (const [, subscribe] of TRANSPORTS) {
    await using resumed = subscribe<Pushed>(product, FIGURES, { filter, after: seen[0]?.event.cursor });
    expect([await resumed.next(), await resumed.next()].map(figureIn)).toEqual([2, 3]);
    await using fromLast = subscribe<Pushed>(product, FIGURES, { filter, after: cursor });
    expect(figureIn(await fromLast.next())).toBe(3);
  }
  await until('the client that comes back by itself has them all', () => returning.values.length === 3);
  await facts.record('2025-04', 4, brand);
  await until('it is live again', () => returning.values.length === 4);
  await returning.stop();
  expect(returning.values).toEqual([1, 2, 3, 4]);
  expect(returning.closes[0]).toBe(RESTARTED);
});

test('a client that is killed during a long replay resumes where it was', async () => {
  const { brand, recordMany } = await createFacts(product);
  const filter = { subjects: [brand] };
  const start = await headOf(product);
  await recordMany(200);
  for (const [, subscribe] of TRANSPORTS) {
    const seen: number[] = [];
    let after = start;
    while (seen.length < 200) {
      const watch = subscribe<Pushed>(product, FIGURES, { filter, after });
      for (let count = 0; count < 90 && seen.length < 200; count += 1) {
        const { event } = await watch.next();
        seen.push(event.figure.value);
        after = event.cursor;
      }
      await watch.close();
    }
    expect(seen).toEqual(Array.from({ length: 200 }, (_none, index) => index + 1));
  }
});

test('each server-sent event has its cursor as its id, and Last-Event-ID resumes after it', async () => {
  const { brand, record } = await createFacts(product);
  const address = new URL('/graphql', product.url);
  address.searchParams.set('query', FIGURES);
  address.searchParams.set(
    'variables',
    JSON.stringify({ filter: { subjects: [brand] }, after: await headOf(product) }),
  );
  const cursors = [await record('2025-01', 1), await record('2025-02', 2), await record('2025-03', 3)];
  const first = await readTwo(address, {});
  expect(first.map(({ id }) => id)).toEqual(cursors.slice(0, 2));
  // A browser's EventSource sends this when it reconnects; the address still has the older cursor.
  const second = await readTwo(address, { 'last-event-id': cursors[0] as string });
  expect(second.map(({ id }) => id)).toEqual(cursors.slice(1));

  async function readTwo(url: URL, headers: Record<string, string>) {
    const stop = new AbortController();
    const response = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal: stop.signal });
    const events = readEvents(response);
    const found = [];
    while (found.length < 2) {
      const { value } = await soon('an event', events.next());
      if (value === undefined) throw new Error('The stream ended.');
      if (value.event === 'next') found.push(value);
    }
    stop.abort();
    return found;
  }
});

/** A graphql-ws client that retries by itself, and sends the cursor of its last event when it subscribes again. */
function comeBackByItself(variables: { readonly filter: object; after: string }) {
  const values: number[] = [];
  const closes: number[] = [];
  const client = createClient({
    url: product.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 1_000,
    retryWait: () => sleep(50),
    shouldRetry: () => true,
    on: { closed: (event) => closes.push((event as CloseEvent).code) },
  });
  const unsubscribe = client.subscribe<Pushed>(
    { query: FIGURES, variables },
    {
      next: ({ data }: Result<Pushed>) => {
        if (data == null) throw new Error('An event without data.');
        values.push(figureIn(data));
        variables.after = data.event.cursor;
      },
      error: () => values.push(Number.NaN),
      complete: () => undefined,
    },
  );
  const stop = async (): Promise<void> => {
    unsubscribe();
    await client.dispose();
  };
  return { values, closes, stop };
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

function figureIn({ event }: Pushed): number {
  return event.figure.value;
}
