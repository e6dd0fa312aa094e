import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { PrismaClient } from './generated/client.ts';
import type { Database, MigrationSession } from './handle.ts';
import { listenWithReconnect } from './listen.ts';

/** Long enough for a busy server, short enough that a request fails with a reason and does not hang. */
const CONNECTION_TIMEOUT_MS = 5_000;
const TRANSACTION = { maxWait: 10_000, timeout: 30_000 };
/** A connection that has not answered for so long is given up: that of a host that fell silent would be waited for as long as the system tries, a quarter of an hour. */
const ANSWER_TIMEOUT_MS = 30_000;
/** "milepost" in hexadecimal, cut to fit: the advisory lock that one migrating instance holds. */
const MIGRATION_LOCK = 0x6d_69_6c_65;
const UTC = /^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich)(\+0|-0|0)?$/i;
/** Each name is a prepared statement on every connection; the statements of this server are a few hundred. */
const MAX_STATEMENT_NAMES = 1_000;

/** Opens a Postgres server; a StartupError says why it cannot be reached. */
export async function openPostgres(url: string, connections: number, logger: Logger): Promise<Database> {
  const pooled = isPooled(url);
  const connection: pg.ClientConfig = {
    connectionString: pooled ? url : inUtc(url),
    connectionTimeoutMillis: CONNECTION_TIMEOUT_MS,
    keepAlive: true,
    // Without it the system's two hours: so long a connection to a host that is gone would be taken for a quiet one.
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'milepost',
  };
  const pool = new pg.Pool({ ...connection, max: connections, query_timeout: ANSWER_TIMEOUT_MS });
  // The error itself carries the whole connection, with every statement prepared on it.
  pool.on('error', ({ message }) => logger.warn({ reason: message }, 'an idle database connection broke'));
  await pool.query('select 1').catch(async (error: NodeJS.ErrnoException) => {
    await pool.end();
    // Where a host has several addresses, the error that sums up the attempts has a code and no message.
    throw new StartupError(`The database of DATABASE_URL cannot be reached: ${error.message || error.code}`);
  });
  if (pooled) await requireUtc(pool);
  // A statement is prepared on one of the server's connections, and behind a pooler the next one may be another.
  const adapter = new PrismaPg(pool, pooled ? {} : { statementNameGenerator: statementNames() });
  const client = new PrismaClient({ adapter, transactionOptions: TRANSACTION });
  return {
    backend: 'postgres',
    client,
    listen: async (channel, onWake) =>
      pooled ? NOT_LISTENING : listenWithReconnect(connection, channel, onWake, logger),
    underLock: (work) => exclusively(connection, () => work()),
    exclusively: (work) => exclusively(connection, work),
    [Symbol.asyncDispose]: async () => {
      await client.$disconnect();
      await pool.end();
    },
  };
}

/** What notifications are sent behind a pooler reaches nobody: who waits for them polls. */
const NOT_LISTENING: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };

/** Whether the address is that of a pooler which hands out its connections for a transaction at a time, said as Prisma has it said. */
function isPooled(url: string): boolean {
  return /[?&]pgbouncer=true(&|$)/.test(url);
}

/** Poolers refuse an address with options, and what a session sets is not there for the next transaction. */
async function requireUtc(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ zone: string }>(`/* timeZone */ select current_setting('timezone') as zone`);
  const zone = rows[0]?.zone ?? '';
  if (UTC.test(zone)) return;
  await pool.end();
  throw new StartupError(
    `The time zone of the database is ${zone}. Behind a pooler a connection cannot have its own: run "alter database … set timezone to 'UTC'" and restart the pooler.`,
  );
}

/** Prisma's adapters read every timestamp as UTC, whatever the session's zone. Said in the address, whose options pg puts above all others; the last ones of it count. */
function inUtc(url: string): string {
  const [, own = ''] = /[?&]options=([^&]*)/.exec(url) ?? [];
  return `${url}${url.includes('?') ? '&' : '?'}options=${own}${encodeURIComponent(' -c TimeZone=UTC')}`;
}

async function exclusively<T>(
  connection: pg.ClientConfig,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query('begin');
    await client.query('/* lockMigrations */ select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const result = await work({
      query: async <Row>(sql: string, values: readonly unknown[] = []) =>
        (await client.query(sql, [...values])).rows as Row[],
      script: async (sql) => {
        await client.query(sql);
      },
    });
    await client.query('commit');
    return result;
  } finally {
    // Ending the connection rolls back what was not committed.
    await client.end();
  }
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
