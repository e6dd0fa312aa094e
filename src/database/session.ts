import type { SqlDriverAdapterFactory, Transaction } from '@prisma/driver-adapter-utils';
import type pg from 'pg';
import { StartupError } from '../errors.ts';
import type { Bounds } from './bounds.ts';

const UTC = /^(etc\/)?(utc|gmt|uct|zulu|universal|greenwich)(\+0|-0|0)?$/i;
/**
 * How soon the server notices that a host is gone: the keep-alives while it sends nothing, tcp_user_timeout (in ms) while it sends
 * something.
 * A stopped process on a live host reads nothing, and counts as gone too.
 */
const PEER = { tcp_keepalives_idle: 10, tcp_keepalives_interval: 5, tcp_keepalives_count: 3, tcp_user_timeout: 10_000 };

/**
 * Statements repeat and are planned once. Compiling each one would cost more than it saves, up to seconds when an estimate is far too
 * high.
 */
const PLANNER = { jit: 'off' };

/**
 * Whether a connection keeps the plan of a statement, or lets the server decide, which makes a new plan for nearly each execution of a
 * statement with lists. Plans are kept where all statements read by key: there no value asks for another plan, and planning takes longer
 * than executing. They are not kept for what clients select and order by.
 */
export type Plans = 'kept' | 'for each execution';

/**
 * Settings that the URL cannot override: timestamps are read as UTC, and statements after the wait for a lock must see the latest
 * commits.
 */
const OURS_ALONE = '-c TimeZone=UTC -c default_transaction_isolation=read\\ committed';

/** Whether the URL is that of a transaction pooler, marked the way Prisma expects it. */
export function isPooled(url: string): boolean {
  return /[?&]pgbouncer=true(&|$)/.test(url);
}

/**
 * The URL with the session's settings: our timeouts, which options in the URL override, and the settings that nothing overrides.
 * Prisma's adapters read every timestamp as UTC, whatever the time zone of the session.
 * The settings are in the URL because pg prefers it to everything else. If an option is given twice, the last one counts.
 */
export function withSettings(url: string, bounds: Bounds, plans: Plans = 'for each execution'): string {
  const [, own = ''] = /[?&]options=([^&]*)/.exec(url) ?? [];
  const planner = plans === 'kept' ? { ...PLANNER, plan_cache_mode: 'force_generic_plan' } : PLANNER;
  const ours = Object.entries({ ...serverBounds(bounds), ...PEER, ...planner }).map(
    ([name, value]) => `-c ${name}=${value} `,
  );
  const options = `${encodeURIComponent(ours.join(''))}${own}${encodeURIComponent(` ${OURS_ALONE}`)}`;
  return `${url}${url.includes('?') ? '&' : '?'}options=${options}`;
}

/**
 * The statement that sets the timeouts of the present transaction. Behind a pooler there is no other way: poolers refuse URLs with
 * options, and session settings do not last to the next transaction.
 */
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
    // Returns the connection with its transaction still open; the pool then closes it.
    await transaction.rollback();
    throw error;
  }
}

/** Throws a StartupError with advice if a pooler's connections are not in UTC. */
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
