import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartupError } from '../errors.ts';
import { ANY_ORIGIN, type Origins } from './origins.ts';
import { secure } from './security-headers.ts';
import { cutOffUnread } from './unread.ts';
import { asksForWebSocket } from './upgrade.ts';

/** Operations may come in the URL, where their encoding takes three times as much as in a body. */
export const MAX_HEADER_BYTES = 128 * 1024;
/**
 * Longer than nginx keeps its connections (60 s, see docker/nginx/http.conf): the side that sends requests has to close first, or a request
 * may meet a closed connection.
 */
const KEEP_ALIVE_MS = 75_000;
/** How long the address and the headers of a request may take, or a new connection until it sends anything. */
const HEADERS_MS = 20_000;
/** How long a whole request may take. At 20 KB a second the largest body arrives in time. */
const REQUEST_MS = 120_000;
/** How often that is looked at. */
const CHECK_MS = 5_000;
/**
 * Backlog of connections that wait to be accepted, if the system allows as many, since thousands of clients reconnect at once after a
 * restart.
 * The system drops those above the backlog, by default Node's 511, and they try again after 1 s, 3 s, 7 s and so on.
 */
const MOST_WAITING = 16_384;
/** How long running requests may take when the server stops. */
const LAST_REQUESTS_MS = 3_000;
/** How long a client that comes during the start waits before it tries again, in seconds. */
const RETRY_AFTER_SECONDS = 2;
const STARTING = {
  message: 'The server is starting. Try again soon.',
  extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true },
};

/** Node 24.9 and later call shouldUpgradeCallback; older versions ignore it, and TypeScript does not know it yet. */
const SETTINGS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  keepAliveTimeout: KEEP_ALIVE_MS,
  // The request handler checks the header itself, to give a clear error.
  requireHostHeader: false,
  shouldUpgradeCallback: (request: IncomingMessage) => asksForWebSocket(request, pathOf(request)),
};

/** A port that this process listens on. Disposing closes it, after the running requests are answered. */
export interface Port extends AsyncDisposable {
  readonly address: string;
  /** Attaches the request handlers. Until then everything except /livez gets 503. */
  serve(attach: (server: Server) => void): void;
}

/** Times in milliseconds that tests shorten. */
export interface PortTimes {
  /** How long a client may take nothing of its data; 30 s if not given. */
  readonly unreadMs?: number | undefined;
  /** How long headers and requests may take, and how often that is looked at; HEADERS_MS, REQUEST_MS and CHECK_MS if not given. */
  readonly headersMs?: number | undefined;
  readonly requestMs?: number | undefined;
  readonly checkMs?: number | undefined;
}

/** Listens on the port; throws a StartupError when that fails. */
export async function takePort(
  host: string,
  port: number,
  times: PortTimes = {},
  origins: Origins = ANY_ORIGIN,
): Promise<Port> {
  const { headersMs = HEADERS_MS, requestMs = REQUEST_MS, checkMs = CHECK_MS } = times;
  const settings = {
    ...SETTINGS,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: checkMs,
  };
  const answerStarting = (request: IncomingMessage, response: ServerResponse): void => {
    secure(response);
    origins.allow(request, response);
    sayStarting(request, response);
  };
  const server = createServer(settings, answerStarting);
  cutOffUnread(server, times.unreadMs);
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
  // When the system has no file descriptor left for a new connection, the server emits an error. The open connections are not affected.
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
  // EACCES: only administrators may listen on ports below 1024.
  return code === 'EACCES' ? 'Choose another PORT, from 1024 on.' : 'Choose another HOST.';
}

/** The answer while the server starts. The port is taken first, before anything changes, and migrations and the seed take time. */
function sayStarting(request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request);
  if (path === '/graphql' && request.headers.accept?.includes('text/event-stream') === true) {
    // An EventSource gives up for good after an error status, but comes back after the end of a stream.
    response
      .writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
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
      'cache-control': 'no-store',
      // The rest of a body is not read.
      connection: 'close',
    })
    .end(`${JSON.stringify(body)}\n`);
}

/** The path of a request. The request target may also be an absolute URL, as for a proxy. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  if (!url.startsWith('/') && URL.canParse(url)) return new URL(url).pathname;
  return url.split('?', 1)[0] ?? '/';
}

function addressOf({ port }: AddressInfo, host: string): string {
  const name =
    host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
