import pg from 'pg';
import { expect, inject, test, vi } from 'vitest';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { startProduct } from '../support/product.ts';
import { type Answer, ask, send } from './clients.ts';
import { createFacts, type Facts } from './facts.ts';

// The bounds are those that the product is shipped with, and processes take their time to start on a machine that is busy.
vi.setConfig({ testTimeout: 120_000 });

/** The advisory lock that each write takes last, before it appends to the log. */
const LOG_LOCK = 0x6d_69_6c_6f;
const RECORD = `mutation ($subject: String!, $period: Period!, $value: Float!, $sourceId: ID!) {
  recordFigure(
    input: { subject: $subject, metric: DELIVERIES, period: $period, value: $value, sourceId: $sourceId, acknowledgeOutlier: true }
  ) { cursor deduplicated userErrors { message } }
}`;

interface Recorded {
  readonly recordFigure: { readonly cursor: string | null; readonly deduplicated: boolean };
}

const onPostgres = test.runIf(inject('backend') === 'postgres');

onPostgres('a write that waits too long is refused whole, and the writes after it commit nothing of it', async () => {
  await using place = await placeDatabase('migrated');
  await using product = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
  const facts = await createFacts(product);
  const record = (period: string): Promise<Answer<Recorded>> => recordOn(product, facts, period);
  const refused = await whileLogIsLocked(place, () => Promise.all(['2025-01', '2025-02', '2025-03'].map(record)));
  for (let month = 4; month <= 12; month += 1) await facts.record(`2025-${String(month).padStart(2, '0')}`, month);
  expect(await figuresWithoutEntry(place)).toEqual([]);
  for (const answer of refused) {
    expect(answer.status).toBe(503);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true } }]);
  }
  for (const period of ['2025-01', '2025-02', '2025-03']) {
    const { data } = await record(period);
    expect(data?.recordFigure).toMatchObject({ cursor: expect.any(String), deduplicated: false });
  }
  const { brand } = await ask<{ brand: { figures: { totalCount: number } } }>(
    product,
    `{ brand(slug: "${facts.brand}") { figures { totalCount } } }`,
  );
  expect(brand.figures.totalCount).toBe(12);
});

function recordOn(product: Parameters<typeof send>[0], { brand, sourceId }: Facts, period: string) {
  return send<Recorded>(product, RECORD, { subject: brand, sourceId, period, value: 1 });
}

/** Does something while somebody else has the log's lock. */
async function whileLogIsLocked<T>(place: TestPlace, work: () => Promise<T>): Promise<T> {
  return inDatabase(place, async (client) => {
    await client.query('begin');
    await client.query('select pg_advisory_xact_lock($1)', [LOG_LOCK]);
    const result = await work();
    await client.query('rollback');
    return result;
  });
}

/** The periods of the figures that the log does not tell of. */
async function figuresWithoutEntry(place: TestPlace): Promise<readonly string[]> {
  const { rows } = await inDatabase(place, (client) =>
    client.query<{ period: string }>(
      `select period from "Figure" f where not exists (select from "Change" c where c."figureId" = f.id) order by 1`,
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
