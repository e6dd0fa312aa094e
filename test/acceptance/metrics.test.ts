import { get } from 'node:http';
import { createServer } from 'node:net';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import { ask, overEvents, overSocket, send } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const FIGURES = `subscription Watch($filter: FigureFilter) {
  event: figureRecorded(filter: $filter) { cursor figure { value } }
}`;
const LIVE = 'subscription Live($slug: String!) { live { brand(slug: $slug) { figures { totalCount } } } }';
const LANES = inject('backend') === 'postgres' ? ['log', 'write', 'read'] : ['shared', 'read'];

interface Pushed {
  readonly event: { readonly figure: { readonly value: number } };
}

let place: TestPlace;
let product: Product;
let metricsPort: number;

beforeAll(async () => {
  place = await placeDatabase('migrated');
  metricsPort = await freePort();
  product = await startProduct({
    place,
    environment: {
      MILEPOST_SEED: 'off',
      MILEPOST_GRAPHIQL: 'off',
      MILEPOST_METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'debug',
    },
  });
});

afterAll(async () => {
  await product[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('the start does not offer the GraphiQL that is off', () => {
  expect(product.stdout).toContain(`Milepost is ready on ${new URL(product.url).origin}\n`);
});

test('the public address shows the metrics to admin keys only', async () => {
  const get = (authorization?: string) =>
    fetch(new URL('/metrics', product.url), authorization === undefined ? {} : { headers: { authorization } });
  const without = await get();
  expect([without.status, without.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  expect(await without.text()).not.toContain('milepost_');
  expect((await get('Bearer an-unknown-key-of-nobody-at-all')).status).toBe(401);
  await until('it is ready', async () => (await fetch(new URL('/readyz', product.url))).status === 200);
  const allowed = await get(`Bearer ${product.adminKey}`);
  expect(allowed.status).toBe(200);
  expect(allowed.headers.get('cache-control')).toBe('no-store');
  expect(await allowed.text()).toContain('milepost_ready 1');
});

test('the port of the metrics serves nothing else', async () => {
  const get = (path: string) => fetch(`http://127.0.0.1:${metricsPort}${path}`);
  const response = await get('/metrics');
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  ]);
  for (const path of ['/', '/graphql?query={head}', '/readyz']) expect((await get(path)).status).toBe(404);
});

test('the port of the metrics at this machine answers to no other name', async () => {
  const statusFor = (host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = get({ host: '127.0.0.1', port: metricsPort, path: '/metrics', headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject);
    });
  for (const host of [`localhost:${metricsPort}`, '127.0.0.1', `[::1]:${metricsPort}`])
    expect([host, await statusFor(host)]).toEqual([host, 200]);
  for (const host of [`attacker.example:${metricsPort}`, 'localhost.attacker.example', '127.0.0.1.attacker.example'])
    expect([host, await statusFor(host)]).toEqual([host, 421]);
});

test('operations are counted by name and outcome, with their time and cost, and kept answers', async () => {
  const before = await read();
  const query = 'query Makers { brand(slug: "nobody") { name } }';
  expect(await send(product, query, {}, null)).not.toHaveProperty('errors');
  expect(await send(product, query, {}, null)).not.toHaveProperty('errors');
  await send(product, '{ nothing }', {}, null);
  await send(
    product,
    'mutation Refused { createSubject(input: { kind: BRAND, slug: "x", name: "X" }) { cursor } }',
    {},
    null,
  );
  const after = await read();
  const grown = (name: string, labels: Record<string, string> = {}) => after(name, labels) - before(name, labels);
  const makers = { operation: 'Makers', type: 'query' };
  expect(grown('milepost_operations_total', { ...makers, outcome: 'ok' })).toBe(2);
  expect(grown('milepost_operations_total', { operation: 'unknown', outcome: 'refused' })).toBe(1);
  expect(grown('milepost_operations_total', { operation: 'Refused', type: 'mutation', outcome: 'error' })).toBe(1);
  expect(grown('milepost_operation_duration_seconds_count', makers)).toBe(2);
  expect(grown('milepost_operation_duration_seconds_bucket', { ...makers, le: '+Inf' })).toBe(2);
  expect(grown('milepost_operation_cost_count', { type: 'query' })).toBe(2);
  expect(grown('milepost_errors_total', { code: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
  expect(grown('milepost_errors_total', { code: 'UNAUTHENTICATED' })).toBe(1);
  expect(grown('milepost_answer_cache_lookups_total', { outcome: 'miss' })).toBe(1);
  expect(grown('milepost_answer_cache_lookups_total', { outcome: 'hit' })).toBe(1);
  expect(after('milepost_answer_cache_bytes')).toBeGreaterThan(0);
  for (const lane of LANES) expect(after('milepost_statement_duration_seconds_count', { lane })).toBeGreaterThan(0);
  expect(after('milepost_operations_under_way')).toBe(0);
  expect(after('process_resident_memory_bytes')).toBeGreaterThan(0);
  expect(after('milepost_lane_connections', { lane: 'log' }) > 0).toBe(inject('backend') === 'postgres');
});

test('clients without a key use up neither the names of the dashboard nor those of clients with a key', async () => {
  const count = async (operation: string): Promise<number> =>
    (await read())('milepost_operations_total', { operation, outcome: 'ok' });
  for (let index = 0; index < 60; index += 1) await send(product, `query Junk${index} { head }`, {}, null);
  await send(product, 'query Tiles { head }', {}, null);
  await send(product, 'query Mine { head }');
  expect(await Promise.all(['Tiles', 'Mine', 'Junk0', 'Junk59'].map(count))).toEqual([1, 1, 1, 0]);
});

test('subscriptions are counted while they are open, with their fan-out and the time from the commit', async () => {
  const { brand, record } = await createFacts(product);
  const before = await read();
  const filter = { subjects: [brand] };
  const readers = [overSocket, overSocket, overEvents].map((subscribe) =>
    subscribe<Pushed>(product, FIGURES, { filter }),
  );
  const live = overSocket<{ live: unknown }>(product, LIVE, { slug: brand });
  await live.next();
  const open = async (kind: string, transport: string): Promise<number> =>
    (await read())('milepost_subscriptions', { kind, transport });
  await until(
    'all are open',
    async () => (await open('events', 'sse')) === 1 && (await open('events', 'websocket')) === 2,
  );
  const during = await read();
  expect(during('milepost_subscriptions', { kind: 'live', transport: 'websocket' })).toBe(1);
  expect(during('milepost_connections', { transport: 'websocket' })).toBe(3);
  expect(during('milepost_subscription_groups', { kind: 'events' })).toBe(1);
  expect(during('milepost_subscription_groups', { kind: 'live' })).toBe(1);
  await record('2025-01', 7);
  for (const reader of readers) expect((await reader.next()).event.figure.value).toBe(7);
  await live.next();
  const after = await read();
  const grown = (name: string, labels: Record<string, string> = {}) => after(name, labels) - before(name, labels);
  expect(grown('milepost_push_deliveries_total')).toBeGreaterThanOrEqual(5);
  expect(grown('milepost_push_readers_bucket', { kind: 'events', le: '2' })).toBe(0);
  expect(grown('milepost_push_readers_bucket', { kind: 'events', le: '5' })).toBe(1);
  for (const kind of ['events', 'live'])
    expect(grown('milepost_commit_to_send_seconds_count', { kind, written: 'here' })).toBe(1);
  const took = grown('milepost_commit_to_send_seconds_sum', { kind: 'events', written: 'here' });
  expect(took).toBeGreaterThan(0);
  expect(took).toBeLessThan(10);
  for (const reader of [...readers, live]) await reader.close();
  await until('none is left', async () => {
    const now = await read();
    const left = ['websocket', 'sse'].flatMap((transport) => [
      now('milepost_connections', { transport }),
      ...['events', 'live'].map((kind) => now('milepost_subscriptions', { kind, transport })),
    ]);
    const groups = ['events', 'live'].map((kind) => now('milepost_subscription_groups', { kind }));
    return [...left, ...groups, now('milepost_outbox_bytes')].every((count) => count === 0);
  });
});

test('the log says how far it was read, and the checks how the server is', async () => {
  const { record } = await createFacts(product);
  await record('2025-02', 8);
  await until('the tail has read it', async () => (await read())('milepost_log_lag_entries') === 0);
  await until('a check has seen it', async () => {
    const now = await read();
    return now('milepost_log_head_position') === now('milepost_log_tail_position');
  });
  const now = await read();
  expect(now('milepost_log_tail_position')).toBeGreaterThan(0);
  expect(now('milepost_log_lag_seconds')).toBeLessThan(10);
  expect(now('milepost_log_wake_ups_total', { by: 'own_write' })).toBeGreaterThan(0);
  expect(now('milepost_ready')).toBe(1);
  for (const check of ['database', 'writing', 'migrations', 'log', 'notStopping'])
    expect([check, now('milepost_check', { check })]).toEqual([check, 1]);
});

test('each request has an id, in its answer and in one line of the log, and none of the line is a secret', async () => {
  const secret = 'a-text-in-the-variables';
  const response = await fetch(new URL('/graphql', product.url), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${product.adminKey}`,
      // Nobody in front is trusted here.
      'x-request-id': 'chosen-by-the-client',
    },
    body: JSON.stringify({
      query: 'query Named($slug: String!) { subject(slug: $slug) { name } }',
      variables: { slug: secret },
    }),
  });
  const id = response.headers.get('x-request-id');
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  const page = await fetch(new URL('/nothing', product.url));
  const linesOf = (requestId: string | null) =>
    product.stderr
      .split('\n')
      .filter((line) => line.includes(`"${requestId}"`))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await until('both are logged', () => linesOf(page.headers.get('x-request-id')).length > 0 && linesOf(id).length > 0);
  expect(linesOf(id)).toMatchObject([
    { level: 20, operation: 'Named', type: 'query', outcome: 'ok', transport: 'http' },
  ]);
  expect(linesOf(page.headers.get('x-request-id'))).toMatchObject([{ method: 'GET', path: '/nothing', status: 404 }]);
  expect(product.stderr).not.toContain(secret);
  expect(product.stderr).not.toContain(product.adminKey);
  expect(product.stderr).not.toContain('chosen-by-the-client');
});

test('an operation over WebSocket has an id below that of its socket', async () => {
  await ask(product, '{ head }');
  await using watch = overSocket<Pushed>(product, 'subscription Numbered { figureRecorded { cursor } }');
  await until('it is logged', () => product.stderr.includes('"Numbered"'));
  const line = product.stderr.split('\n').find((one) => one.includes('"Numbered"')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    requestId: expect.stringMatching(/^[0-9a-f-]{36}\.1$/),
    transport: 'websocket',
    outcome: 'ok',
  });
  expect(await watch.close()).toBeUndefined();
});

/** Reads all metrics, and returns the sum of the values that have a name and some labels. */
async function read(): Promise<(name: string, labels?: Readonly<Record<string, string>>) => number> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const samples = text.split('\n').flatMap((line) => {
    const [, name = '', labels = '', value = ''] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text] as const);
    return name === '' ? [] : [{ name, labels: new Map(pairs), value: Number(value) }];
  });
  return (wanted, labels = {}) =>
    samples
      .filter(({ name }) => name === wanted)
      .filter((sample) => Object.entries(labels).every(([key, text]) => sample.labels.get(key) === text))
      .reduce((sum, { value }) => sum + value, 0);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
