import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { soon, until } from '../support/wait.ts';
import { ask, headOf, overEvents, overSocket, send } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const CHANGES = 'subscription { changes { cursor } }';
const MIB = 1024 * 1024;
/** Kept alive by fetch for its next requests. */
const SPARE_FILES = 10;
const SUBPROTOCOL = 'graphql-transport-ws';

let place: TestPlace;
let product: Product;

beforeAll(async () => {
  place = await placeDatabase('migrated');
  product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
});

/** How much of the product's standard error was checked. */
let read = 0;

// Whatever a client sends, the process still runs and has written nothing about it.
afterEach(async () => {
  expect(product.running).toBe(true);
  expect((await send(product, '{ head }')).status).toBe(200);
  const written = product.stderr.slice(read);
  read = product.stderr.length;
  expect(written).toBe('');
});

afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('it is alive and ready, and lists its readiness checks', async () => {
  const live = await get('/livez');
  expect([live.status, await live.text()]).toEqual([200, 'ok\n']);
  // The first look may take longer than a probe waits, on a busy machine.
  await until('it is ready', async () => (await get('/readyz')).status === 200);
  const ready = await get('/readyz');
  expect(ready.status).toBe(200);
  const { ready: isReady, checks } = (await ready.json()) as { ready: boolean; checks: Record<string, boolean> };
  expect(isReady).toBe(true);
  expect(checks).toMatchObject({ database: true, migrations: true, log: true });
});

test('the page at / links to GraphiQL, which is at /graphql for a browser', async () => {
  const page = await get('/');
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(await page.text()).toContain('href="/graphql"');
  const graphiql = await get('/graphql', { accept: 'text/html' });
  expect(graphiql.status).toBe(200);
  expect(await graphiql.text()).toContain('GraphiQL');
});

test.each([
  ['an unknown path', 'GET', '/nothing', 404],
  ['a path below GraphQL’s', 'GET', '/graphql/nothing', 404],
  ['a write to a page', 'POST', '/', 405],
])('%s is answered as such', async (_what, method, path, status) => {
  expect((await fetch(new URL(path, product.url), { method })).status).toBe(status);
});

test('an unknown key is refused with 401, in any form', async () => {
  for (const authorization of ['Bearer wrong', 'Bearer', `Basic ${product.adminKey}`, product.adminKey]) {
    const response = await post('{ "query": "{ head }" }', { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  }
});

test('without a key one can read, and is told that writing needs one', async () => {
  expect((await send(product, '{ head }', {}, null)).data).toEqual({ head: expect.any(String) });
  const refused = await send(product, CREATE, { slug: 'without-a-key' }, null);
  expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
  expect(await ask(product, '{ subject(slug: "without-a-key") { id } }')).toEqual({ subject: null });
});

test('a body that is too large is refused with 413, and the client sees it', async () => {
  const response = await post('x'.repeat(2 * MIB + 1));
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'TOO_LARGE' } }] });
  // It is announced and not sent, and still answered.
  const announced = await exchange({ 'content-length': String(2 * MIB + 1) }, '');
  expect(announced).toMatchObject({ status: 413, body: expect.stringContaining('TOO_LARGE') });
});

test('a body without a length is read', async () => {
  const answer = await exchange({ 'transfer-encoding': 'chunked' }, '{ "query": "{ __typename }" }');
  expect(answer).toEqual({ status: 200, body: '{"data":{"__typename":"Query"}}' });
});

test.each<[string, string, Record<string, string>, number]>([
  ['a body that is not JSON', '{ "query": ', {}, 400],
  ['a body without an operation', '{}', {}, 400],
  ['an empty body', '', {}, 400],
  ['a body of another kind', '{ head }', { 'content-type': 'text/plain' }, 415],
  ['a syntax error', '{ "query": "{ head" }', {}, 400],
  ['an unknown field', '{ "query": "{ nothing }" }', {}, 400],
  ['several operations in one list', '[{ "query": "{ head }" }]', {}, 400],
])('%s is refused with a reason', async (_what, body, headers, status) => {
  const response = await post(body, headers);
  expect(response.status).toBe(status);
  const text = await response.text();
  expect(text).not.toMatch(/INTERNAL_SERVER_ERROR|\.js:\d/);
  expect(JSON.parse(text)).toMatchObject({
    errors: [{ message: expect.any(String), extensions: { code: expect.any(String) } }],
  });
});

test('a mutation by GET is refused', async () => {
  const response = await get(`/graphql?query=${encodeURIComponent('mutation { __typename }')}`);
  expect(response.status).toBe(405);
});

test('a page of 1,000 is refused, and so is an operation that asks for too much', async () => {
  const page = await send(product, '{ figures(first: 1000) { totalCount } }');
  expect(page.errors).toMatchObject([
    { message: expect.stringContaining('1 to 100'), extensions: { code: 'BAD_USER_INPUT' } },
  ]);
  const deep = `{ subject(slug: "a") { ${'figures { nodes { subject { '.repeat(8)} id ${'} } }'.repeat(8)} } }`;
  expect((await send(product, deep)).errors).toMatchObject([{ extensions: { code: 'TOO_COSTLY' } }]);
});

test('each kind of bad input is named with its path, and nothing is written', async () => {
  const { brand, sourceId, record } = await createFacts(product);
  await record('2024-01', 1_000);
  const head = await headOf(product);
  const figure = { subject: brand, metric: 'DELIVERIES', period: '2024-02', value: 1_000, sourceId };
  const cases: readonly (readonly [Record<string, unknown>, string, readonly string[]])[] = [
    [{ subject: `${brand}x` }, 'UNKNOWN_SUBJECT', ['input', 'subject']],
    [{ sourceId: 'U291cmNlOjk5OTk5' }, 'UNKNOWN_SOURCE', ['input', 'sourceId']],
    [{ period: '2024-01', value: 999 }, 'ALREADY_RECORDED', ['input', 'value']],
    [{ period: '2999-01' }, 'FUTURE_PERIOD', ['input', 'period']],
    [{ value: -1 }, 'NEGATIVE_VALUE', ['input', 'value']],
    [{ value: 0.5 }, 'INVALID_VALUE', ['input', 'value']],
    [{ period: 'January' }, 'INVALID_PERIOD', ['input', 'period']],
    [{ unit: 'CNY' }, 'INVALID_UNIT', ['input', 'unit']],
    [{ metric: 'MARKET_SHARE', value: 5 }, 'INVALID_INPUT', ['input', 'within']],
  ];
  for (const [change, code, path] of cases) {
    const { recordFigure } = await ask<{ recordFigure: Refused }>(
      product,
      `mutation ($input: FigureInput!) {
        recordFigure(input: $input) { figure { id } cursor userErrors { code path message didYouMean } }
      }`,
      { input: { ...figure, ...change } },
    );
    expect(recordFigure).toMatchObject({ figure: null, cursor: null });
    expect(recordFigure.userErrors).toMatchObject([{ code, path, message: expect.stringMatching(/\S/) }]);
    if (code === 'UNKNOWN_SUBJECT') expect(recordFigure.userErrors[0]?.didYouMean).toContain(brand);
  }
  const { createSubject } = await ask<{ createSubject: Refused }>(product, CREATE, { slug: brand });
  expect(createSubject.userErrors).toMatchObject([{ code: 'ALREADY_EXISTS', path: ['input', 'slug'] }]);
  const inputs = Array.from({ length: 1_001 }, () => figure);
  const { recordFigures } = await ask<{ recordFigures: Refused }>(
    product,
    'mutation ($inputs: [FigureInput!]!) { recordFigures(inputs: $inputs) { figures { id } userErrors { code path } } }',
    { inputs },
  );
  expect(recordFigures.userErrors).toMatchObject([{ code: 'TOO_MANY', path: ['inputs'] }]);
  expect(await headOf(product)).toBe(head);
});

test('a WebSocket with a wrong key is closed with 4403', async () => {
  const closed = overSocket({ ...product, adminKey: 'wrong' }, CHANGES).ended;
  expect(await soon('the close', closed)).toMatchObject({ by: 'close', code: 4403 });
});

test('a WebSocket without connection_init is closed with 4408 after three seconds', async () => {
  const socket = new WebSocket(product.wsUrl, SUBPROTOCOL);
  const [code] = await soon('the close', once(socket, 'close'));
  expect(code).toBe(4408);
});

test('a WebSocket of another protocol is closed with 4406', async () => {
  const socket = new WebSocket(product.wsUrl);
  const [code] = await soon('the close', once(socket, 'close'));
  expect(code).toBe(4406);
});

test('a message that is too large closes its WebSocket with 1009 and no other WebSocket', async () => {
  await using other = overSocket<{ changes: { cursor: string } }>(
    product,
    'subscription ($after: Cursor) { changes(after: $after) { cursor } }',
    {
      after: await headOf(product),
    },
  );
  const socket = await openRaw();
  socket.send('{"type":"connection_init"}');
  await soon('the acknowledgement', once(socket, 'message'));
  socket.send(JSON.stringify({ type: 'ping', payload: { filling: 'x'.repeat(2 * MIB) } }));
  const [code] = await soon('the close', once(socket, 'close'));
  expect(code).toBe(1009);
  const { record } = await createFacts(product);
  await record('2025-12', 1);
  expect((await other.next()).changes.cursor).toEqual(expect.any(String));
});

test.each([
  ['that is not JSON', 'hello', 4400],
  ['of an unknown type', '{"type":"hello"}', 4400],
  ['to subscribe before connection_init', '{"id":"1","type":"subscribe","payload":{"query":"{ head }"}}', 4401],
])('a message %s closes its WebSocket with a reason', async (_what, message, expected) => {
  const socket = await openRaw();
  socket.send(message);
  const [code] = await soon('the close', once(socket, 'close'));
  expect(code).toBe(expected);
});

test('an upgrade at another path is refused with 404, also when the client does not wait for the answer', async () => {
  const socket = new WebSocket(product.wsUrl.replace('/graphql', '/elsewhere'), SUBPROTOCOL);
  const [error] = await soon('the refusal', once(socket, 'error'));
  expect(String(error)).toContain('404');
  for (let time = 0; time < 50; time += 1) {
    const leaving = connect(product.port, '127.0.0.1');
    await once(leaving, 'connect');
    leaving.write('GET /elsewhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    leaving.resetAndDestroy();
  }
});

test('two hundred clients that come and go leave nothing behind', async () => {
  const { record } = await createFacts(product);
  const before = await openFiles();
  for (let round = 0; round < 10; round += 1) {
    const watches = Array.from({ length: 20 }, (_none, index) =>
      (index % 2 === 0 ? overSocket : overEvents)(product, CHANGES),
    );
    // Some of them disconnect during an event.
    await record(`2025-${String(round + 1).padStart(2, '0')}`, round + 1);
    await Promise.all(watches.map((watch) => watch.close()));
  }
  await until('their connections are closed', async () => (await openFiles()) <= before + SPARE_FILES);
});

if (inject('backend') === 'postgres') {
  test('it is not ready while its database is gone, names the failed check, answers with an error, and recovers by itself', async () => {
    const name = new URL(place.databaseUrl as string).pathname.slice(1);
    const { brand, record } = await createFacts(product);
    const after = await headOf(product);
    await using watch = overSocket<{ event: { figure: { value: number } } }>(
      product,
      `subscription ($filter: FigureFilter, $after: Cursor) { event: figureRecorded(filter: $filter, after: $after) { figure { value } } }`,
      { filter: { subjects: [brand] }, after },
    );
    await record('2025-01', 1);
    expect((await watch.next()).event.figure.value).toBe(1);

    await administrate(`alter database ${name} allow_connections false`);
    await administrate(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
    const gone = await get('/readyz');
    expect(gone.status).toBe(503);
    const told = (await gone.json()) as { ready: boolean; checks: Record<string, boolean | null> };
    // Checks that need the database do not fail.
    expect(told).toMatchObject({ ready: false, checks: { database: false, migrations: null, notStopping: true } });
    expect(told.checks.log).not.toBe(false);
    expect((await get('/livez')).status).toBe(200);
    // New subscriptions wait. An EventSource reconnects after its stream ends, but gives up after an error.
    const keys: Record<string, string>[] = [{}, { authorization: `Bearer ${product.adminKey}` }];
    const streams = keys.map(async (key) => {
      const address = `/graphql?query=${encodeURIComponent(CHANGES)}`;
      const response = await get(address, { accept: 'text/event-stream', ...key });
      return [response.status, await response.text()];
    });
    for (const key of keys) {
      const failed = await post('{ "query": "{ head }" }', key);
      expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
      const text = await failed.text();
      expect(JSON.parse(text)).toMatchObject({
        errors: [{ extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true } }],
      });
      expect(text).not.toMatch(/postgres|prisma|connect/i);
    }
    const ended = [200, 'retry: 1000\n\n'];
    expect(await Promise.all(streams)).toEqual([ended, ended]);
    // A code that clients reconnect after: with 4500 they would give up.
    expect(await soon('the close', overSocket(product, CHANGES).ended)).toMatchObject({ by: 'close', code: 1013 });

    await administrate(`alter database ${name} allow_connections true`);
    await until('it is ready again', async () => (await get('/readyz')).status === 200);
    await record('2025-02', 2);
    // The earlier subscriber is still connected, and has missed nothing.
    expect((await watch.next()).event.figure.value).toBe(2);
    await until('it listens again', () => product.stderr.slice(read).includes('listening again'));
    const log = product.stderr.slice(read).trimEnd().split('\n');
    const said = log.map((line) => (JSON.parse(line) as { msg: string }).msg);
    expect(said.filter((text) => text.startsWith('the database is away: '))).toHaveLength(1);
    expect(said.filter((text) => text === 'the change log is read again')).toHaveLength(1);
    expect(log.join()).not.toContain('invocation');
    // Lines for people and machines, without internals of connections.
    for (const line of log) expect(line.length).toBeLessThan(4_000);
    read = product.stderr.length;
  });
}

const CREATE = `mutation ($slug: String!) {
  createSubject(input: { kind: BRAND, slug: $slug, name: "A brand" }) { subject { id } cursor userErrors { code path } }
}`;

interface Refused {
  readonly userErrors: readonly {
    readonly code: string;
    readonly path: readonly string[];
    readonly didYouMean: readonly string[];
  }[];
}

function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL(path, product.url), { headers });
}

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(new URL('/graphql', product.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body,
  });
}

/** Sends a body under headers that fetch would not send. */
async function exchange(headers: Record<string, string>, body: string): Promise<{ status: number; body: string }> {
  const sent = request(new URL('/graphql', product.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  if (body === '') sent.flushHeaders();
  else sent.end(body);
  const [response] = await soon('the answer', once(sent, 'response'));
  let text = '';
  for await (const chunk of response) text += chunk;
  sent.destroy();
  return { status: response.statusCode, body: text };
}

/** A WebSocket that has sent nothing yet. */
async function openRaw(): Promise<WebSocket> {
  const socket = new WebSocket(product.wsUrl, SUBPROTOCOL);
  await once(socket, 'open');
  return socket;
}

/** How many files and connections the product has open; 0 if the system does not say. */
async function openFiles(): Promise<number> {
  return process.platform === 'linux' ? (await readdir(`/proc/${product.pid}/fd`)).length : 0;
}

async function administrate(sql: string): Promise<void> {
  const admin = new pg.Client(inject('serverUrl'));
  await admin.connect();
  try {
    await admin.query(sql);
  } finally {
    await admin.end();
  }
}
