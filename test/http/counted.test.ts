import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { subscribe } from '../support/readers.ts';
import { openServer, type TestServer } from '../support/server.ts';
import { until } from '../support/wait.ts';

const CHEAP = '{ __typename }';
const COSTLY = '{ figures(first: 100) { nodes { id value } } }';
const LIVE = 'subscription { live { figures(first: 1) { totalCount } } }';
const EVENTS = { accept: 'text/event-stream' };

test('operations over budget are counted over every transport', async () => {
  await using server = await openServer({ ofClient: { budget: 100 } });
  await ask(server, COSTLY);
  const answers = [await ask(server, CHEAP), await ask(server, LIVE, EVENTS)];
  for (const { status, headers } of answers)
    expect([status, headers.get('x-request-id')]).toEqual([429, expect.stringMatching(/^[0-9a-f-]{36}$/)]);
  const socket = subscribe(server.wsUrl, CHEAP);
  await until('it is refused over WebSocket', () => socket.error() !== undefined);
  const badge = await fetch(new URL('/badge/nio.svg', server.url));
  expect(badge.status).toBe(429);
  const counted = await read(server);
  expect(counted('milepost_errors_total{code="RATE_LIMITED"}')).toBe(4);
  // Of a badge it is known what it asks.
  expect(counted('milepost_operations_total{operation="unknown",type="unknown",outcome="refused"}')).toBe(3);
  expect(counted('milepost_operations_total{operation="Badge",type="query",outcome="refused"}')).toBe(1);
  expect(counted('milepost_operations_under_way')).toBe(0);
});

test('live queries beyond those of a client are counted', async () => {
  await using server = await openServer({ ofClient: { liveQueries: 1 } });
  const first = subscribe(server.wsUrl, LIVE);
  await until('the first is open', () => first.results.length > 0);
  const second = subscribe(server.wsUrl, LIVE);
  await until('the second is refused', () => second.error() !== undefined);
  expect((await ask(server, LIVE, EVENTS)).status).toBe(429);
  const counted = await read(server);
  expect(counted('milepost_errors_total{code="TOO_MANY_SUBSCRIPTIONS"}')).toBe(2);
  first.stop();
});

test('pages of other origins are counted, and every refusal has an id', async () => {
  await using server = await openServer({ corsOrigins: [] });
  const origin = 'https://elsewhere.example';
  expect((await ask(server, CHEAP, { origin })).status).toBe(403);
  expect((await fetch(server.url, { method: 'OPTIONS', headers: { origin } })).status).toBe(403);
  const counted = await read(server);
  // A preflight is no operation.
  expect(counted('milepost_errors_total{code="ORIGIN_NOT_ALLOWED"}')).toBe(1);
  const id = await new Promise((resolve) => {
    const socket = new WebSocket(server.wsUrl, 'graphql-transport-ws', { origin });
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_request, response) => resolve(response.headers['x-request-id']));
  });
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
});

test('who reads without a key where it needs one is counted, and sees no metrics', async () => {
  await using server = await openServer({ readAccess: 'key' });
  expect((await ask(server, CHEAP)).status).toBe(401);
  const counted = await read(server);
  expect(counted('milepost_errors_total{code="UNAUTHENTICATED"}')).toBe(1);
  const statuses = await Promise.all(
    [undefined, await server.createKey(['WRITE']), await server.createKey(['ADMIN'])].map(async (key) => {
      const headers = key === undefined ? {} : { authorization: `Bearer ${key.key}` };
      const response = await fetch(new URL('/metrics', server.url), { headers });
      if (response.ok) return [response.status];
      const { errors } = (await response.json()) as { readonly errors: readonly { readonly message: string }[] };
      return [response.status, errors[0]?.message];
    }),
  );
  expect(statuses).toEqual([
    [401, 'The metrics need a key with the scope "admin": send it as "Authorization: Bearer …".'],
    [403, 'This key does not have the scope "admin"; it has "write".'],
    [200],
  ]);
});

function ask({ url }: TestServer, query: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  });
}

/** Reads the metrics, and returns the value of a line; 0 if it is not there. */
async function read(server: TestServer): Promise<(line: string) => number> {
  const values = new Map(
    (await server.metrics()).split('\n').map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))] as const;
    }),
  );
  return (line) => values.get(line) ?? 0;
}
