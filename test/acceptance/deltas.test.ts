import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { applyLiveQueryJSONPatch } from '@n1ru4l/graphql-live-query-patch-json-patch';
import { createClient, MessageType } from 'graphql-ws';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import type { Result } from '../support/readers.ts';
import { until } from '../support/wait.ts';
import { ask } from './clients.ts';
import { createFacts, type Facts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let place: TestPlace;
let product: Product;
let facts: Facts;
let sockets: WebSocket[] = [];

beforeAll(async () => {
  place = await placeDatabase('migrated');
  product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  facts = await createFacts(product);
  await facts.recordMany(20);
});
afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('a client that comes back by itself gets patches, also after a restart if its answer is still that of the server', async () => {
  const reader = read();
  await until('the whole came', () => reader.results.length === 1);
  await facts.record('2025-01', 1);
  await until('a patch came', () => reader.results.length === 2);
  for (const socket of sockets) socket.terminate();
  await facts.record('2025-02', 2);
  await until('it has what it missed', () => isCurrent(reader));
  const { port } = product;
  expect(await product.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  const before = reader.results.length;
  product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' }, port });
  await until('it has an answer of the new server', () => reader.results.length > before);
  await facts.record('2025-03', 3);
  await until('it has the next', () => isCurrent(reader));
  expect(reader.results.map(kindOf)).toEqual(
    reader.results.map((_, index) => `${index === 0 ? 'whole' : 'patch'} ${index + 1}`),
  );
  await reader.stop();
});

test('a client whose answer is not known to the server any more gets the whole', async () => {
  const reader = read();
  await until('the whole came', () => reader.results.length === 1);
  await reader.stop();
  const { port } = product;
  expect(await product.stop('SIGTERM')).toEqual({ code: 0, signal: null });
  product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' }, port });
  await facts.record('2025-04', 4);
  const resumed = read(reader.results[0]?.extensions?.cursor);
  await until('the whole came', () => resumed.results.length === 1);
  expect(resumed.results.map(kindOf)).toEqual(['whole 1']);
  await until('it is shown', () => isCurrent(resumed));
  await facts.record('2025-05', 5);
  await until('a patch came', () => resumed.results.length === 2);
  expect(kindOf(resumed.results[1] ?? {})).toBe('patch 2');
  await resumed.stop();
});

/** Whether the client shows what a query answers now. */
async function isCurrent({ answers }: Reading): Promise<boolean> {
  return isDeepStrictEqual(answers.at(-1), { live: await ask(product, queryOf(facts)) });
}

interface Reading {
  readonly results: readonly Result<unknown>[];
  /** The answers as the client of the format shows them. */
  readonly answers: readonly unknown[];
  stop(): Promise<void>;
}

/** As the documentation says: each connection sends the cursor of the result that came last. */
function read(after?: unknown): Reading {
  const results: Result<unknown>[] = [];
  const answers: unknown[] = [];
  const extensions: Record<string, unknown> = { delta: 'json-patch', after };
  const client = createClient({
    url: product.wsUrl,
    webSocketImpl: WebSocket,
    retryAttempts: 1_000,
    retryWait: () => sleep(50),
    shouldRetry: () => true,
    on: {
      opened: (socket) => (sockets = [socket as WebSocket]),
      message: (message) => {
        if (message.type !== MessageType.Next) return;
        const result = message.payload as Result<unknown>;
        results.push(structuredClone(result));
        extensions.after = result.extensions?.cursor;
      },
    },
  });
  const source = client.iterate({ query: `subscription { live ${queryOf(facts)} }`, extensions });
  const show = async (): Promise<void> => {
    for await (const { data } of applyLiveQueryJSONPatch(source as never) as AsyncIterable<{ data: unknown }>)
      answers.push(structuredClone(data));
  };
  void show();
  return { results, answers, stop: async () => client.dispose() };
}

function queryOf({ brand }: Facts): string {
  return `{ brand(slug: "${brand}") { figures(first: 50) { totalCount nodes { id period value } } } }`;
}

function kindOf({ patch, revision }: Result<unknown>): string {
  return `${patch === undefined ? 'whole' : 'patch'} ${revision}`;
}
