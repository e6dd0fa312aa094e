import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { LocalHandler } from './socket.ts';

/** The path at which a running server sends a copy of its embedded database. */
export const COPY = '/copy';

/** Sends a copy of the embedded database, as a tar. When the client leaves, the copy is ended before this resolves. */
export function sendCopy(copy: () => AsyncIterable<Buffer>): LocalHandler {
  return async (_request, response) => {
    for await (const chunk of copy()) {
      // Only now, so that what is wrong with the beginning is told in the answer.
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-tar' });
      if (!response.write(chunk)) await drained(response);
      if (response.destroyed) return;
    }
    response.end();
  };
}

async function drained(response: ServerResponse): Promise<void> {
  const stop = new AbortController();
  const { signal } = stop;
  try {
    if (!response.destroyed)
      await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
  } finally {
    stop.abort();
  }
}
