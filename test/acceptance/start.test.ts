import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { Database } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { openSeededDatabase, placeDatabase, type TestPlace } from '../support/database.ts';
import { type ProductProcess, runProduct, startProduct } from '../support/product.ts';
import { soon, until } from '../support/wait.ts';
import { ask, send } from './clients.ts';
import { createFacts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const SILENT = createLogger('silent');
/** The promise is 5 s; a machine that is busy with other tests gets twice that. */
const READY_MS = 10_000;

const WITHOUT_SEED = { MILEPOST_SEED: 'off' };
const TABLES = [
  'publisher',
  'source',
  'subject',
  'membership',
  'figure',
  'observation',
  'milestone',
  'target',
  'change',
] as const;

const FIGURES_OF = `query ($slug: String!) {
  head
  brand(slug: $slug) { figures { nodes { period value } } }
}`;

const CLUB = `{
  head
  milestones(filter: { kinds: [UNITS], threshold: 1000000, statuses: [ANNOUNCED, CONFIRMED] }) { nodes { subject { slug } reachedOn } }
}`;

interface Club {
  readonly head: string;
  readonly milestones: {
    readonly nodes: readonly { readonly subject: { readonly slug: string }; readonly reachedOn: string }[];
  };
}

describe('from nothing', () => {
  let place: TestPlace;
  let key: string;
  let before: unknown;

  beforeAll(async () => {
    place = await emptyPlace();
  });

  afterAll(() => place[Symbol.asyncDispose]());

  test('a start on a port in use fails at once, and changes nothing', async () => {
    await using taken = await takePort();
    await using failed = runProduct({ place, adminKey: null, port: taken.port });
    expect(await failed.ended).toEqual({ code: 1, signal: null });
    expect(failed.stderr).toContain(`PORT ${taken.port}`);
    expect(failed.stderr).toMatch(/ Stop what uses it, or choose another PORT\.\n$/);
    expect(failed.stderr).not.toMatch(/^ +at /m);
    expect(failed.stdout).toBe('');
    expect(await isUntouched(place)).toBe(true);
  });

  if (inject('backend') === 'embedded') {
    test('a first start that is killed while it creates the database leaves nothing that counts', async () => {
      await using killed = runProduct({ place, adminKey: null });
      await until('some of it is made', () => existsSync(join(place.dataDir, 'db.unfinished', 'PG_VERSION')), 60_000);
      await killed.kill();
      expect(existsSync(join(place.dataDir, 'db'))).toBe(false);
    });
  }

  test('a first start that is killed halfway is finished by the next one, which shows an admin key', async () => {
    const port = await freePort();
    await using killed = runProduct({ place, adminKey: null, port });
    await halfway(place, killed);
    await expectStarting(port);
    await killed.kill();
    expect(killed.stdout).toMatch(/^Applied to the database: \d{14}_/);
    const whole = await countSeed();
    expect(await countRows(place)).not.toEqual(whole);

    await using product = await startProduct({ place, adminKey: null });
    key = product.adminKey;
    expect(key).toMatch(/^mp_\S{30,}$/);
    expect(product.stdout.split(key)).toHaveLength(2);
    if (place.databaseUrl === undefined) {
      expect((await readdir(place.dataDir)).sort()).toEqual(['db', 'db.lock', 'db.socket']);
      // No other user may read or change it.
      expect((await stat(join(place.dataDir, 'db'))).mode & 0o777).toBe(0o700);
    }
    before = await ask(product, CLUB);
    expect((before as Club).milestones.nodes.length).toBeGreaterThan(3);
    expect(await product.stop()).toEqual({ code: 0, signal: null });
    expect(await countRows(place)).toEqual(whole);
    const [kept] = await keysOf(place);
    expect(kept).toMatch(/^[0-9a-f]{64}$/);
    expect(kept).not.toContain(key);
  });

  test('a later start is ready within seconds, finds everything, shows no key, and keeps what it acknowledges when it is killed', async () => {
    await using product = await startProduct({ place, adminKey: null });
    console.info(`A start on data that is there is ready after ${Math.round(product.readyAfterMs)} ms.`);
    expect(product.readyAfterMs).toBeLessThan(READY_MS);
    expect(product.stdout).not.toMatch(/key|Applied|Loading/);
    const known = { ...product, adminKey: key };
    expect(await ask(known, CLUB)).toEqual(before);

    const { brand, record } = await createFacts(known);
    const cursor = await record('2025-12', 57_000);
    await product.kill();
    await using again = await startProduct({ place, adminKey: null });
    expect(await ask({ ...again, adminKey: key }, FIGURES_OF, { slug: brand })).toEqual({
      head: cursor,
      brand: { figures: { nodes: [{ period: '2025-12', value: 57_000 }] } },
    });
  });
});

test('a configured admin key works, is not shown, and is stored only as a hash', async () => {
  await using place = await placeDatabase('migrated');
  const adminKey = 'configured-key-configured-key-configured';
  await using product = await startProduct({ place, adminKey, environment: WITHOUT_SEED });
  expect(product.stdout).not.toContain(adminKey);
  expect(product.stdout).not.toContain('admin key');
  expect(product.stderr).not.toContain(adminKey);
  await createFacts(product);
  expect((await send(product, '{ head }', {}, `${adminKey}x`)).status).toBe(401);
  await product.stop();
  expect(await keysOf(place)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
});

test.runIf(inject('backend') === 'postgres')(
  'two first starts at once on one database both become ready, and one of them shows an admin key',
  async () => {
    await using place = await emptyPlace();
    const options = { place, adminKey: null, environment: WITHOUT_SEED };
    const started = await Promise.all([startProduct(options), startProduct(options)]);
    await using one = started[0];
    await using other = started[1];
    const [key, ...more] = [one, other].flatMap(({ adminKey }) => (adminKey === '' ? [] : [adminKey]));
    expect(more).toEqual([]);
    for (const product of [one, other]) await createFacts({ ...product, adminKey: key as string });
    expect([one, other].filter(({ stdout }) => stdout.includes('Applied'))).toHaveLength(1);
  },
);

test.runIf(inject('backend') === 'postgres').each([
  ['a missing database', '', 'nothing_here', 'does not exist: create it (createdb nothing_here).'],
  ['an unknown user', 'nobody', undefined, 'does not let us in: '],
])('it refuses to start on %s, and says what to do', async (_what, user, name, message) => {
  await using place = await emptyPlace();
  const url = new URL(place.databaseUrl as string);
  if (user !== '') url.username = user;
  if (name !== undefined) url.pathname = `/${name}`;
  await using refused = runProduct({ place: { ...place, databaseUrl: url.href } });
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.stderr).toContain(`The database of DATABASE_URL ${message}`);
  expect(refused.stderr).not.toContain('cannot be reached');
  expect(refused.stderr).not.toMatch(/^ +at /m);
});

/** An empty place: no folder, or a database without tables. */
async function emptyPlace(): Promise<TestPlace> {
  if (inject('backend') === 'postgres') return placeDatabase('empty');
  const folder = await mkdtemp(join(tmpdir(), 'milepost-first-'));
  return {
    databaseUrl: undefined,
    dataDir: join(folder, 'data'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Whether the place is still empty. */
async function isUntouched(place: TestPlace): Promise<boolean> {
  if (place.databaseUrl === undefined) return !existsSync(place.dataDir);
  await using database = await openDatabase({ ...place, databaseConnections: 1 }, SILENT);
  const tables = await database.client.$queryRaw<unknown[]>`select from pg_tables where schemaname = 'public'`;
  return tables.length === 0;
}

/** It lives, is not ready, and tells every client to come back. */
async function expectStarting(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}`;
  const json = { 'content-type': 'application/json' };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws');
  // All at once: it may be ready soon.
  const [lives, ready, posted, subscribed, [refusal]] = await Promise.all([
    fetch(`${url}/livez`),
    fetch(`${url}/readyz`),
    fetch(`${url}/graphql`, { method: 'POST', headers: json, body: '{"query":"{ head }"}' }),
    fetch(`${url}/graphql?query={head}`, { headers: { accept: 'text/event-stream' } }),
    soon('the refusal', once(socket, 'error')) as Promise<[Error]>,
  ]);
  expect(lives.status).toBe(200);
  expect([ready.status, await ready.json()]).toEqual([503, { ready: false, checks: { started: false } }]);
  expect([posted.status, posted.headers.get('retry-after')]).toEqual([503, '2']);
  const { errors } = (await posted.json()) as { errors: { extensions: unknown }[] };
  expect(errors[0]?.extensions).toEqual({ code: 'TEMPORARILY_UNAVAILABLE', retryable: true });
  // An EventSource takes a refusal as final.
  expect([subscribed.status, await subscribed.text()]).toEqual([200, 'retry: 2000\n\n']);
  expect(refusal.message).toContain('503');
}

/** Resolves when the seed is partly loaded. */
async function halfway(place: TestPlace, product: ProductProcess): Promise<void> {
  // The embedded database cannot be read from here, so the product's output is used.
  await product.printed((stdout) => (place.databaseUrl === undefined ? /Loading|ready/ : /Applied/).test(stdout));
  if (place.databaseUrl === undefined) return;
  await using database = await openDatabase({ ...place, databaseConnections: 1 }, SILENT);
  await until('some of the seed is loaded', async () => (await database.client.source.count()) > 10);
}

async function countRows(place: TestPlace): Promise<Record<string, number>> {
  await using database = await openDatabase({ ...place, databaseConnections: 1 }, SILENT);
  return await countTables(database);
}

async function countSeed(): Promise<Record<string, number>> {
  await using seeded = await openSeededDatabase();
  return await countTables(seeded.database);
}

async function countTables({ client }: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of TABLES) counts[table] = await (client[table] as { count(): Promise<number> }).count();
  return counts;
}

/** The stored keys. */
async function keysOf(place: TestPlace): Promise<string[]> {
  await using database = await openDatabase({ ...place, databaseConnections: 1 }, SILENT);
  return (await database.client.apiKey.findMany()).map(({ hash }) => hash);
}

/** A free port of this machine. */
async function freePort(): Promise<number> {
  await using taken = await takePort();
  return taken.port;
}

/** A port of this machine that is in use. */
async function takePort(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
    },
  };
}
