import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { type Bounds, SERVING } from '../../src/database/bounds.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { openPool } from '../../src/database/pool.ts';
import { isUnavailable } from '../../src/database/unavailable.ts';
import { type RecordedFigures, recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { createLogger } from '../../src/logger.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { openProxy } from '../support/proxy.ts';
import { soon } from '../support/wait.ts';

/** The client times out long before the server, as when no answer of the server arrives. */
const SHORT: Bounds = { ...SERVING, silence: 1_500 };
/** The advisory lock that each write takes last, before it appends to the log. */
const LOG_LOCK = 0x6d_69_6c_6f;

const onPostgres = test.runIf(inject('backend') === 'postgres');

onPostgres(
  'a connection over which an answer is late is not used again, and nothing of its transaction is committed',
  async () => {
    await using place = await placeDatabase('migrated');
    await using database = await openWith(SHORT, place.databaseUrl as string);
    const record = await createFacts(database.client);
    await using admin = await connect(place);
    await admin.client.query('begin');
    await admin.client.query('select pg_advisory_xact_lock($1)', [LOG_LOCK]);
    const late = await record('2025-01').catch((error: unknown) => error);
    expect(isUnavailable(late), String(late)).toBe(true);
    await admin.client.query('rollback');
    await record('2025-02');
    expect(await recordedPeriods(admin.client)).toEqual(['2025-02']);
    expect(await record('2025-01')).toMatchObject({ deduplicated: 0, cursor: expect.any(String) });
  },
);

onPostgres.each(['COMMIT', 'ROLLBACK'])(
  'a connection that lost the answer to %s is not used again',
  async (statement) => {
    await using place = await placeDatabase('migrated');
    await using way = await openProxy(place.databaseUrl as string);
    await using database = await openWith(SHORT, way.databaseUrl);
    const silent = way.silenceAfter(statement);
    const before = await pidOf(database.client);
    const refused = database.client.$transaction(async (tx) => {
      await tx.$queryRaw`select 1`;
      if (statement === 'ROLLBACK') throw new Error('It changed its mind.');
    });
    await expect(refused).rejects.toThrow();
    await silent;
    await createFacts(database.client);
    expect(await pidOf(database.client)).not.toBe(before);
  },
);

onPostgres('a connection that is given back within a transaction is not used again', async () => {
  await using place = await placeDatabase('migrated');
  const pool = openPool({ connectionString: place.databaseUrl }, 1, SERVING, createLogger('silent'));
  const client = await pool.connect();
  await client.query(`begin; insert into "Publisher" (slug, name, tier) values ('half', 'Half', 1)`);
  client.release();
  await pool.query('commit');
  const { rows } = await pool.query('select slug from "Publisher"');
  await pool.end();
  expect(rows).toEqual([]);
});

onPostgres('a connection that breaks before its client listens fails only the work on that connection', async () => {
  await using place = await placeDatabase('migrated');
  const pool = openPool({ connectionString: place.databaseUrl }, 1, SERVING, createLogger('silent'));
  // The server's last error can arrive in the same packet as its readiness.
  pool.once('acquire', (client) => client.emit('error', new Error('It was ended.')));
  const client = await pool.connect();
  client.release();
  await pool.end();
});

onPostgres('a transaction whose own time is up while a statement waits leaves nothing open', async () => {
  await using place = await placeDatabase('migrated');
  await using database = await openWith({ ...SERVING, transaction: 2_000 }, place.databaseUrl as string);
  const record = await createFacts(database.client);
  await using admin = await connect(place);
  await admin.client.query('begin');
  await admin.client.query('select pg_advisory_xact_lock($1)', [LOG_LOCK]);
  const late = record('2025-01').catch((error: unknown) => error);
  await admin.client.query('select pg_sleep(3)');
  await admin.client.query('rollback');
  expect(isUnavailable(await late), String(await late)).toBe(true);
  await record('2025-02');
  expect(await recordedPeriods(admin.client)).toEqual(['2025-02']);
});

onPostgres('a listening connection that falls silent keeps nobody from stopping', async () => {
  await using place = await placeDatabase('migrated');
  await using way = await openProxy(place.databaseUrl as string);
  const database = await openWith(SERVING, way.databaseUrl);
  const listening = await database.listen('anything', () => undefined);
  way.silence();
  await soon('the end of listening', Promise.resolve(listening[Symbol.asyncDispose]()));
  await soon('the end of the database', Promise.resolve(database[Symbol.asyncDispose]()));
});

onPostgres('listening over a connection that falls silent at its beginning is given up', async () => {
  await using place = await placeDatabase('migrated');
  await using way = await openProxy(place.databaseUrl as string);
  await using database = await openWith({ ...SERVING, connection: 1_500 }, way.databaseUrl);
  const silent = way.silenceAfter('/* listen */');
  await expect(database.listen('anything', () => undefined)).rejects.toThrow('timeout');
  await silent;
});

/** Opens a database with one connection for each lane. */
function openWith(bounds: Bounds, databaseUrl: string): Promise<Database> {
  return openDatabase({ databaseUrl, dataDir: '', databaseConnections: 3, bounds }, createLogger('silent'));
}

/** Creates a brand and a source; returns what records the brand's deliveries of a month. */
async function createFacts(db: PrismaClient): Promise<(period: string) => Promise<RecordedFigures>> {
  const publisher = { slug: 'gasgoo', name: 'Gasgoo', tier: 3 };
  const { source } = await registerSource(db, { publisher, title: 'An article' });
  await createSubject(db, { kind: 'BRAND', slug: 'nio', name: 'NIO' });
  return (period) =>
    recordFigure(db, {
      subject: 'nio',
      metric: 'DELIVERIES',
      period,
      value: 100,
      qualifier: 'EXACT',
      sourceId: source.id,
    });
}

/** The periods of all stored figures, with or without an entry in the log. */
async function recordedPeriods(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ period: string }>('select period from "Figure" order by 1');
  return rows.map(({ period }) => period);
}

async function pidOf(db: PrismaClient): Promise<number | undefined> {
  const [row] = await db.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid;
}

async function connect({ databaseUrl }: TestPlace): Promise<AsyncDisposable & { readonly client: pg.Client }> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  return { client, [Symbol.asyncDispose]: () => client.end() };
}
