import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { MIGRATING } from './bounds.ts';
import type { MigrationSession } from './handle.ts';
import { closeConnection } from './pool.ts';
import { boundTransaction } from './session.ts';

/** "milepost" in hexadecimal, cut to fit: the advisory lock that one migrating instance holds. */
const MIGRATION_LOCK = 0x6d_69_6c_65;
/** Whoever waits for the lock asks for it so often, and says each so many times that it waits. */
const ASK_AGAIN_MS = 500;
const SAY_AGAIN = 60;
/** Whoever has the lock while the work goes over other connections shows so often that it is there. */
const BEAT_MS = 1_000;
/** A server that does not answer so soon is gone; over a connection to a vanished host the system would wait for a quarter of an hour. */
const ANSWER_MS = 10_000;

/** Runs the work in one transaction that no other instance runs at the same time. An instance that falls silent meanwhile loses it. */
export async function exclusively<T>(
  connection: pg.ClientConfig,
  work: (session: MigrationSession) => Promise<T>,
  onWait: () => void,
): Promise<T> {
  const client = new pg.Client(connection);
  // What is asked next over a connection that broke says so.
  client.on('error', () => undefined);
  await client.connect();
  try {
    // What is read after the lock was waited for has to be what is there by then; behind a pooler the address cannot say so.
    await client.query('begin isolation level read committed');
    await client.query(boundTransaction(MIGRATING));
    await takeTurn(client, onWait);
    const result = await work({
      query: async <Row>(sql: string, values: readonly unknown[] = []) =>
        (await client.query(sql, [...values])).rows as Row[],
      script: async (sql) => {
        await client.query(sql);
      },
    });
    await inTime(client.query('commit'));
    return result;
  } finally {
    // Ending the connection rolls back what was not committed.
    await closeConnection(client);
  }
}

/** Runs the work while no other instance does any of the kind. */
export function underLock<T>(connection: pg.ClientConfig, work: () => Promise<T>, onWait: () => void): Promise<T> {
  const beatMeanwhile = async (session: MigrationSession): Promise<T> => {
    const stop = new AbortController();
    const beating = beat(session, stop.signal);
    try {
      return await work();
    } finally {
      stop.abort();
      await beating;
    }
  };
  return exclusively(connection, beatMeanwhile, onWait);
}

/** Asks for the lock again and again: over a connection that is silent for minutes it would not be noticed that it broke, on either side. */
async function takeTurn(client: pg.Client, onWait: () => void): Promise<void> {
  for (let asked = 0; ; asked += 1) {
    const { rows } = await client.query<{ taken: boolean }>(
      '/* lockMigrations */ select pg_try_advisory_xact_lock($1) as taken',
      [MIGRATION_LOCK],
    );
    if (rows[0]?.taken === true) return;
    if (asked % SAY_AGAIN === 0) onWait();
    await sleep(ASK_AGAIN_MS);
  }
}

async function beat(session: MigrationSession, signal: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await sleep(BEAT_MS, undefined, { signal });
      await inTime(session.query('/* beat */ select 1'));
    }
  } catch {
    // It was stopped; or the connection broke, which the commit finds out as well.
  }
}

async function inTime(answer: Promise<unknown>): Promise<void> {
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
