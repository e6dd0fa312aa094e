import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { startProduct } from '../support/product.ts';
import { openProxy } from '../support/proxy.ts';
import { soon, until } from '../support/wait.ts';
import { type Answer, ask, send } from './clients.ts';
import { createFacts, type Facts } from './facts.ts';

// The bounds are those of production, and processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

/** The advisory lock that each write takes last, before it appends to the log. */
const LOG_LOCK = 0x6d_69_6c_6f;
const RECORD = `mutation ($subject: String!, $period: Period!, $value: Float!, $sourceId: ID!) {
  recordFigure(
    input: { subject: $subject, metric: DELIVERIES, period: $period, value: $value, sourceId: $sourceId, acknowledgeOutlier: true }
  ) { cursor deduplicated userErrors { message } }
}`;

/** The answer to a write of which nothing is stored yet. */
const NEW = { cursor: expect.any(String), deduplicated: false };

interface Recorded {
  readonly recordFigure: { readonly cursor: string | null; readonly deduplicated: boolean };
}

const onPostgres = test.runIf(inject('backend') === 'postgres');

onPostgres('a write that waits too long is refused whole, and the writes after it commit nothing of it', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  const facts = await createFacts(product);
  const record = (period: string): Promise<Answer<Recorded>> => recordOn(product, facts, period);
  const refused = await whileLogIsLocked(place, () => record('2025-01'));
  for (let month = 2; month <= 12; month += 1) await facts.record(`2025-${String(month).padStart(2, '0')}`, month);
  expect(await figuresWithoutEntry(place)).toEqual([]);
  expect(refused.status).toBe(503);
  expect(refused.errors).toMatchObject([{ extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true } }]);
  expect((await record('2025-01')).data?.recordFigure).toMatchObject(NEW);
  const { brand } = await ask<{ brand: { figures: { totalCount: number } } }>(
    product,
    `{ brand(slug: "${facts.brand}") { figures { totalCount } } }`,
  );
  expect(brand.figures.totalCount).toBe(12);
});

onPostgres('an instance that falls silent with several writes under way holds the others up for seconds', async () => {
  await using place = await placeDatabase('migrated');
  await using way = await openProxy(place.databaseUrl as string);
  const environment = { MILEPOST_SEED: 'off' };
  const started = await Promise.all([
    startProduct({ place: { ...place, databaseUrl: way.databaseUrl }, environment }),
    startProduct({ place, environment }),
  ]);
  await using silent = started[0];
  await using other = started[1];
  const facts = await createFacts(other);
  // As many as the lane of writes has connections.
  const brands = [facts, await createFacts(other)].flatMap(({ brand, other: another }) => [brand, another]);
  await whileLogIsLocked(place, async () => {
    for (const brand of brands) void recordOn(silent, { ...facts, brand }, '2025-01').catch(() => undefined);
    await until('they wait for the lock', async () => (await countWaiting(place)) === brands.length);
    way.silence();
    silent.signal('SIGSTOP');
  });
  // The timeout of soon() is the promise: 15 s.
  await soon('the other to write again', untilWritten(other, facts, '2025-02'));
  // The writes that fell silent are completely gone.
  expect(await figuresWithoutEntry(place)).toEqual([]);
  expect((await recordOn(other, facts, '2025-01')).data?.recordFigure).toMatchObject(NEW);
});

/** Sends a write until it is acknowledged. */
async function untilWritten(product: Parameters<typeof send>[0], facts: Facts, period: string): Promise<void> {
  while ((await recordOn(product, facts, period)).errors !== undefined);
}

function recordOn(product: Parameters<typeof send>[0], { brand, sourceId }: Facts, period: string) {
  return send<Recorded>(product, RECORD, { subject: brand, sourceId, period, value: 1 });
}

/** Does something while the test has the log's lock. */
async function whileLogIsLocked<T>(place: TestPlace, work: () => Promise<T>): Promise<T> {
  return inDatabase(place, async (client) => {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOG_LOCK]);
    const result = await work();
    await client.query('rollback');
    return result;
  });
}

async function countWaiting(place: TestPlace): Promise<number> {
  const { rows } = await inDatabase(place, (client) =>
    client.query(`select from pg_locks where locktype = 'advisory' and not granted`),
  );
  return rows.length;
}

/** The periods of figures without a log entry. */
async function figuresWithoutEntry(place: TestPlace): Promise<readonly string[]> {
  const { rows } = await inDatabase(place, (client) =>
    client.query<{ period: string }>(
      `select period from "Figure" f where not exists (select from "Change" c where c.kind = 'FIGURE' and c."aboutId" = f.id) order by 1`,
    ),
  );
  return rows.map(({ period }) => period);
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
