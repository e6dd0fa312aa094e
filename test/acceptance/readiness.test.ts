import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { placeDatabase } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { openProxy } from '../support/proxy.ts';
import { until } from '../support/wait.ts';
import { send } from './clients.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const CREATE =
  'mutation ($slug: String!) { createSubject(input: { kind: BRAND, slug: $slug, name: $slug }) { cursor } }';

interface Report {
  readonly status: number;
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean | null>>;
}

test('it says that writing works, and asks the database no more for a thousand who ask than for one', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  await until('it is ready', async () => (await askReadiness(product)).ready);
  expect(await askReadiness(product)).toMatchObject({ status: 200, ready: true, checks: { writing: true } });
  const before = await statementsOf(product);
  await Promise.all(Array.from({ length: 1_000 }, () => askReadiness(product)));
  // Reading them is a probe as well, and so is each second that it took.
  expect((await statementsOf(product)) - before).toBeLessThan(100);
});

if (inject('backend') === 'postgres') {
  test('where nothing can be written it is ready for readers, and says so', async () => {
    await using place = await placeDatabase('migrated');
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    await until('it is ready', async () => (await askReadiness(product)).ready);
    const name = new URL(place.databaseUrl as string).pathname.slice(1);
    await onServer(async (client) => {
      await client.query(`alter database ${name} set default_transaction_read_only = on`);
      await client.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
    });
    await until('it is noticed', async () => (await askReadiness(product)).checks.writing === false);
    await until('it reads again', async () => (await send(product, '{ head }')).status === 200);
    await until('it is ready', async () => (await askReadiness(product)).ready);
    expect(await askReadiness(product)).toMatchObject({ status: 200, checks: { database: true, writing: false } });
    expect(await askReadiness(product, '?writing')).toMatchObject({
      status: 503,
      ready: false,
      checks: { writing: false },
    });
    expect((await send(product, CREATE, { slug: 'a' })).status).toBe(503);
    await onServer(async (client) => {
      await client.query(`alter database ${name} reset default_transaction_read_only`);
      await client.query(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '${name}'`);
    });
    await until('a write succeeds', async () => (await send(product, CREATE, { slug: 'b' })).status === 200);
    await until('writing works', async () => (await askReadiness(product, '?writing')).status === 200);
  });

  test('a write that the database could not take is told, until another one succeeds or it is tried again', async () => {
    await using place = await placeDatabase('migrated');
    await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    await until('it is ready', async () => (await askReadiness(product)).ready);
    // As a full disk does, at the table of the log: nothing else notices.
    await onDatabase(place.databaseUrl as string, async (client) => {
      await client.query(
        `create function full() returns trigger language plpgsql as $$ begin raise exception 'No space left on device' using errcode = '53100'; end $$`,
      );
      await client.query('create trigger "full" before insert on "Change" for each row execute function full()');
    });
    expect((await send(product, CREATE, { slug: 'a' })).status).toBe(503);
    await until('it is noticed', async () => (await askReadiness(product)).checks.writing === false);
    expect(await askReadiness(product)).toMatchObject({ status: 200, ready: true });
    await onDatabase(place.databaseUrl as string, (client) => client.query('drop trigger "full" on "Change"'));
    // Without another write it is tried whether a commit succeeds, after 10 s.
    await until('writing works', async () => (await askReadiness(product)).checks.writing === true, 30_000);
  });

  test('it answers within a second while the database hangs, and takes none of its connections for it', async () => {
    await using place = await placeDatabase('migrated');
    await using way = await openProxy(place.databaseUrl as string);
    await using product = await startProduct({
      place: { ...place, databaseUrl: way.databaseUrl },
      environment: { MILEPOST_SEED: 'off' },
    });
    await until('it is ready', async () => (await askReadiness(product)).ready);
    way.silence();
    let slowest = 0;
    await until('it is noticed', async () => {
      const began = performance.now();
      const reports = await Promise.all(Array.from({ length: 20 }, () => askReadiness(product)));
      slowest = Math.max(slowest, performance.now() - began);
      return reports.every(({ ready }) => !ready);
    });
    // A second, and what a busy machine adds to twenty requests at once.
    expect(slowest).toBeLessThan(2_500);
    expect(await askReadiness(product)).toMatchObject({ status: 503, checks: { database: false, writing: null } });
  });
}

test('an id of the proxy in front is kept if it is trusted, and a strange one is not', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({
    place,
    environment: { MILEPOST_SEED: 'off', MILEPOST_TRUST_PROXY: 'on', LOG_LEVEL: 'debug' },
  });
  const idOf = async (given: string): Promise<string | null> => {
    const address = new URL('/graphql?query={head}', product.url);
    return (await fetch(address, { headers: { 'x-request-id': given } })).headers.get('x-request-id');
  };
  expect(await idOf('of-the-proxy:1')).toBe('of-the-proxy:1');
  for (const strange of ['with space', 'x'.repeat(129), '<script>', '"'])
    expect(await idOf(strange)).toMatch(/^[0-9a-f-]{36}$/);
  await until('it is logged', () => product.stderr.includes('"requestId":"of-the-proxy:1"'));
});

async function askReadiness({ url }: Product, search = ''): Promise<Report> {
  const response = await fetch(new URL(`/readyz${search}`, url));
  return { status: response.status, ...((await response.json()) as Omit<Report, 'status'>) };
}

/** The number of statements so far. */
async function statementsOf({ url, adminKey }: Product): Promise<number> {
  const response = await fetch(new URL('/metrics', url), { headers: { authorization: `Bearer ${adminKey}` } });
  const counts = [...(await response.text()).matchAll(/^milepost_statement_duration_seconds_count\{.*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function onServer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  return onDatabase(inject('serverUrl'), work);
}

async function onDatabase(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
