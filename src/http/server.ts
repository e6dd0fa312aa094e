import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Checks, runChecks } from './health.ts';
import type { Port } from './listen.ts';
import type { OperationParams } from './operation.ts';
import { readOperation } from './sse-request.ts';
import type { Upgrade } from './websocket.ts';

/** A write of 1,000 figures is a few hundred KiB. */
const MAX_BODY_BYTES = 2 * 1024 * 1024;

export interface HttpOptions {
  readonly graphql: (request: IncomingMessage, response: ServerResponse) => unknown;
  /** Answers with server-sent events. */
  readonly sse: (request: IncomingMessage, response: ServerResponse, params: OperationParams) => Promise<void>;
  readonly upgrade: Upgrade;
  readonly checks: Checks;
  /** Told of errors that no part expected. */
  readonly onError: (error: unknown, response: ServerResponse) => void;
  /** The page at /. */
  readonly page: string;
}

/** Serves GraphQL, the page at /, and health on the port, from now on. */
export function serveHttp(port: Port, options: HttpOptions): void {
  port.serve({
    request: (request, response) => {
      route(request, response, options).catch((error: unknown) => options.onError(error, response));
    },
    upgrade: (request, socket, head) => {
      if (pathOf(request) === '/graphql') options.upgrade(request, socket, head);
      else refuseUpgrade(socket);
    },
  });
}

/** Whoever asks to upgrade brings a socket that nobody listens to any more: one that breaks would end the process. */
function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
}

async function route(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  const path = pathOf(request);
  if (path === '/graphql') {
    if (!refusesBody(request, response)) await routeGraphQL(request, response, options);
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

async function routeGraphQL(request: IncomingMessage, response: ServerResponse, options: HttpOptions): Promise<void> {
  if (!wantsEvents(request)) {
    await options.graphql(request, response);
    return;
  }
  const params = await readOperation(request);
  if (params === null)
    sendError(response, 400, 'BAD_REQUEST', 'The request is neither a GET with a query nor a POST of JSON.');
  else await options.sse(request, response, params);
}

/** Whether a client would rather have events than one answer: clients that take both for anything name JSON first. */
function wantsEvents({ method, headers: { accept = '' } }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'POST') return false;
  const wanted = accept.split(',').map((type) => type.split(';', 1)[0]?.trim().toLowerCase());
  const events = wanted.indexOf('text/event-stream');
  const json = wanted.findIndex((type) => type === 'application/json' || type === 'application/graphql-response+json');
  return events !== -1 && (json === -1 || events < json);
}

/** Whether a body may be read at all; it is answered when not. */
function refusesBody(request: IncomingMessage, response: ServerResponse): boolean {
  const length = request.headers['content-length'];
  if (request.headers['transfer-encoding'] !== undefined && length === undefined) {
    sendError(response, 411, 'LENGTH_REQUIRED', 'The request says nothing of its length; send it with Content-Length.');
  } else if (Number(length ?? 0) > MAX_BODY_BYTES) {
    sendError(response, 413, 'TOO_LARGE', `The request has ${length} bytes; at most ${MAX_BODY_BYTES} are read.`);
  } else return false;
  return true;
}

function sendError(response: ServerResponse, status: number, code: string, message: string): void {
  // The rest of the body is not read, so the connection cannot be used again.
  response.setHeader('connection', 'close');
  send(response, status, 'application/json', JSON.stringify({ errors: [{ message, extensions: { code } }] }));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/';
}
