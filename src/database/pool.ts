import type { Socket } from 'node:net';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import type { Bounds } from './bounds.ts';

/** pg's own default, for a connection that nobody needs. */
const IDLE_MS = 10_000;
/** A server that is there takes a fraction of this to close a connection. */
const CLOSE_MS = 1_000;
/** What Postgres says of a connection that is in no transaction. */
const OUTSIDE = 'I';

/**
 * Opens a pool whose connections are used again only when they are known to be clean.
 * (pg by itself stops waiting for a late answer and keeps the connection with the transaction that is open on it, so that the next write commits half of the one before.)
 */
export function openPool(config: pg.ClientConfig, size: number, bounds: Bounds, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    connectionTimeoutMillis: bounds.connection,
    max: size,
    // Before its silence would look like a fault.
    idleTimeoutMillis: Math.min(IDLE_MS, bounds.silence / 2),
  });
  pool.on('connect', (client) => {
    // What breaks in the moment between the pool and whoever takes it would be heard by nobody, and end the process; that it is broken its next statement tells.
    client.on('error', () => undefined);
    const socket = client.connection.stream as Socket;
    socket.setTimeout(bounds.silence, () => {
      const error = new Error(`The database has said nothing for ${bounds.silence} ms.`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
  });
  pool.on('release', (_error, client) => {
    // The pool keeps none that is about to end; the server rolls back what was open on it.
    if (client.getTransactionStatus() !== OUTSIDE) void client.end();
  });
  // The error itself carries the whole connection, with every statement prepared on it.
  pool.on('error', ({ message }) => logger.warn({ reason: message }, 'an idle database connection broke'));
  return pool;
}

/** Closes a connection; one that is broken or silent cannot say goodbye, which is no news. */
export async function closeConnection(client: pg.Client): Promise<void> {
  const late = setTimeout(() => client.connection.stream.destroy(), CLOSE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(late);
}
