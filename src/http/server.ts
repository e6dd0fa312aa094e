import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError } from 'graphql';
import type { Logger } from '../logger.ts';
import { sendError } from './answer.ts';
import { sendBody } from './body.ts';
import type { FileAt } from './built-files.ts';
import { chooseRequestId, isFollowed, noteEnd, requestIdOf, tellRequestId } from './followed.ts';
import type { Readiness } from './health.ts';
import { MAX_HEADER_BYTES, type Port, pathOf } from './listen.ts';
import { badRequest } from './operation-params.ts';
import { type Origins, refuseOrigin } from './origins.ts';
import { limitPerNetwork } from './per-network.ts';
import { refuseRaw } from './raw-answer.ts';
import { announcesTooLargeBody } from './request.ts';
import { keepRequestOrder } from './request-order.ts';
import { secure } from './security-headers.ts';
import { asksForWebSocket, ignoreUpgrade } from './upgrade.ts';
import type { Upgrade } from './websocket.ts';

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
  /** How many subscribers' connections a client may have; null where a proxy is the only client, and bounds its own. */
  readonly maxPerNetwork: number | null;
  /** The files of the dashboard and of GraphiQL. */
  readonly files: FileAt;
  readonly origins: Origins;
}

/** Starts to serve GraphQL, the dashboard, badges, and health on the port. */
export function serveHttp(port: Port, options: HttpOptions): void {
  port.serve((server) => {
    const order = keepRequestOrder();
    if (options.maxPerNetwork !== null) limitPerNetwork(server, options.maxPerNetwork, options.origins);
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
        if (!asksForWebSocket(request, pathOf(request))) ignoreUpgrade(server, request, socket, head);
        else if (options.origins.mayAsk(request)) options.upgrade(request, socket, head);
        else
          refuseRaw(socket, 403, refuseOrigin(request), options.origins, {
            'x-request-id': chooseRequestId(request, options.trustProxy),
          });
      };
      // In order: earlier requests of the same connection are answered first.
      if (!order.has(socket)) return take();
      // Nobody else handles errors of the socket meanwhile, and an unhandled one would end the process.
      socket.once('error', () => socket.destroy());
      void order.none(socket).then(take);
    });
    server.on('clientError', (error, socket) =>
      refuseConnection(error, socket, order.isAnswering(socket), options.origins),
    );
  });
}

async function route(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const path = pathOf(request);
  secure(response);
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
function refuseConnection(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean, origins: Origins): void {
  // Everything after the first parse error is unreadable as well.
  if (socket.writableEnded) return;
  if (isBusy || error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, refusal] = describeConnectionError(error.code);
  refuseRaw(socket, status, refusal, origins);
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
