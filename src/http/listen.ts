import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartupError } from '../errors.ts';
import { cutOffUnread } from './unread.ts';
import { asksForWebSocket } from './upgrade.ts';

/** An operation may come in the address, where it is three times as long as in a body. */
export const MAX_HEADER_BYTES = 128 * 1024;
/** Longer than nginx keeps its connections (60 s, see docker/nginx.conf): whoever ends one first must not be the one who is asked over it. */
const KEEP_ALIVE_MS = 75_000;
/**
 * So many connections may wait to be taken in, where the system lets them: thousands of clients come back at once after a restart.
 * Those above Node's own 511 the system would pass over, and they would try again after 1 s, 3 s, 7 s and on.
 */
const MOST_WAITING = 16_384;
/** Requests under way when the server stops get so long to be answered. */
const LAST_REQUESTS_MS = 3_000;
/** A client that comes while the server starts waits so many seconds before it tries again. */
const RETRY_AFTER_SECONDS = 2;
const STARTING = {
  message: 'The server is starting. Try again soon.',
  extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true },
};

/** Node from 24.9 on asks whether to upgrade at all; others ignore the setting, and TypeScript does not know it yet. */
const SETTINGS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: KEEP_ALIVE_MS + 5_000,
  // Whoever serves looks at it, to say what is wrong with it.
  requireHostHeader: false,
  shouldUpgradeCallback: (request: IncomingMessage) => asksForWebSocket(request, pathOf(request)),
};

/** A port that this process has. Disposing lets it go, after the requests under way are answered. */
export interface Port extends AsyncDisposable {
  readonly address: string;
  /** Hands the server to whoever answers from now on; until then everything but /livez gets 503. */
  serve(attach: (server: Server) => void): void;
}

/** Takes the port; a StartupError says why it cannot be had. Who reads nothing of what waits for it is cut off after 30 s, or as long as is given. */
export async function takePort(host: string, port: number, unreadMs?: number): Promise<Port> {
  const server = createServer(SETTINGS, answerStarting);
  cutOffUnread(server, unreadMs);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new StartupError(
          `The server cannot listen at the PORT ${port} of the HOST ${host}: ${error.message}. ${adviseOn(error)}`,
        ),
      ),
    );
    server.listen({ port, host, backlog: MOST_WAITING }, resolve);
  });
  // Where the system has no file left for a connection it is the server that tells of it: no reason to end those that are there.
  server.on('error', () => undefined);
  return {
    address: addressOf(server.address() as AddressInfo, host),
    serve: (attach) => {
      server.off('request', answerStarting);
      attach(server);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

function adviseOn({ code }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'Stop what uses it, or choose another PORT.';
  // Whoever may not listen at it is no administrator, and below 1024 only they may.
  return code === 'EACCES' ? 'Choose another PORT, from 1024 on.' : 'Choose another HOST.';
}

/** The port is taken before anything is changed, and a start takes its time: it migrates, and loads the seed facts. */
function answerStarting(request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request);
  if (path === '/graphql' && request.headers.accept?.includes('text/event-stream') === true) {
    // An EventSource that is refused gives up for good; one whose stream ends comes back.
    response
      .writeHead(200, { 'content-type': 'text/event-stream', 'access-control-allow-origin': '*' })
      .end(`retry: ${RETRY_AFTER_SECONDS * 1_000}\n\n`);
    return;
  }
  if (path === '/livez') {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n');
    return;
  }
  const body = path === '/readyz' ? { ready: false, checks: { started: false } } : { errors: [STARTING] };
  response
    .writeHead(503, {
      'content-type': 'application/json',
      'retry-after': String(RETRY_AFTER_SECONDS),
      'access-control-allow-origin': '*',
      // The rest of a body is not read.
      connection: 'close',
    })
    .end(`${JSON.stringify(body)}\n`);
}

/** The path of a request; what is asked for may also be written as a whole address, as for a proxy. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  if (!url.startsWith('/') && URL.canParse(url)) return new URL(url).pathname;
  return url.split('?', 1)[0] ?? '/';
}

function addressOf({ port }: AddressInfo, host: string): string {
  const name =
    host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
