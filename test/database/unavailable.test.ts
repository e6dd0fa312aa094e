import { randomUUID } from 'node:crypto';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Bounds, SERVING } from '../../src/database/bounds.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Tx } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { isUnavailable } from '../../src/database/unavailable.ts';
import { createLogger } from '../../src/logger.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { deferred } from '../support/wait.ts';

const SILENT = createLogger('silent');

let place: TestPlace;
let admin: pg.Client;

beforeAll(async () => {
  if (inject('backend') !== 'postgres') return;
  place = await placeDatabase('migrated');
  admin = new pg.Client(place.databaseUrl);
  await admin.connect();
});

afterAll(async () => {
  await admin?.end();
  await place?.[Symbol.asyncDispose]();
});

/** How to provoke an error, over a separate connection. */
interface Provocation {
  /** Options of the session. */
  readonly options?: string;
  readonly bounds?: Partial<Bounds>;
  /** Whether it connects through a proxy that can break the connection. */
  readonly breakable?: boolean;
  readonly run: (db: PrismaClient, breakOff: (how: 'reset' | 'end' | 'refuse') => Promise<void>) => Promise<unknown>;
}

const OUTAGES: Readonly<Record<string, Provocation>> = {
  'read-only, by model': { options: '-c default_transaction_read_only=on', run: (db) => createKey(db) },
  'read-only, by SQL': {
    options: '-c default_transaction_read_only=on',
    run: (db) => db.$executeRaw`insert into "ApiKey" (label, hash) values ('a', 'a')`,
  },
  'a statement that takes too long': {
    options: '-c statement_timeout=50',
    run: (db) => db.$queryRaw`select pg_sleep(5)::text`,
  },
  'a statement that takes too long in a transaction': {
    options: '-c statement_timeout=50',
    run: (db) => db.$transaction((tx) => tx.$queryRaw`select pg_sleep(5)::text`),
  },
  'a lock that somebody else has, by model': {
    options: '-c lock_timeout=50',
    run: (db) => whileLocked(() => createKey(db)),
  },
  'a lock that somebody else has, by SQL': {
    options: '-c lock_timeout=50',
    run: (db) => whileLocked(() => db.$queryRaw`select count(*) from "ApiKey"`),
  },
  'no answer': { bounds: { silence: 200 }, run: (db) => whileLocked(() => createKey(db)) },
  'no answer in a transaction': {
    bounds: { silence: 200 },
    run: (db) => whileLocked(() => db.$transaction((tx) => tx.apiKey.count())),
  },
  'no connection left in the pool': {
    bounds: { connection: 1_000 },
    run: (db) => whileInTransaction(db, () => db.apiKey.count()),
  },
  'no transaction in time': {
    run: (db) => whileInTransaction(db, () => db.$transaction((tx) => tx.apiKey.count(), { maxWait: 50 })),
  },
  'a transaction that takes too long': {
    bounds: { transaction: 50 },
    run: (db) =>
      db.$transaction(async (tx) => {
        await tx.$queryRaw`select pg_sleep(0.2)::text`;
        await tx.apiKey.count();
      }),
  },
  'a transaction that the server ends because nothing is asked': {
    options: '-c idle_in_transaction_session_timeout=50',
    run: (db) => db.$transaction(async (tx) => untilGone(await pidOf(tx)).then(() => tx.apiKey.count())),
  },
  'a connection that an administrator ends in a transaction': {
    run: (db) => db.$transaction(async (tx) => terminate(await pidOf(tx)).then(() => tx.apiKey.count())),
  },
  'a connection that an administrator ends before the commit': {
    run: (db) => db.$transaction(async (tx) => terminate(await pidOf(tx))),
  },
  'a connection that an administrator ends in a statement': {
    run: (db) =>
      db.$transaction(async (tx) => {
        const pid = await pidOf(tx);
        await inStatement(tx, () => terminate(pid));
      }),
  },
  'more connections than the server takes': {
    run: async () => {
      const url = new URL(place.databaseUrl as string);
      url.username = await createRole();
      return onDatabase({ url: url.href }, (db, other) => whileInTransaction(db, () => other.apiKey.count()));
    },
  },
  'a password that is no longer right': {
    run: async () => {
      const url = new URL(place.databaseUrl as string);
      url.username = await createRole();
      return onDatabase({ url: url.href }, async (db) => {
        await db.apiKey.count();
        await admin.query(`alter role ${url.username} password 'another'`);
        await terminateAll(url.username);
        await db.apiKey.count();
      });
    },
  },
  'a disk that is full': { run: (db) => raise(db, '53100') },
  'a disk that is full, at the commit': {
    run: async (db) => {
      await admin.query(`
        create or replace function full_disk() returns trigger language plpgsql as $$
          begin raise exception 'could not extend file' using errcode = '53100'; end $$;
        create constraint trigger full_disk after insert on "ApiKey" deferrable initially deferred
          for each row execute function full_disk()`);
      try {
        await db.$transaction(createKey);
      } finally {
        await admin.query('drop trigger full_disk on "ApiKey"');
      }
    },
  },
  'a server that starts': { run: (db) => raise(db, '57P03') },
  'a deadlock, by SQL': { run: (db) => raise(db, '40P01') },
  'a connection that is reset in a statement': {
    breakable: true,
    run: (db, breakOff) => inStatement(db, () => breakOff('reset')),
  },
  'a connection that is reset in a transaction': {
    breakable: true,
    run: (db, breakOff) => db.$transaction((tx) => inStatement(tx, () => breakOff('reset'))),
  },
  'a connection that ends in a statement': {
    breakable: true,
    run: (db, breakOff) => inStatement(db, () => breakOff('end')),
  },
  'a missing server, by model': {
    breakable: true,
    run: (db, breakOff) => breakOff('refuse').then(() => db.apiKey.count()),
  },
  'a missing server, by SQL': {
    breakable: true,
    run: (db, breakOff) => breakOff('refuse').then(() => db.$queryRaw`select 1`),
  },
  'a missing server, for a transaction': {
    breakable: true,
    run: (db, breakOff) => breakOff('refuse').then(() => db.$transaction((tx) => tx.apiKey.count())),
  },
};

const FAULTS: Readonly<Record<string, Provocation>> = {
  'a row that exists already': { run: (db) => createKey(db, 'twice').then(() => createKey(db, 'twice')) },
  'a row that refers to a missing row': {
    run: (db) => db.$executeRaw`insert into "Change" (position, kind, "subjectId") values (1, 'SUBJECT', 1)`,
  },
  'a missing row': { run: (db) => db.apiKey.findUniqueOrThrow({ where: { id: 0 } }) },
  'an invalid statement': { run: (db) => db.$queryRawUnsafe('selec 1') },
  'a missing table': { run: (db) => db.$queryRawUnsafe('select * from nowhere') },
  'an invalid value': { run: (db) => db.$queryRawUnsafe(`select 'a'::int`) },
  'a division by zero': { run: (db) => db.$queryRawUnsafe('select 1 / 0') },
  'parameters that do not fit': { run: (db) => db.$queryRawUnsafe('select $1::int', 1, 2) },
  'a statement after the one that failed': {
    run: (db) =>
      db.$transaction(async (tx) => {
        await tx.$queryRawUnsafe('select 1 / 0').catch(() => undefined);
        await tx.apiKey.count();
      }),
  },
  'a statement in a transaction that is over': {
    run: async (db) => {
      const { tx } = await db.$transaction(async (open) => ({ tx: open }));
      await tx.apiKey.count();
    },
  },
  'an invalid argument': { run: (db) => db.apiKey.findUnique({ where: {} as never }) },
};

const onPostgres = test.runIf(inject('backend') === 'postgres');

for (const [what, provocation] of Object.entries(OUTAGES)) {
  onPostgres(`${what} is a temporary error`, async () => {
    const error = await provoke(provocation);
    expect(isUnavailable(error), String(error)).toBe(true);
  });
}

for (const [what, provocation] of Object.entries(FAULTS)) {
  onPostgres(`${what} is not a temporary error`, async () => {
    const error = await provoke(provocation);
    expect(isUnavailable(error), String(error)).toBe(false);
  });
}

/** The error; fails when there is none. */
async function provoke({ options, bounds, breakable = false, run }: Provocation): Promise<unknown> {
  const url = new URL(place.databaseUrl as string);
  if (options !== undefined) url.searchParams.set('options', options);
  await using way = breakable ? await openWay(url) : null;
  return await onDatabase({ url: way?.url ?? url.href, ...(bounds === undefined ? {} : { bounds }) }, (db) =>
    run(db, way?.breakOff ?? (() => Promise.resolve())).then(
      () => Promise.reject(new Error('It went well.')),
      (error: unknown) => error,
    ),
  );
}

/** Opens the database with one connection for each lane, and passes two of the lanes. */
async function onDatabase<T>(
  { url, bounds }: { readonly url: string; readonly bounds?: Partial<Bounds> },
  work: (db: PrismaClient, other: PrismaClient) => Promise<T>,
): Promise<T> {
  const options = { databaseUrl: url, dataDir: '', databaseConnections: 3, bounds: { ...SERVING, ...bounds } };
  await using database = await openDatabase(options, SILENT);
  return await work(database.lanes.write, database.lanes.read);
}

function createKey(db: PrismaClient | Tx, hash: string = randomUUID()): Promise<unknown> {
  return db.apiKey.create({ data: { label: 'a', hash } });
}

async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
  await admin.query('begin; lock table "ApiKey"');
  try {
    return await work();
  } finally {
    await admin.query('rollback');
  }
}

/** Does the work while a transaction has the lane's only connection. */
async function whileInTransaction<T>(db: PrismaClient, work: () => Promise<T>): Promise<T> {
  const begun = deferred();
  const done = deferred();
  const transaction = db.$transaction(async (tx) => {
    await tx.apiKey.count();
    begun.resolve();
    await done.promise;
  });
  await begun.promise;
  try {
    return await work();
  } finally {
    done.resolve();
    await transaction;
  }
}

async function pidOf(tx: Tx): Promise<number> {
  const [row] = await tx.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid as number;
}

/** Resolves when the client has also noticed that its connection is gone: a later statement comes after that. */
async function terminate(pid: number): Promise<void> {
  await admin.query('select pg_terminate_backend($1, 5000)', [pid]);
  await newsArrive();
}

async function terminateAll(role: string): Promise<void> {
  await admin.query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1', [role]);
  await newsArrive();
}

async function untilGone(pid: number): Promise<void> {
  while ((await admin.query('select from pg_stat_activity where pid = $1', [pid])).rowCount !== 0);
  await newsArrive();
}

/** Resolves when everything that was sent to this process before has been read. */
async function newsArrive(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await admin.query('select 1');
}

/** Does the work while a statement runs, and waits for both. */
async function inStatement(db: PrismaClient | Tx, work: () => Promise<void>): Promise<void> {
  const name = randomUUID();
  const isRunning = `select from pg_stat_activity where query like '%${name}%' and pid <> pg_backend_pid()`;
  const untilRunning = async (): Promise<void> => {
    while ((await admin.query(isRunning)).rowCount === 0);
  };
  await Promise.all([db.$queryRawUnsafe(`select pg_sleep(5)::text, '${name}'`), untilRunning().then(work)]);
}

async function createRole(): Promise<string> {
  const name = `poor_${randomUUID().slice(0, 8)}`;
  const { password } = new URL(place.databaseUrl as string);
  await admin.query(`create role ${name} login password '${decodeURIComponent(password)}' connection limit 2`);
  await admin.query(`grant select on all tables in schema public to ${name}`);
  return name;
}

function raise(db: PrismaClient, state: string): Promise<unknown> {
  return db.$executeRawUnsafe(`do $$ begin raise exception 'provoked' using errcode = '${state}'; end $$`);
}

/** A proxy to the server that can break connections. */
async function openWay({ href, hostname, port }: URL) {
  const near = new Set<Socket>();
  const server = createServer((socket) => {
    near.add(socket);
    const far = connect(Number(port), hostname);
    socket.pipe(far).pipe(socket);
    socket.on('error', () => undefined).on('close', () => far.destroy());
    far.on('error', () => undefined).on('close', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(href);
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const closeAll = (): void => {
    for (const socket of near) socket.destroy();
    server.close();
  };
  return {
    url: url.href,
    breakOff: async (how: 'reset' | 'end' | 'refuse') => {
      if (how === 'reset') for (const socket of near) socket.resetAndDestroy();
      else if (how === 'end') for (const socket of near) socket.end();
      else closeAll();
      await newsArrive();
    },
    [Symbol.asyncDispose]: async () => closeAll(),
  };
}
