import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { type Product, startProduct } from '../support/product.ts';
import { type Proxy as DatabaseProxy, openProxy } from '../support/proxy.ts';
import { until } from '../support/wait.ts';
import { chanceOf, type Entry, type Subscriber, startSubscriber, startViewer, type Viewer, valuesIn } from './chaos.ts';
import { ask, headOf, readLog, send } from './clients.ts';
import { createFacts, type Facts } from './facts.ts';
import { expectKept } from './kept.ts';
import { type Read, readSocket, readStream } from './reading.ts';
import { type ReadmeClient, startReadmeClients } from './readme-clients.ts';

/** The delay before a write that was not acknowledged is tried again. */
const RETRY_MS = 200;
/** It goes on for minutes beside other tests, so it is no faster than it has to be. */
const WRITE_PAUSE_MS = 200;
/** How long a request waits before another instance is asked; longer than any bound that a server sets itself. */
const ANSWER_MS = 45_000;
/** Everything has bounds well below this, so nothing waits for ever. */
export const TIMEOUT_MS = 75_000;
/** How many writes on each instance show that it works again. */
const WRITES_AFTERWARDS = 5;

/** The table of the targets is read for this field, and by nothing else here. */
const ENTRY = `
  __typename cursor at subject { slug ... on Brand { targets { totalCount } } }
  ... on FigureChange { action before observation { value } }
`;
const RECORD = `mutation ($brand: String!, $day: Period!, $value: Float!, $sourceId: ID!) {
  recordFigure(
    input: { subject: $brand, metric: DELIVERIES, period: $day, value: $value, sourceId: $sourceId, acknowledgeOutlier: true }
  ) { userErrors { message } }
}`;
const NEWEST = 'brand(slug: $brand) { figures(first: 3) { totalCount nodes { period value } } }';

interface Newest {
  readonly brand: { readonly figures: { readonly totalCount: number } };
}

/** Two instances on one database, with readers and a writer. The victim's connections to the database can fall silent. */
export interface Ground extends AsyncDisposable {
  readonly victim: Product;
  readonly steady: Product;
  readonly proxy: DatabaseProxy;
  readonly writer: Writer;
  /** Holds a lock on a table in a mode, on the side of the database, until released. */
  lock(table: string, mode: string): Promise<{ release(): Promise<void> }>;
  /** Keeps every statement that reads a table from ending, on the side of the database, until it relents; waiting statements then get an error. */
  neverAnswer(table: string): Promise<{ relent(): Promise<void> }>;
  sql<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** After the last failure: everything works again, nobody lost anything, and the stored data is consistent. */
  expectWhole(): Promise<void>;
}

/** Prepares one failure; the environment is the victim's. */
export async function openGround(environment: Readonly<Record<string, string>>): Promise<Ground> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const part of closing.reverse()) await part();
  };
  const keep = <Opened extends AsyncDisposable>(opened: Opened): Opened => {
    closing.push(async () => opened[Symbol.asyncDispose]());
    return opened;
  };
  try {
    return { ...(await fillGround(environment, keep, closing)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fillGround(
  environment: Readonly<Record<string, string>>,
  keep: <Opened extends AsyncDisposable>(opened: Opened) => Opened,
  closing: (() => Promise<unknown>)[],
): Promise<Omit<Ground, typeof Symbol.asyncDispose>> {
  const place = keep(await placeDatabase('migrated'));
  const proxy = keep(await openProxy(place.databaseUrl as string));
  const unseeded = { MILEPOST_SEED: 'off' };
  const steady = keep(await startProduct({ place, environment: unseeded }));
  const byProxy = { databaseUrl: proxy.databaseUrl, dataDir: place.dataDir };
  const victim = keep(await startProduct({ place: byProxy, environment: { ...unseeded, ...environment } }));
  const products = [victim, steady];
  const facts = await createFacts(steady);
  const start = await headOf(steady);
  const readAll = <Client>(read: (fleet: ReturnType<typeof alwaysAt>, by: Read) => Client): Client[] =>
    products.flatMap((product) => [readSocket, readStream].map((by) => read(alwaysAt(product), by)));
  const subscribers = readAll((fleet, by) => startSubscriber(fleet, chanceOf(1, 1), by, start, ENTRY));
  const viewers = readAll((fleet, by) =>
    startViewer<Newest>(fleet, chanceOf(1, 1), by, NEWEST, { brand: facts.brand }),
  );
  const readers = startReadmeClients(victim).map(keep);
  const writer = startWriter(products, facts);
  closing.push(async () => {
    // A write to an instance that is gone ends by itself.
    for (const product of products) await product.kill();
    await writer.stop();
    await Promise.allSettled([...subscribers, ...viewers].map((client) => client.stop()));
  });
  // Everything from here on happens to readers that have begun.
  const haveBegun = () => readers.every(({ values }) => values.length > 0);
  await until('the clients of the README get figures', haveBegun, TIMEOUT_MS);
  const sql: Ground['sql'] = (text, values = []) =>
    inDatabase(place, async (client) => (await client.query(text, [...values])).rows);
  return {
    victim,
    steady,
    proxy,
    writer,
    sql,
    lock: (table, mode) => lockTable(place, table, mode),
    neverAnswer: (table) => neverAnswer(sql, table),
    expectWhole: async () => {
      for (const product of products) await writer.go(WRITES_AFTERWARDS, product);
      await writer.stop();
      await expectNothingLost(steady, facts, start, { subscribers, viewers, readers, writer });
      await expectKept(place, facts.brand, writer.acknowledged);
      expect(writer.surprises).toEqual([]);
    },
  };
}

interface Readers {
  readonly subscribers: readonly Subscriber[];
  readonly viewers: readonly Viewer<Newest>[];
  readonly readers: readonly ReadmeClient[];
  readonly writer: Writer;
}

/** Every reader has the log from its start, once and in order, and every live query has the newest answer. */
async function expectNothingLost(
  steady: Product,
  { brand }: Facts,
  start: string,
  { subscribers, viewers, readers, writer }: Readers,
): Promise<void> {
  const end = await headOf(steady);
  await Promise.all(subscribers.map(({ reaches }) => reaches(end, TIMEOUT_MS)));
  const log = await readLog<Entry>(steady, ENTRY, start);
  const recorded = valuesIn(log);
  expect([...recorded].sort((a, b) => a - b)).toEqual([...writer.acknowledged].sort((a, b) => a - b));
  for (const { connections } of subscribers) {
    expect(connections.flatMap(({ entries }) => entries)).toEqual(log);
  }
  const newest = await ask<Newest>(steady, `query ($brand: String!) { ${NEWEST} }`, { brand });
  await Promise.all(viewers.map(({ reaches }) => reaches(newest, TIMEOUT_MS)));
  for (const { name, values } of readers) {
    const last = recorded.at(-1);
    await until(`${name} of the README has the last figure`, () => values.at(-1) === last, TIMEOUT_MS);
    expect([name, values]).toEqual([name, recorded.slice(recorded.indexOf(values[0] as number))]);
  }
}

/** Records one day after the other, on the instances by turns, each day until an instance acknowledges it. */
export interface Writer {
  /** The values that were acknowledged. */
  readonly acknowledged: readonly number[];
  /** How many writes an instance has acknowledged. */
  countOf(product: Product): number;
  /** Answers that no failure excuses. */
  readonly surprises: readonly unknown[];
  /** Leaves an instance out from now on. */
  avoid(product: Product): void;
  /** Includes an instance again. */
  include(product: Product): void;
  /** Sends the next write to this instance and waits for nothing. */
  sendNow(product: Product): void;
  /** Pauses once the write under way is acknowledged; until it is resumed. */
  pause(): Promise<void>;
  resume(): void;
  /** Resolves when an instance has acknowledged this many more. */
  go(writes: number, product: Product): Promise<void>;
  stop(): Promise<void>;
}

function startWriter(products: readonly Product[], { brand, sourceId }: Facts): Writer {
  const acknowledged: number[] = [];
  const counts = new Map<Product, number>(products.map((product) => [product, 0]));
  const avoided = new Set<Product>();
  const surprises: unknown[] = [];
  let state: 'writing' | 'paused' | 'stopped' = 'writing';
  let turn = 0;
  let value = 1;
  const record = async (product: Product, wanted: number): Promise<boolean> => {
    const day = new Date(Date.UTC(2020, 0, wanted)).toISOString().slice(0, 10);
    const sent = send<Recorded>(product, RECORD, { brand, day, value: wanted, sourceId });
    // The instance may be gone or silent.
    const answer = await Promise.race([sent, sleep(ANSWER_MS, null, { ref: false })]).catch(() => null);
    if (answer === null) return false;
    if (answer.errors === undefined && answer.data?.recordFigure.userErrors.length === 0) return true;
    if (answer.errors?.[0]?.extensions?.code !== 'TEMPORARILY_UNAVAILABLE') surprises.push(answer);
    return false;
  };
  const writeNext = async (): Promise<void> => {
    const candidates = products.filter((product) => !avoided.has(product));
    turn += 1;
    const product = candidates[turn % candidates.length] as Product;
    if (!(await record(product, value))) return void (await sleep(RETRY_MS));
    acknowledged.push(value);
    counts.set(product, (counts.get(product) ?? 0) + 1);
    value += 1;
    await sleep(WRITE_PAUSE_MS);
  };
  let isIdle = false;
  const run = async (): Promise<void> => {
    while (state !== 'stopped') {
      isIdle = state === 'paused';
      if (isIdle) await sleep(RETRY_MS);
      else await writeNext();
    }
  };
  const ran = run();
  const countOf = (product: Product): number => counts.get(product) ?? 0;
  return {
    acknowledged,
    countOf,
    surprises,
    avoid: (product) => void avoided.add(product),
    include: (product) => void avoided.delete(product),
    // The next write about the same subject shows the result.
    sendNow: (product) => void record(product, value),
    pause: async () => {
      state = 'paused';
      await until('nothing is under way', () => isIdle, TIMEOUT_MS);
    },
    resume: () => {
      state = 'writing';
    },
    go: async (writes, product) => {
      const enough = countOf(product) + writes;
      await until(`${writes} more are recorded`, () => countOf(product) >= enough, TIMEOUT_MS);
    },
    stop: () => {
      state = 'stopped';
      return ran;
    },
  };
}

interface Recorded {
  readonly recordFigure: { readonly userErrors: readonly unknown[] };
}

/** The instance that a reader always reconnects to; the reader is never cut off. */
function alwaysAt(product: Product) {
  return { any: () => product, isCalm: true };
}

async function lockTable({ databaseUrl }: TestPlace, table: string, mode: string) {
  const client = new pg.Client(databaseUrl);
  // It may outlive the database when a test has failed.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(`lock table "${table}" in ${mode} mode`);
  return { release: () => client.end() };
}

/** Replaces the table by a view that sleeps. A lock on the table would also delay writes that reference it. */
async function neverAnswer(sql: Ground['sql'], table: string) {
  await sql(`alter table "${table}" rename to "Real${table}";
    create view "${table}" as
      select rows.* from (select pg_sleep(3600)) as never left join "Real${table}" as rows on true`);
  return {
    relent: async () => {
      let isBack = false;
      const back = sql(`drop view "${table}"; alter table "Real${table}" rename to "${table}"`).then(() => {
        isBack = true;
      });
      const cancelReaders = async (): Promise<boolean> => {
        await sql(`select pg_cancel_backend(pid) from pg_stat_activity
          where datname = current_database() and wait_event = 'PgSleep'`);
        return isBack;
      };
      await until('the table is back', cancelReaders, TIMEOUT_MS);
      await back;
    },
  };
}

async function inDatabase<T>({ databaseUrl }: TestPlace, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
