import type { Socket } from 'node:net';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import type { Bounds } from './bounds.ts';
import { letCancel } from './cancel.ts';

/** pg's default time until an idle connection is closed. */
const IDLE_MS = 10_000;
/** A reachable server needs a fraction of this to close a connection. */
const CLOSE_MS = 1_000;
/** Postgres' status of a connection outside of a transaction. */
const OUTSIDE = 'I';

/**
 * Opens a pool that reuses only connections without an open transaction.
 * When an answer is late, pg itself stops waiting and keeps the connection with its open transaction. Then the next write commits half of
 * the one before.
 */
export function openPool(config: pg.ClientConfig, size: number, bounds: Bounds, logger: Logger): pg.Pool {
  const pool = new pg.Pool({
    ...config,
    connectionTimeoutMillis: bounds.connection,
    max: size,
    // Shorter than the silence timeout, so that idle connections do not count as broken.
    idleTimeoutMillis: Math.min(IDLE_MS, bounds.silence / 2),
  });
  pool.on('connect', (client) => {
    // Between pool and caller nobody handles errors of a connection, and an unhandled one ends the process. The next statement reports
    // it.
    client.on('error', () => undefined);
    const socket = client.connection.stream as Socket;
    socket.setTimeout(bounds.silence, () => {
      const error = new Error(`The database has sent nothing for ${bounds.silence} ms.`);
      socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
    });
  });
  letCancel(pool);
  pool.on('release', (_error, client) => {
    // The pool does not keep an ending connection, and the server rolls its transaction back.
    if (client.getTransactionStatus() !== OUTSIDE) void client.end();
  });
  // The error object holds the whole connection, with every prepared statement, so only the message is logged.
  pool.on('error', ({ message }) => logger.warn({ reason: message }, 'an idle database connection broke'));
  return pool;
}

/**
 * Closes a connection. A broken or silent one cannot be closed cleanly, so errors are ignored and the socket is destroyed after a
 * timeout.
 */
export async function closeConnection(client: pg.Client): Promise<void> {
  const late = setTimeout(() => client.connection.stream.destroy(), CLOSE_MS);
  await client.end().catch(() => undefined);
  clearTimeout(late);
}
