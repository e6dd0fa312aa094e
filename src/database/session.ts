import type { SqlDriverAdapterFactory, Transaction } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { StartupError } from '../errors.ts';
import type { Bounds } from './bounds.ts';

const UTC = /^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich)(\+0|-0|0)?$/i;
/**
 * So soon the server finds out that a host is gone: the first while nothing is sent to it, the last, in milliseconds, while something is.
 * A process that is stopped but whose host is there takes nothing either, and counts as gone.
 */
const PEER = { tcp_keepalives_idle: 10, tcp_keepalives_interval: 5, tcp_keepalives_count: 3, tcp_user_timeout: 10_000 };

/** Statements that are asked over and over are planned once; to compile each would cost more than it takes, up to seconds where an estimate is far too high. */
const PLANNER = { jit: 'off' };

/** What nobody else may set: timestamps are read as UTC; and what is read after a lock was waited for has to be what is there by then. */
const OURS_ALONE = '-c TimeZone=UTC -c default_transaction_isolation=read\\ committed';

/** Whether the address is that of a pooler which hands out its connections for a transaction at a time, said as Prisma has it said. */
export function isPooled(url: string): boolean {
  return /[?&]pgbouncer=true(&|$)/.test(url);
}

/**
 * The address with what the server is to know of a session: the bounds, which options that the address has already go above, and what goes above all.
 * Prisma's adapters read every timestamp as UTC, whatever the session's zone. It is said in the address because pg puts that above everything else; of options that are said twice the last counts.
 */
export function withSettings(url: string, bounds: Bounds): string {
  const [, own = ''] = /[?&]options=([^&]*)/.exec(url) ?? [];
  const ours = Object.entries({ ...serverBounds(bounds), ...PEER, ...PLANNER }).map(
    ([name, value]) => `-c ${name}=${value} `,
  );
  const options = `${encodeURIComponent(ours.join(''))}${own}${encodeURIComponent(` ${OURS_ALONE}`)}`;
  return `${url}${url.includes('?') ? '&' : '?'}options=${options}`;
}

/** The statement that bounds the present transaction alone. Behind a pooler it is the only way: poolers refuse an address with options, and what a session sets is not there for the next transaction. */
export function boundTransaction(bounds: Bounds): string {
  const settings = Object.entries({ ...serverBounds(bounds), ...PLANNER }).map(
    ([name, value]) => `set_config('${name}', '${value}', true)`,
  );
  return `/* boundTransaction */ select ${settings.join(', ')}`;
}

/** Makes every transaction of an adapter begin with a statement. */
export function beginWith(statement: string, factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  const connect = async (): Promise<Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>> => {
    const adapter = await factory.connect();
    const start = adapter.startTransaction.bind(adapter);
    const startTransaction: typeof start = async (isolationLevel) => begin(await start(isolationLevel), statement);
    return Object.assign(adapter, { startTransaction });
  };
  return { provider: factory.provider, adapterName: factory.adapterName, connect };
}

async function begin(transaction: Transaction, sql: string): Promise<Transaction> {
  try {
    await transaction.queryRaw({ sql, args: [], argTypes: [] });
    return transaction;
  } catch (error) {
    // Gives the connection back, open as it is; the pool keeps none like that.
    await transaction.rollback();
    throw error;
  }
}

/** Refuses a pooler whose connections are not in UTC, with a StartupError that says what to do. */
export async function requireUtc(pool: pg.Pool): Promise<void> {
  const { rows } = await pool.query<{ zone: string }>(`/* timeZone */ select current_setting('timezone') as zone`);
  const zone = rows[0]?.zone ?? '';
  if (UTC.test(zone)) return;
  throw new StartupError(
    `The time zone of the database is ${zone}. Behind a pooler a connection cannot have its own: run "alter database … set timezone to 'UTC'" and restart the pooler.`,
  );
}

function serverBounds({ statement, lock, idleInTransaction }: Bounds): Readonly<Record<string, number>> {
  return {
    statement_timeout: statement,
    lock_timeout: lock,
    idle_in_transaction_session_timeout: idleInTransaction,
  };
}
