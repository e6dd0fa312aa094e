import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type Bounds, SERVING } from './bounds.ts';
import { exclusively, underLock } from './exclusive.ts';
import { PrismaClient } from './generated/client.ts';
import type { Database, Lanes } from './handle.ts';
import { listenWithReconnect } from './listen.ts';
import { openPool } from './pool.ts';
import { beginWith, boundTransaction, isPooled, requireUtc, withSettings } from './session.ts';

/** Waiting for a connection of the lane is part of it. */
const START_TRANSACTION_MS = 10_000;
/** Each name is a prepared statement on every connection; the statements of this server are a few hundred. */
const MAX_STATEMENT_NAMES = 1_000;

/** What Postgres says of a database that is not there, and of a user or a password that is not right. */
const NO_DATABASE = '3D000';
const NOT_LET_IN = /^28/;

export interface PostgresOptions {
  readonly url: string;
  /** How many connections the lanes have together. */
  readonly connections: number;
  /** What is waited for how long; as long as a server may be waited for if not given. */
  readonly bounds?: Bounds | undefined;
}

/** Opens a Postgres server; a StartupError says why it cannot be reached. */
export async function openPostgres(
  { url, connections, bounds = SERVING }: PostgresOptions,
  logger: Logger,
): Promise<Database> {
  const pooled = isPooled(url);
  const connection: pg.ClientConfig = {
    connectionString: pooled ? url : withSettings(url, bounds),
    connectionTimeoutMillis: bounds.connection,
    keepAlive: true,
    // Without it the system's two hours: so long a connection to a host that is gone would be taken for a quiet one.
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'milepost',
  };
  const sizes = divide(connections);
  const log = openLane(sizes.log);
  const push = openLane(sizes.push);
  const live = openLane(sizes.live);
  const write = openLane(sizes.write);
  const read = openLane(sizes.read);
  const close = async (): Promise<void> => {
    await Promise.all(
      [log, push, live, write, read].map(async ({ pool, client }) => {
        await client.$disconnect();
        await pool.end();
      }),
    );
  };
  const sayThatItWaits = (): void => logger.info('another instance prepares the database; waiting until it is done');
  try {
    await reach(log.pool, url);
    if (pooled) await requireUtc(log.pool);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    backend: 'postgres',
    lanes: {
      log: log.client,
      push: push.client,
      live: live.client,
      write: write.client,
      read: read.client,
    },
    client: write.client,
    listen: async (channel, onWake) =>
      pooled ? NOT_LISTENING : listenWithReconnect(connection, channel, onWake, logger),
    underLock: (work) => underLock(connection, work, sayThatItWaits),
    exclusively: (work) => exclusively(connection, work, sayThatItWaits),
    [Symbol.asyncDispose]: close,
  };

  function openLane(size: number): { readonly pool: pg.Pool; readonly client: PrismaClient } {
    const pool = openPool(connection, size, bounds, logger);
    // A statement is prepared on one of the server's connections, and behind a pooler the next one may be another.
    const adapter = pooled
      ? beginWith(boundTransaction(bounds), new PrismaPg(pool))
      : new PrismaPg(pool, { statementNameGenerator: statementNames() });
    const bounded = { maxWait: START_TRANSACTION_MS, timeout: bounds.transaction };
    // Said by each transaction where the address cannot say it.
    const transactionOptions = pooled ? { ...bounded, isolationLevel: 'ReadCommitted' as const } : bounded;
    return { pool, client: new PrismaClient({ adapter, transactionOptions }) };
  }
}

/** What notifications are sent behind a pooler reaches nobody: who waits for them polls. */
const NOT_LISTENING: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };

/** A fifth for each lane; what is left over goes to queries, mutations, events and live queries, in this order. Each has one at least. */
function divide(connections: number): Readonly<Record<keyof Lanes, number>> {
  const part = (extra: number): number => Math.max(1, Math.floor((connections + extra) / 5));
  return { read: part(4), write: part(3), push: part(2), live: part(1), log: part(0) };
}

async function reach(pool: pg.Pool, url: string): Promise<void> {
  await pool.query('/* reach */ select 1').catch(({ code = '', message }: NodeJS.ErrnoException) => {
    if (code === NO_DATABASE) {
      const name = decodeURIComponent(new URL(url).pathname.slice(1));
      throw new StartupError(`The database of DATABASE_URL does not exist: create it (createdb ${name}).`);
    }
    if (NOT_LET_IN.test(code)) {
      throw new StartupError(
        `The database of DATABASE_URL does not let us in: ${message}. Correct the user and the password.`,
      );
    }
    // Where a host has several addresses, the error that sums up the attempts has a code and no message.
    throw new StartupError(
      `The database of DATABASE_URL cannot be reached: ${message || code}. Start it, or correct DATABASE_URL.`,
    );
  });
}

function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    // Past the bound statements go unnamed, which costs them their plan and nothing else.
    if (names.size >= MAX_STATEMENT_NAMES) return '';
    const name = `m${createHash('sha256').update(sql).digest('hex').slice(0, 24)}`;
    names.set(sql, name);
    return name;
  };
}
