import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { ask, headOf, send, TRANSPORTS } from '../acceptance/clients.ts';
import { createFacts, type Facts } from '../acceptance/facts.ts';
import { milepostProcess } from '../support/command.ts';
import { placeDatabase } from '../support/database.ts';
import { startPooler } from '../support/pooler.ts';
import { type Product, runProduct, startProduct } from '../support/product.ts';
import { openProxy } from '../support/proxy.ts';
import { soon } from '../support/wait.ts';

// Processes are slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const FIGURES = `subscription ($filter: FigureFilter, $after: Cursor) {
  event: figureRecorded(filter: $filter, after: $after) { cursor figure { value } }
}`;
const FIGURE_COUNT = '{ brand(slug: "$brand") { figures { totalCount } } }';

interface Pushed {
  readonly event: { readonly cursor: string; readonly figure: { readonly value: number } };
}

interface Counted {
  readonly brand: { readonly figures: { readonly totalCount: number } };
}

test('two instances behind a transaction pooler migrate, write, and push each other’s changes by polling', async () => {
  await using place = await placeDatabase('empty');
  const { databaseUrl, dataDir } = place;
  await setDefault(databaseUrl as string, 'timezone', 'UTC');
  // Fewer connections than the two instances use together, so that they take turns on them.
  await using pooler = await startPooler(databaseUrl as string, 4);
  const options = {
    place: { databaseUrl: pooler.databaseUrl, dataDir },
    environment: { MILEPOST_SEED: 'off', LOG_LEVEL: 'warn' },
  };
  const started = await Promise.all([startProduct(options), startProduct(options)]);
  await using one = started[0];
  await using other = started[1];
  const facts = await createFacts(one);
  const variables = { filter: { subjects: [facts.brand] }, after: await headOf(one) };
  const watches = [one, other].flatMap((product) =>
    TRANSPORTS.map(([, subscribe]) => subscribe<Pushed>(product, FIGURES, variables)),
  );
  const counting = FIGURE_COUNT.replace('$brand', facts.brand);
  const live = TRANSPORTS.map(([, subscribe]) =>
    subscribe<{ live: Counted }>(other, `subscription { live ${counting} }`),
  );
  for (const watch of live) await watch.next();

  const elsewhere = await createFacts(other);
  const cursors: string[] = [];
  for (let count = 1; count <= 40; count += 1) {
    const { record } = count % 2 === 0 ? facts : elsewhere;
    const month = `${2020 + Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}`;
    // Fewer than 10,000 in all: a milestone would come after the figure in the log.
    cursors.push(await record(month, 100 + count, facts.brand));
  }
  for (const watch of watches) {
    for (const cursor of cursors) expect((await watch.next()).event.cursor).toBe(cursor);
    await watch.close();
  }
  const fresh = await ask<Counted>(one, counting);
  expect(fresh.brand.figures.totalCount).toBe(40);
  for (const watch of live) {
    let answer = await watch.next();
    while (answer.live.brand.figures.totalCount < 40) answer = await watch.next();
    expect(answer.live).toEqual(fresh);
    await watch.close();
  }
  for (const product of [one, other]) {
    await product.stop();
    expect(product.complaints).toBe('');
  }
});

test('behind a pooler, an instance that falls silent with the log’s lock delays the others only by seconds', async () => {
  await using place = await placeDatabase('migrated');
  const { databaseUrl, dataDir } = place;
  await setDefault(databaseUrl as string, 'timezone', 'UTC');
  await using pooler = await startPooler(databaseUrl as string, 10);
  await using way = await openProxy(pooler.databaseUrl);
  const environment = { MILEPOST_SEED: 'off' };
  const started = await Promise.all([
    startProduct({ place: { databaseUrl: way.databaseUrl, dataDir }, environment }),
    startProduct({ place: { databaseUrl: pooler.databaseUrl, dataDir }, environment }),
  ]);
  await using silent = started[0];
  await using other = started[1];
  const facts = await createFacts(other);
  const hasTheLock = way.silenceAfter('/* appendChanges */');
  void setTargetOn(silent, facts).catch(() => undefined);
  await hasTheLock;
  silent.signal('SIGSTOP');
  // The timeout of soon() is the promise: 15 s.
  await soon('the other to write again', facts.record('2025-02', 2));
});

test('behind a pooler, writes decide by what they read after waiting, whatever isolation the database has by default', async () => {
  await using place = await placeDatabase('empty');
  const { databaseUrl, dataDir } = place;
  await setDefault(databaseUrl as string, 'timezone', 'UTC');
  await setDefault(databaseUrl as string, 'default_transaction_isolation', 'repeatable read');
  await using pooler = await startPooler(databaseUrl as string, 10);
  const there = { place: { databaseUrl: pooler.databaseUrl, dataDir }, environment: { MILEPOST_SEED: 'off' } };
  // The second instance waits for the migrations of the first.
  const started = await Promise.all([startProduct(there), startProduct(there)]);
  await using one = started[0];
  await using other = started[1];
  const [facts, elsewhere] = [await createFacts(one), await createFacts(other)];
  const months = Array.from({ length: 12 }, (_, index) => `2024-${String(index + 1).padStart(2, '0')}`);
  const cursors = await Promise.all(
    months.map((month, index) => (index % 2 === 0 ? facts : elsewhere).record(month, 1_000, facts.brand)),
  );
  expect(new Set(cursors).size).toBe(months.length);
});

test('behind a pooler, derived data can be verified', async () => {
  await using place = await placeDatabase('migrated');
  const { databaseUrl, dataDir } = place;
  await setDefault(databaseUrl as string, 'timezone', 'UTC');
  await using pooler = await startPooler(databaseUrl as string, 10);
  const there = { databaseUrl: pooler.databaseUrl, dataDir };
  await using product = await startProduct({ place: there, environment: { MILEPOST_SEED: 'off' } });
  const { record } = await createFacts(product);
  await record('2025-02', 2);
  expect(await milepostProcess(there, 'verify')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Verified 1 figures/),
  });
});

test('behind a pooler, a database that is not in UTC is refused with what to do', async () => {
  await using place = await placeDatabase('migrated');
  const { databaseUrl, dataDir } = place;
  await setDefault(databaseUrl as string, 'timezone', 'Asia/Shanghai');
  await using pooler = await startPooler(databaseUrl as string, 4);
  await using refused = runProduct({ place: { databaseUrl: pooler.databaseUrl, dataDir } });
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.stderr).toContain(`The time zone of the database is Asia/Shanghai.`);
  expect(refused.stderr).toContain(`set timezone to 'UTC'`);
});

function setTargetOn(product: Product, { brand, sourceId }: Facts): Promise<unknown> {
  return send(
    product,
    `mutation ($brand: String!, $sourceId: ID!) {
      setTarget(input: { subject: $brand, metric: DELIVERIES, deadline: "2030-12-31", value: 1000, sourceId: $sourceId }) { cursor }
    }`,
    { brand, sourceId },
  );
}

async function setDefault(databaseUrl: string, setting: string, value: string): Promise<void> {
  const admin = new pg.Client(databaseUrl);
  await admin.connect();
  const name = pg.escapeIdentifier(new URL(databaseUrl).pathname.slice(1));
  await admin.query(`alter database ${name} set ${setting} to ${pg.escapeLiteral(value)}`);
  await admin.end();
}
