import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import type { Logger } from '../logger.ts';
import { sendError } from './answer.ts';
import { sendBody } from './body.ts';
import type { FileAt } from './built-files.ts';
import { chooseRequestId, isFollowed, noteEnd, requestIdOf, tellRequestId } from './followed.ts';
import type { Readiness } from './health.ts';
import { MAX_HEADER_BYTES, type Port, pathOf } from './listen.ts';
import { badRequest } from './operation.ts';
import { announcesTooLargeBody } from './request.ts';
import { keepRequestOrder } from './request-order.ts';
import { asksForWebSocket, ignoreUpgrade } from './upgrade.ts';
import type { Upgrade } from './websocket.ts';

/** How long a client that does not send HTTP has to read the error. */
const CLOSE_TIMEOUT_MS = 1_000;

export interface HttpOptions {
  /** Handles requests to /graphql. */
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly upgrade: Upgrade;
  readonly readiness: Readiness;
  readonly logger: Logger;
  /** Whether a proxy in front is trusted to name the id of a request. */
  readonly trustProxy: boolean;
  /** Handles requests to /metrics. */
  readonly metrics: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Any error as the API shows it; an unexpected one is logged. */
  readonly maskError: (error: unknown, requestId: string) => GraphQLError;
  /** Handles requests below /badge/. */
  readonly badge: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
  /** The files of the dashboard and of GraphiQL. */
  readonly files: FileAt;
}

/** Starts to serve GraphQL, the dashboard, badges, and health on the port. */
export function serveHttp(port: Port, options: HttpOptions): void {
  port.serve((server) => {
    const order = keepRequestOrder();
    server.on('request', (request, response) => {
      order
        .take(request, response)
        .then((isTurn) => (isTurn ? route(request, response, options) : undefined))
        .catch((error: unknown) => fail(error, request, response, options));
    });
    server.on('checkContinue', (request, response) => {
      // Send no 100 Continue if the body is too large.
      if (!announcesTooLargeBody(request)) response.writeContinue();
      server.emit('request', request, response);
    });
    server.on('upgrade', (request, socket, head) => {
      const take = (): void => {
        if (asksForWebSocket(request, pathOf(request))) options.upgrade(request, socket, head);
        else ignoreUpgrade(server, request, socket, head);
      };
      // In order: earlier requests of the same connection are answered first.
      if (!order.has(socket)) return take();
      // Nobody else handles errors of the socket meanwhile, and an unhandled one would end the process.
      socket.once('error', () => socket.destroy());
      void order.none(socket).then(take);
    });
    server.on('clientError', (error, socket) => refuseConnection(error, socket, order.isAnswering(socket)));
  });
}

async function route(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const path = pathOf(request);
  tellRequestId(response, chooseRequestId(request, options.trustProxy));
  if (options.logger.isLevelEnabled('debug')) logEnd(request, response, path, options.logger);
  if (!hasHost(request)) {
    sendError(response, badRequest('The Host header is missing, or is not a host.'));
  } else if (path === '/graphql') {
    await options.graphql(request, response);
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, 'text/plain', 'Only GET is answered here.\n');
  } else if (path === '/livez') {
    send(response, 200, 'text/plain', 'ok\n');
  } else if (path === '/readyz') {
    const report = await options.readiness();
    const isReady = report.ready && (!asksForWriting(request) || report.checks.writing === true);
    send(response, isReady ? 200 : 503, 'application/json', `${JSON.stringify({ ...report, ready: isReady })}\n`);
  } else if (path === '/metrics') {
    await options.metrics(request, response);
  } else if (path.startsWith('/badge/')) {
    await options.badge(request, response, path);
  } else {
    const file = options.files(path);
    if (file !== null) return sendBody(request, response, 200, file);
    send(response, 404, 'text/plain', 'There is nothing here. GraphQL is at /graphql.\n');
  }
}

/** Whether who asks for readiness wants to write: `/readyz?writing`. */
function asksForWriting({ url = '' }: IncomingMessage): boolean {
  return new URLSearchParams(url.split('?').slice(1).join('?')).has('writing');
}

/** The log has a line of each request: of an operation it says what it was, of others the path. */
function logEnd({ method }: IncomingMessage, response: ServerResponse, path: string, logger: Logger): void {
  const began = performance.now();
  response.once('close', () => {
    if (isFollowed(response)) return;
    const [requestId, status] = [requestIdOf(response), response.statusCode];
    logger.debug({ requestId, method, path, status, ms: Math.round(performance.now() - began) }, 'a request ended');
  });
}

/** Answers with the masked error, which shows only an id of an unexpected one. */
function fail(error: unknown, request: IncomingMessage, response: ServerResponse, { maskError }: HttpOptions): void {
  // A client that goes away during its request is not our error.
  if (response.destroyed || request.errored !== null) {
    noteEnd(response, 'gone');
    return void response.destroy();
  }
  const shown = maskError(error, requestIdOf(response));
  if (response.headersSent) {
    noteEnd(response, 'refused', [shown]);
    response.destroy();
  } else sendError(response, shown);
}

/** Tells a client that does not send HTTP why its connection is closed, unless an answer is being sent on it. */
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  // Everything after the first parse error is unreadable as well.
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
  // If the connection were cut at once, a client that is still sending would miss the answer.
  setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref();
}

function describeConnectionError(code: string | undefined): readonly [number, GraphQLError] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW': {
      const message = `The address and the headers have more than ${MAX_HEADER_BYTES} bytes. Send a long operation by POST.`;
      return [431, new GraphQLError(message, { extensions: { code: 'TOO_LARGE' } })];
    }
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, badRequest('The request did not arrive completely in time.')];
    default:
      return [400, badRequest('This is not an HTTP request.')];
  }
}

/** Whether the Host header is valid; an invalid one breaks code that builds a URL from it. */
function hasHost({ headers: { host }, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion !== '1.1';
  return host === '' || URL.canParse(`http://${host}`);
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}
