import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../logger.ts';
import { closeConnection } from './pool.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/** A listening connection, and a promise that resolves when it is lost. */
interface Listening {
  readonly client: pg.Client;
  readonly lost: Promise<void>;
}

/**
 * Listens on a channel over its own connection. If that is lost, it reconnects after 100 ms, doubling up to 5 s, each with up to half of
 * it added at random.
 * A reconnection also wakes, because notifications were missed meanwhile.
 */
export async function listenWithReconnect(
  connection: pg.ClientConfig,
  channel: string,
  onWake: (payload?: string) => void,
  logger: Logger,
): Promise<AsyncDisposable> {
  const stop = new AbortController();
  let current = await listenOnce(connection, channel, onWake);

  const keepListening = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await current.lost;
      if (stop.signal.aborted) return;
      logger.warn({ channel }, 'the listening connection was lost; the log is polled meanwhile');
      await reconnect();
      onWake();
    }
  };

  const reconnect = async (): Promise<void> => {
    for (let wait = FIRST_RETRY_MS; !stop.signal.aborted; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
      // This sleep fails only when it is aborted.
      await sleep(wait * (1 + Math.random() / 2), undefined, { signal: stop.signal, ref: false }).catch(
        () => undefined,
      );
      if (stop.signal.aborted) return;
      try {
        current = await listenOnce(connection, channel, onWake);
        // Stopped meanwhile: the dispose has closed the previous connection, not this one.
        if (stop.signal.aborted) return await closeConnection(current.client);
        logger.info({ channel }, 'listening again');
        return;
      } catch (error) {
        logger.debug({ err: error, channel }, 'not listening yet');
      }
    }
  };

  void keepListening();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await closeConnection(current.client);
    },
  };
}

async function listenOnce(
  connection: pg.ClientConfig,
  channel: string,
  onWake: (payload?: string) => void,
): Promise<Listening> {
  // Without this timeout a server that falls silent here would be waited for without end.
  const client = new pg.Client({ ...connection, query_timeout: connection.connectionTimeoutMillis });
  const lost = new Promise<void>((resolve) => {
    client.on('error', () => resolve());
    client.once('end', () => resolve());
  });
  client.on('notification', ({ payload }) => onWake(payload));
  try {
    await client.connect();
    await client.query(`/* listen */ listen ${pg.escapeIdentifier(channel)}`);
  } catch (error) {
    await closeConnection(client);
    throw error;
  }
  return { client, lost };
}
