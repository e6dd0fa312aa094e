import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { overSocket, send } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const OTHER_TRACE = '1bf7651916cd43dd8448eb211c80319d';
const PARENT = 'b7ad6b7169203331';

/** What a collector is sent, as it is: the names of spans are in it as they are. */
interface Collected {
  readonly path: string;
  readonly type: string | undefined;
  readonly bytes: Buffer;
}

const collected: Collected[] = [];
let collector: Server;
let place: TestPlace;
let product: Product;

beforeAll(async () => {
  collector = createServer(async (request, response) => {
    const bytes = Buffer.concat(await request.toArray());
    collected.push({ path: request.url ?? '', type: request.headers['content-type'], bytes });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  place = await placeDatabase('migrated');
  product = await startProduct({ place, environment: environmentOf('200') });
});

afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
  collector.closeAllConnections();
  await new Promise((resolve) => collector.close(resolve));
});

test('an operation is a span with its execution and its statements, in the trace of the client', async () => {
  const response = await fetch(new URL('/graphql', product.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${TRACE}-${PARENT}-01` },
    body: JSON.stringify({ query: 'query TracedBoard { brand(slug: "a-secret-slug") { name } }' }),
  });
  expect(response.status).toBe(200);
  const requestId = response.headers.get('x-request-id') as string;
  await until('it is sent', () => has('query TracedBoard'));
  for (const name of ['execution', 'milepost.outcome', 'milepost.cost', 'milepost.lane', requestId])
    expect([name, has(name)]).toEqual([name, true]);
  // The ids are sent as bytes.
  for (const id of [TRACE, PARENT]) expect(hasBytes(Buffer.from(id, 'hex'))).toBe(true);
  expect(has('a-secret-slug')).toBe(false);
  expect(collected[0]).toMatchObject({ path: '/v1/traces', type: 'application/x-protobuf' });
  expect(has('service.name') && has('milepost-in-a-test')).toBe(true);
});

test('an operation over WebSocket continues the trace of its extensions, and a push is a span from its commit', async () => {
  const { brand, record } = await createFacts(product);
  await using watch = overSocket<{ event: { cursor: string } }>(
    product,
    'subscription TracedWatch($filter: FigureFilter) { event: figureRecorded(filter: $filter) { cursor } }',
    { filter: { subjects: [brand] } },
  );
  const socket = new WebSocket(product.wsUrl, 'graphql-transport-ws');
  const messages: string[] = [];
  socket.onmessage = ({ data }) => void messages.push(String(data));
  await new Promise((resolve) => {
    socket.onopen = resolve;
  });
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await until('it is acknowledged', () => messages.length > 0);
  const payload = {
    query: 'query TracedSocket { head }',
    extensions: { traceparent: `00-${OTHER_TRACE}-${PARENT}-01` },
  };
  socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload }));
  await until('both are sent', () => has('query TracedSocket') && has('subscription TracedWatch'));
  expect(hasBytes(Buffer.from(OTHER_TRACE, 'hex'))).toBe(true);
  socket.close();
  await record('2025-01', 3);
  await watch.next();
  await until('the push is sent', () => has('push events'));
});

test('a traceparent that is none begins a new trace, and a stop sends what was not sent yet', async () => {
  await using other = await placeDatabase('migrated');
  // It would send after a minute.
  await using stopping = await startProduct({ place: other, environment: environmentOf('60000') });
  const response = await fetch(new URL('/graphql', stopping.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: '00-nonsense' },
    body: JSON.stringify({ query: 'query TracedLast { head }' }),
  });
  expect(response.status).toBe(200);
  expect(has('query TracedLast')).toBe(false);
  expect(await stopping.stop()).toEqual({ code: 0, signal: null });
  expect(has('query TracedLast')).toBe(true);
  expect(stopping.stderr).toBe('');
});

test('a collector that is away costs one line in the log, and no answer', async () => {
  await using other = await placeDatabase('migrated');
  const environment = { ...environmentOf('50'), OTEL_EXPORTER_OTLP_ENDPOINT: 'http://me:of-nobody-else@127.0.0.1:9' };
  await using alone = await startProduct({ place: other, environment });
  for (let count = 0; count < 20; count += 1) expect((await send(alone, '{ head }')).status).toBe(200);
  await until('it is told', () => alone.stderr.includes('traces cannot be sent'));
  expect(await alone.stop()).toEqual({ code: 0, signal: null });
  expect(alone.complaints.match(/traces cannot be sent/g)).toHaveLength(1);
  expect(alone.complaints).toContain('"endpoint":"http://127.0.0.1:9"');
  expect(alone.complaints).not.toMatch(/of-nobody-else|stack/);
});

function environmentOf(delayMs: string): Record<string, string> {
  const { port } = collector.address() as AddressInfo;
  return {
    MILEPOST_SEED: 'off',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    OTEL_BSP_SCHEDULE_DELAY: delayMs,
    OTEL_RESOURCE_ATTRIBUTES: 'service.namespace=milepost-in-a-test',
  };
}

function has(text: string): boolean {
  return hasBytes(Buffer.from(text));
}

function hasBytes(part: Buffer): boolean {
  return collected.some(({ bytes }) => bytes.includes(part));
}
