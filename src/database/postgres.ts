import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import { StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { type Meters, NO_METERS } from '../meters.ts';
import { type Bounds, SERVING } from './bounds.ts';
import { cancelApart } from './cancel.ts';
import { exclusively, underLock } from './exclusive.ts';
import { PrismaClient } from './generated/client.ts';
import type { Database, Lanes, PoolState } from './handle.ts';
import { listenWithReconnect } from './listen.ts';
import { metered } from './metered.ts';
import { numberTransactions } from './open-transactions.ts';
import { openPool } from './pool.ts';
import { withShortcut } from './read-json.ts';
import { beginWith, boundTransaction, isPooled, type Plans, requireUtc, withSettings } from './session.ts';

/** Includes the wait for a connection of the lane. */
const START_TRANSACTION_MS = 10_000;
/** Each name is a prepared statement on every connection. This server has a few hundred statements. */
const MAX_STATEMENT_NAMES = 1_000;
/** A longer statement has a list of its own length, so it hardly comes again, and its plan takes megabytes. */
const LONGEST_NAMED = 16 * 1024;

const SIDE_CONNECTIONS = 2;
/** Postgres' codes for a missing database, and for a wrong user or password. */
const NO_DATABASE = '3D000';
const NOT_LET_IN = /^28/;

export interface PostgresOptions {
  readonly url: string;
  /** Number of connections of all lanes together. */
  readonly connections: number;
  /** Timeouts; those for serving if not given. */
  readonly bounds?: Bounds | undefined;
  readonly meters?: Meters | undefined;
}

/** Opens a Postgres server; throws a StartupError if it cannot be reached. */
export async function openPostgres(
  { url, connections, bounds = SERVING, meters = NO_METERS }: PostgresOptions,
  logger: Logger,
): Promise<Database> {
  const pooled = isPooled(url);
  const connectWith = (plans?: Plans): pg.ClientConfig => ({
    connectionString: pooled ? url : withSettings(url, bounds, plans),
    connectionTimeoutMillis: bounds.connection,
    keepAlive: true,
    // The system's default is two hours, during which a connection to a vanished host would look idle.
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'milepost',
  });
  const connection = connectWith();
  const sizes = divide(connections);
  const log = openLane('log', 'kept');
  const push = openLane('push');
  const live = openLane('live');
  const write = openLane('write', 'kept');
  const read = openLane('read');
  // Opened when it is first used.
  const side = openPool(connectWith(), SIDE_CONNECTIONS, bounds, logger);
  const close = async (): Promise<void> => {
    await side.end();
    await Promise.all(
      [log, push, live, write, read].map(async ({ pool, client }) => {
        await client.$disconnect();
        await pool.end();
      }),
    );
  };
  const logWait = (): void => logger.info('another instance prepares the database; waiting until it is done');
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
    pools: () => ({
      log: stateOf(log.pool),
      push: stateOf(push.pool),
      live: stateOf(live.pool),
      write: stateOf(write.pool),
      read: stateOf(read.pool),
    }),
    side: {
      // Behind a pooler a prepared statement may be on another connection.
      query: ({ name, text, values }) => side.query({ ...(pooled ? {} : { name }), text, values: [...values] }),
    },
    listen: async (channel, onWake) =>
      pooled ? NOT_LISTENING : listenWithReconnect(connection, channel, onWake, logger),
    underLock: (work) => underLock(connection, work, logWait),
    exclusively: (work) => exclusively(connection, work, logWait),
    [Symbol.asyncDispose]: close,
  };

  function openLane(lane: keyof Lanes, plans?: Plans): { readonly pool: pg.Pool; readonly client: PrismaClient } {
    const pool = openPool(connectWith(plans), sizes[lane], bounds, logger);
    // Behind a pooler the next statement may run on another server connection, so prepared statements are not used.
    const plain = pooled
      ? beginWith(boundTransaction(bounds), new PrismaPg(pool))
      : new PrismaPg(pool, { statementNameGenerator: statementNames() });
    const adapter = numberTransactions(metered(plain, lane, meters));
    const bounded = { maxWait: START_TRANSACTION_MS, timeout: bounds.transaction };
    // Behind a pooler the URL cannot set the isolation level, so each transaction does.
    const transactionOptions = pooled ? { ...bounded, isolationLevel: 'ReadCommitted' as const } : bounded;
    return { pool, client: withShortcut(cancelApart(new PrismaClient({ adapter, transactionOptions })), adapter) };
  }
}

function stateOf({ totalCount, idleCount, waitingCount }: pg.Pool): PoolState {
  return { total: totalCount, idle: idleCount, waiting: waitingCount };
}

/** Behind a pooler notifications do not arrive; the log is polled instead. */
const NOT_LISTENING: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };

/**
 * A fifth of the connections for each lane, and at least one. The remainder goes to queries, mutations, events and live queries, in this
 * order.
 */
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
    // If a host has several addresses, the error that combines the attempts has a code and no message.
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
    // Beyond the limit statements stay unnamed; they are planned each time, and nothing else changes.
    if (names.size >= MAX_STATEMENT_NAMES || sql.length > LONGEST_NAMED) return '';
    const name = `m${createHash('sha256').update(sql).digest('hex').slice(0, 24)}`;
    names.set(sql, name);
    return name;
  };
}
