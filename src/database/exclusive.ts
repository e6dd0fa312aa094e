import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { MIGRATING } from './bounds.ts';
import type { MigrationSession } from './handle.ts';
import { closeConnection } from './pool.ts';
import { boundTransaction } from './session.ts';

/** The advisory lock of the migrating instance: "milepost" in ASCII, cut to 32 bits. */
const MIGRATION_LOCK = 0x6d_69_6c_65;
/** A waiting instance asks for the lock at this interval, and logs on every REPORT_EVERY-th attempt. */
const RETRY_MS = 500;
const REPORT_EVERY = 60;
/** While the work uses other connections, the holder of the lock sends a heartbeat at this interval. */
const HEARTBEAT_MS = 1_000;
/** A server that does not answer within this time is gone. The system would wait for a vanished host for a quarter of an hour. */
const ANSWER_MS = 10_000;

/** Runs the work in one transaction, on one instance at a time. An instance that falls silent meanwhile loses the transaction. */
export async function exclusively<T>(
  connection: pg.ClientConfig,
  work: (session: MigrationSession) => Promise<T>,
  onWait: () => void,
): Promise<T> {
  const client = new pg.Client(connection);
  // The next query on a broken connection reports the error.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // Statements after the wait for the lock must see the latest commits. Behind a pooler the URL cannot set this.
    await client.query('begin isolation level read committed');
    await client.query(boundTransaction(MIGRATING));
    await waitForLock(client, onWait);
    const result = await work({
      query: async <Row>(sql: string, values: readonly unknown[] = []) =>
        (await client.query(sql, [...values])).rows as Row[],
      script: async (sql) => {
        await client.query(sql);
      },
    });
    await withAnswerTimeout(client.query('commit'));
    return result;
  } finally {
    // Ending the connection rolls back an uncommitted transaction.
    await closeConnection(client);
  }
}

/** Runs the work on one instance at a time. */
export function underLock<T>(connection: pg.ClientConfig, work: () => Promise<T>, onWait: () => void): Promise<T> {
  const withHeartbeat = async (session: MigrationSession): Promise<T> => {
    const stop = new AbortController();
    const heartbeats = sendHeartbeats(session, stop.signal);
    try {
      return await work();
    } finally {
      stop.abort();
      await heartbeats;
    }
  };
  return exclusively(connection, withHeartbeat, onWait);
}

/** Asks for the lock repeatedly: on a connection that is silent for minutes neither side would notice a break. */
async function waitForLock(client: pg.Client, onWait: () => void): Promise<void> {
  for (let asked = 0; ; asked += 1) {
    const { rows } = await client.query<{ taken: boolean }>(
      '/* lockMigrations */ select pg_try_advisory_xact_lock($1) as taken',
      [MIGRATION_LOCK],
    );
    if (rows[0]?.taken === true) return;
    if (asked % REPORT_EVERY === 0) onWait();
    await sleep(RETRY_MS);
  }
}

async function sendHeartbeats(session: MigrationSession, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await sleep(HEARTBEAT_MS, undefined, { signal });
      await withAnswerTimeout(session.query('/* beat */ select 1'));
    }
  } catch {
    // Stopped; or the connection broke, and then the commit fails as well.
  }
}

async function withAnswerTimeout(answer: Promise<unknown>): Promise<void> {
  const stop = new AbortController();
  const late = sleep(ANSWER_MS, undefined, { signal: stop.signal }).then(() => {
    throw new Error('Connection terminated: the database does not answer.');
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    stop.abort();
    late.catch(() => undefined);
  }
}
