import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { StartupError } from '../errors.ts';

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

/** What answers once the server has started. */
export interface Handlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** A port that this process has. Disposing lets it go, after the requests under way are answered. */
export interface Port extends AsyncDisposable {
  readonly address: string;
  /** Answers from now on; until then everything but /livez gets 503. */
  serve(handlers: Handlers): void;
}

/** Takes the port; a StartupError says why it cannot be had. */
export async function takePort(host: string, port: number): Promise<Port> {
  let handlers: Handlers = { request: answerStarting, upgrade: refuseStarting };
  const server = createServer((request, response) => handlers.request(request, response));
  server.on('upgrade', (request, socket, head) => handlers.upgrade(request, socket, head));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new StartupError(`The server cannot listen at the PORT ${port} of the HOST ${host}: ${error.message}`)),
    );
    server.listen({ port, host, backlog: MOST_WAITING }, resolve);
  });
  return {
    address: addressOf(server.address() as AddressInfo, host),
    serve: (served) => {
      handlers = served;
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

/** The port is taken before anything is changed, and a start takes its time: it migrates, and loads the seed facts. */
function answerStarting({ url = '/' }: IncomingMessage, response: ServerResponse): void {
  const path = url.split('?', 1)[0];
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

function refuseStarting(_request: IncomingMessage, socket: Duplex): void {
  // Nobody else listens to a socket of an upgrade: one that breaks would end the process.
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 503 Service Unavailable\r\nretry-after: ${RETRY_AFTER_SECONDS}\r\nconnection: close\r\n\r\n`);
}

function addressOf({ port }: AddressInfo, host: string): string {
  const name =
    host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
