import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../support/postgres-server.ts';
import { type Product, startProduct } from '../support/product.ts';
import { until } from '../support/wait.ts';
import {
  type Answer,
  ask,
  type End,
  headOf,
  readLog,
  send,
  TRANSPORTS,
  type Variables,
  type Watch,
} from './clients.ts';
import { createFacts, type Facts } from './facts.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** How often the connections are broken, whatever they are doing. */
const BREAKS = 5;
/** How many writes have to succeed after each disturbance. */
const WRITES_BETWEEN = 10;
const OUTAGE_MS = 4_000;
/** Longer than a write waits for a lock. */
const HELD_UP_MS = 30_000;
/** A pause between two writes, after a failed one too. */
const WRITE_PAUSE_MS = 20;

/** What never changes of an entry. Nothing is known of a period before all others, but observations are read for it. */
const ENTRY = `
  __typename cursor at
  subject { slug ... on Brand { observation(period: "1999") { value } } }
  ... on FigureChange { action before observation { value } }
`;
const CHANGES = `subscription ($after: Cursor) { event: changes(after: $after) { ${ENTRY} } }`;
const NEWEST = `brand(slug: $brand) {
  cumulative { value }
  figures(first: 3) { totalCount nodes { period value } }
  targets { totalCount }
}`;
const LIVE = `subscription ($brand: String!) { live { ${NEWEST} } }`;
const FRESH = `query ($brand: String!) { ${NEWEST} }`;
const RECORD = `mutation ($brand: String!, $day: Period!, $value: Float!, $sourceId: ID!) {
  recordFigure(
    input: { subject: $brand, metric: DELIVERIES, period: $day, value: $value, sourceId: $sourceId, acknowledgeOutlier: true }
  ) { userErrors { message } }
}`;

const SET_TARGET = `mutation ($brand: String!, $sourceId: ID!) {
  setTarget(input: { subject: $brand, metric: DELIVERIES, deadline: "2030-12-31", value: 1000, sourceId: $sourceId }) { cursor }
}`;
/** The product's connections to the database; a condition may follow. */
const CONNECTIONS = `pg_stat_activity where application_name = 'milepost'`;

interface Entry {
  readonly cursor: string;
}

interface Newest {
  readonly brand: { readonly figures: { readonly totalCount: number } };
}

const onPostgres = test.runIf(inject('backend') === 'postgres');

onPostgres('database connections that break, idle or during a query, cost no subscriber anything', async () => {
  await using postgres = await startPostgresServer();
  const started = await Promise.all([startOn(postgres), startOn(postgres)]);
  await using one = started[0];
  await using other = started[1];
  const products = [one, other];
  const facts = await createFacts(one);
  await using audience = await gather(products, facts);
  await using writer = startWriter(products, facts);
  for (let count = 0; count < BREAKS; count += 1) {
    await breakConnections(postgres);
    await writer.go(WRITES_BETWEEN);
    await until('each instance listens again', async () => (await countListening(postgres)) === products.length);
  }
  await whileReadersAreHeldUp(postgres, async () => {
    // Only a target can still be written. The events and the live query of each instance wait, and so does the write of a figure,
    // which holds the brand's lock: the target may have to wait for it until that times out, and be sent again.
    const target = { brand: facts.brand, sourceId: facts.sourceId };
    const isSet = async () => (await send(one, SET_TARGET, target)).errors === undefined;
    await until('the target is set', isSet, HELD_UP_MS);
    await until('they wait', async () => (await countHeldUp(postgres)) > 2 * products.length);
    await breakConnections(postgres);
  });
  await writer.go(WRITES_BETWEEN);
  await writer.stop();
  for (const answer of writer.failures) expectTemporary(answer);
  await audience.expectNothingLost();
});

onPostgres('a database that is away for seconds delays subscribers and loses them nothing', async () => {
  await using postgres = await startPostgresServer();
  const started = await Promise.all([startOn(postgres), startOn(postgres)]);
  await using one = started[0];
  await using other = started[1];
  const products = [one, other];
  const facts = await createFacts(one);
  await using audience = await gather(products, facts);
  await using writer = startWriter(products, facts);
  await writer.go(WRITES_BETWEEN);
  for (const product of products) expect(await readinessOf(product)).toBe(200);

  await postgres.stop();
  const { written } = writer;
  await allHaveReadiness(products, 503);
  for (const product of products) {
    const { status, data, errors } = await send(product, '{ head }');
    expectTemporary({ status, data: data ?? null, errors: errors ?? [] });
    expect((await send(product, FRESH, { brand: facts.brand })).status).toBe(503);
  }
  await sleep(OUTAGE_MS);
  await allHaveReadiness(products, 503);
  expect(writer.written).toBe(written);
  expect(writer.failures.length).toBeGreaterThan(0);
  for (const answer of writer.failures) expectTemporary(answer);

  await postgres.start();
  await allHaveReadiness(products, 200);
  await writer.go(WRITES_BETWEEN);
  await writer.stop();
  await audience.expectNothingLost();
});

function startOn({ databaseUrl }: PostgresServer): Promise<Product> {
  return startProduct({ place: { databaseUrl, dataDir: '' }, environment: { MILEPOST_SEED: 'off' } });
}

/** A subscriber to all changes and one to a live query on each instance over each transport. */
interface Audience extends AsyncDisposable {
  /** All have the log once and in order, and the newest answer, over their first subscriptions; to be called after the last write. */
  expectNothingLost(): Promise<void>;
}

async function gather(products: readonly Product[], { brand, announce }: Facts): Promise<Audience> {
  const [one] = products as [Product];
  const start = await headOf(one);
  const subscribeAll = <Data>(document: string, variables: Variables): Watch<Data>[] =>
    products.flatMap((product) => TRANSPORTS.map(([, subscribe]) => subscribe<Data>(product, document, variables)));
  const readers = subscribeAll<{ event: Entry }>(CHANGES, { after: start });
  const viewers = subscribeAll<{ live: Newest }>(LIVE, { brand });
  const ends: End[] = [];
  for (const watch of [...readers, ...viewers]) void watch.ended.then((end) => ends.push(end));
  // Everything from here on happens to subscriptions that have begun.
  const after = await announce(1_000_000);
  for (const watch of readers) expect((await watch.next()).event.cursor).toBe(after);
  for (const watch of viewers) await watch.next();
  return {
    expectNothingLost: async () => {
      const log = await readLog<Entry>(one, ENTRY, after);
      for (const watch of readers) {
        for (const entry of log) expect((await watch.next()).event).toEqual(entry);
      }
      const newest = await ask<Newest>(one, FRESH, { brand });
      for (const watch of viewers) {
        while (!isDeepStrictEqual((await watch.next()).live, newest));
      }
      // Nothing came twice after the end either: the next event is a new one.
      const cursor = await announce(2_000_000);
      for (const watch of readers) expect((await watch.next()).event.cursor).toBe(cursor);
      expect(ends).toEqual([]);
    },
    [Symbol.asyncDispose]: async () => {
      for (const watch of [...readers, ...viewers]) await watch.close();
    },
  };
}

/** Records one day after the other by turns on the instances, each day until an instance acknowledges it. */
interface Writer extends AsyncDisposable {
  readonly written: number;
  /** The answers that refused it. */
  readonly failures: readonly Answer<unknown>[];
  /** Resolves when this many more days are recorded. */
  go(days: number): Promise<void>;
  stop(): Promise<void>;
}

function startWriter(products: readonly Product[], { brand, sourceId }: Facts): Writer {
  const failures: Answer<unknown>[] = [];
  let written = 0;
  let turn = 0;
  let isStopping = false;
  const record = async (value: number): Promise<void> => {
    const day = new Date(Date.UTC(2020, 0, value)).toISOString().slice(0, 10);
    turn += 1;
    const product = products[turn % products.length] as Product;
    const answer = await send<Recorded>(product, RECORD, { brand, day, value, sourceId });
    if (answer.errors !== undefined) failures.push(answer);
    else if (answer.data?.recordFigure.userErrors.length === 0) written += 1;
    else throw new Error(`It was refused: ${JSON.stringify(answer.data)}`);
  };
  const run = async (): Promise<void> => {
    while (!isStopping) {
      await record(written + 1);
      await sleep(WRITE_PAUSE_MS);
    }
  };
  const ran = run();
  const stop = (): Promise<void> => {
    isStopping = true;
    return ran;
  };
  return {
    get written() {
      return written;
    },
    failures,
    go: (days) => {
      const enough = written + days;
      return until(`${days} more days are recorded`, () => written >= enough);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Recorded {
  readonly recordFigure: { readonly userErrors: readonly unknown[] };
}

/** The answer tells a client to come back, and no details of the failure. */
function expectTemporary({ status, errors, data }: Answer<unknown>): void {
  expect(status).toBe(503);
  expect(errors).toEqual([
    expect.objectContaining({
      message: 'The server cannot answer right now. Nothing is wrong with the request: try again soon.',
      extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true },
    }),
  ]);
  expect(data ?? null).toBeNull();
}

async function readinessOf(product: Product): Promise<number> {
  return (await fetch(new URL('/readyz', product.url))).status;
}

async function allHaveReadiness(products: readonly Product[], status: number): Promise<void> {
  for (const product of products) {
    await until(`/readyz answers with ${status}`, async () => (await readinessOf(product)) === status);
  }
}

/** Ends every connection of the product on the side of the database, the listening ones too. */
async function breakConnections(postgres: PostgresServer): Promise<void> {
  await inDatabase(postgres, (client) => client.query(`select pg_terminate_backend(pid) from ${CONNECTIONS}`));
}

async function countListening(postgres: PostgresServer): Promise<number> {
  return countConnections(postgres, `query like '%listen %'`);
}

/** How many connections wait for the observations. */
async function countHeldUp(postgres: PostgresServer): Promise<number> {
  // Postgres shows only the beginning of a long statement.
  const reads = `query like '%"Observation"%' or query ~ '/\\* (readForFigures|readObservations|readKeptSeries|readLatest)'`;
  return countConnections(postgres, `wait_event_type = 'Lock' and (${reads})`);
}

async function countConnections(postgres: PostgresServer, condition: string): Promise<number> {
  const { rows } = await inDatabase(postgres, (client) =>
    client.query<{ count: number }>(`select count(*)::int as count from ${CONNECTIONS} and ${condition}`),
  );
  return rows[0]?.count ?? 0;
}

/** Does something while the observations are locked, which every event, live query and write of a figure here needs. */
async function whileReadersAreHeldUp(postgres: PostgresServer, work: () => Promise<void>): Promise<void> {
  await inDatabase(postgres, async (client) => {
    await client.query('begin');
    await client.query('lock table "Observation"');
    await work();
    await client.query('rollback');
  });
}

async function inDatabase<T>({ databaseUrl }: PostgresServer, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
