import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import { StartupError } from '../errors.ts';
import { sendError } from './answer.ts';
import { type Checks, runChecks } from './health.ts';
import { badRequest } from './operation.ts';
import { announcesTooMuch } from './request.ts';
import { asksForWebSocket, ignoreUpgrade } from './upgrade.ts';
import type { Upgrade } from './websocket.ts';

/** An operation may come in the address, where it is three times as long as in a body. */
const MAX_HEADER_BYTES = 128 * 1024;
/**
 * So many connections may wait to be taken in, where the system lets them: thousands of clients come back at once behind a restart.
 * Those above Node's own 511 the system would pass over, and they would try again after 1 s, 3 s, 7 s and on.
 */
const MOST_WAITING = 16_384;
/** Longer than nginx keeps its connections (60 s, see docker/nginx.conf): whoever ends one first must not be the one who is asked over it. */
const KEEP_ALIVE_MS = 75_000;
/** Requests under way when the server stops get so long to be answered. */
const LAST_REQUESTS_MS = 3_000;
/** A connection that spoke no HTTP gets so long to read what it is told. */
const LAST_WORD_MS = 1_000;

export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** Answers at /graphql. */
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly upgrade: Upgrade;
  readonly checks: Checks;
  /** Any error as the API shows it; one that no part expected is logged. */
  readonly maskError: (error: unknown) => GraphQLError;
  /** The page at /. */
  readonly page: string;
}

/** A server that answers; address is where. */
export interface HttpServer extends AsyncDisposable {
  readonly address: string;
}

/** Serves GraphQL, the page at /, and health; listens when it resolves. */
export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createServer(SETTINGS);
  const pending = countPending(server);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    route(request, response, options).catch((error: unknown) => fail(error, request, response, options));
  };
  server.on('request', answer);
  server.on('checkContinue', (request, response) => {
    // Whoever waits to be asked for what is too large is not asked for it.
    if (!announcesTooMuch(request)) response.writeContinue();
    server.emit('request', request, response);
  });
  server.on('upgrade', (request, socket, head) => {
    if (asksForWebSocket(request, pathOf(request))) options.upgrade(request, socket, head);
    // In order: what was asked before over the same connection is answered first.
    else if (!pending.has(socket)) ignoreUpgrade(server, request, socket, head);
    else {
      // Nobody else listens to it meanwhile, and a connection that breaks would end the process.
      socket.once('error', () => socket.destroy());
      void pending.none(socket).then(() => ignoreUpgrade(server, request, socket, head));
    }
  });
  server.on('clientError', (error, socket) => refuseConnection(error, socket, pending.has(socket)));
  await listen(server, options);
  return {
    address: addressOf(server, options.host),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MS);
      await closed;
      clearTimeout(cut);
    },
  };
}

/** Node from 24.9 on asks whether to upgrade at all; others ignore the setting, and TypeScript does not know it yet. */
const SETTINGS = {
  maxHeaderSize: MAX_HEADER_BYTES,
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: KEEP_ALIVE_MS + 5_000,
  // Looked at here, to say what is wrong with it.
  requireHostHeader: false,
  shouldUpgradeCallback: (request: IncomingMessage) => asksForWebSocket(request, pathOf(request)),
};

async function route(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const path = pathOf(request);
  if (!hasHost(request)) {
    sendError(response, badRequest('The Host header is missing, or is no host.'));
  } else if (path === '/graphql') {
    await options.graphql(request, response);
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, 'text/plain', 'Only GET is answered here.\n');
  } else if (path === '/') {
    send(response, 200, 'text/html; charset=utf-8', options.page);
  } else if (path === '/livez') {
    send(response, 200, 'text/plain', 'ok\n');
  } else if (path === '/readyz') {
    const { ready, checks } = await runChecks(options.checks);
    send(response, ready ? 200 : 503, 'application/json', `${JSON.stringify({ ready, checks })}\n`);
  } else {
    send(response, 404, 'text/plain', 'There is nothing here. GraphQL is at /graphql.\n');
  }
}

/** Whatever breaks, a client learns no more than a number of it. */
function fail(error: unknown, request: IncomingMessage, response: ServerResponse, { maskError }: HttpOptions): void {
  // A client that goes away in the midst of its request is no error of ours.
  if (response.destroyed || request.errored !== null) return void response.destroy();
  const shown = maskError(error);
  if (response.headersSent) response.destroy();
  else sendError(response, shown);
}

/** Tells a connection that speaks no HTTP that we understand why it is closed, unless something is being answered over it. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  // What comes after the first that could not be read cannot be read either.
  if (socket.writableEnded) return;
  if (isBusy || error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, refusal] = describeConnectionError(error.code);
  const body = JSON.stringify({ errors: [refusal] });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'access-control-allow-origin: *',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // A client that still sends would miss the answer if the connection were cut at once.
  setTimeout(() => socket.destroy(), LAST_WORD_MS).unref();
}

function describeConnectionError(code: string | undefined): readonly [number, GraphQLError] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': {
      const message = `The address and the headers have more than ${MAX_HEADER_BYTES} bytes. Send a long operation by POST.`;
      return [431, new GraphQLError(message, { extensions: { code: 'TOO_LARGE' } })];
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, badRequest('The request did not arrive whole in time.')];
    default:
      return [400, badRequest('This is no HTTP request.')];
  }
}

/** The connections over which something is being answered. */
interface Pending {
  has(socket: Duplex): boolean;
  /** Resolves once nothing is being answered over a connection. */
  none(socket: Duplex): Promise<void>;
}

function countPending(server: Server): Pending {
  const counts = new WeakMap<Duplex, { count: number; whenNone: () => void }>();
  server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const pending = counts.get(socket) ?? { count: 0, whenNone: () => undefined };
    counts.set(socket, pending);
    pending.count += 1;
    response.once('close', () => {
      pending.count -= 1;
      if (pending.count === 0) pending.whenNone();
    });
  });
  const has = (socket: Duplex): boolean => (counts.get(socket)?.count ?? 0) > 0;
  return {
    has,
    none: (socket) =>
      new Promise((resolve) => {
        const pending = counts.get(socket);
        if (pending === undefined || pending.count === 0) resolve();
        else pending.whenNone = resolve;
      }),
  };
}

/** A host that no address can have breaks whoever makes an address of it. */
function hasHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion !== '1.1';
  return host === '' || URL.canParse(`http://${host}`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

/** What is asked for may also be written as a whole address, as for a proxy. */
function pathOf({ url = '/' }: IncomingMessage): string {
  if (!url.startsWith('/') && URL.canParse(url)) return new URL(url).pathname;
  return url.split('?', 1)[0] ?? '/';
}

function listen(server: Server, { host, port }: HttpOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new StartupError(`The server cannot listen at the PORT ${port} of the HOST ${host}: ${error.message}`)),
    );
    server.listen({ port, host, backlog: MOST_WAITING }, () => resolve());
  });
}

function addressOf(server: Server, host: string): string {
  const { port } = server.address() as AddressInfo;
  const name =
    host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
