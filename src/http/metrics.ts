import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { StartupError } from '../errors.ts';
import { may } from '../graphql/context.ts';
import { refuseScope } from '../graphql/errors.ts';
import { sendError, sendErrors } from './answer.ts';
import { pathOf } from './listen.ts';
import { secure } from './security-headers.ts';
import { type FindViewer, isWithoutKey } from './viewer.ts';

/** Whoever scrapes asks every few seconds over one connection. */
const MOST_CONNECTIONS = 50;
/** How long a client may take for a request, which has no body. */
const REQUEST_MS = 5_000;

/** Names of this machine, with a port or without. */
const OF_THIS_MACHINE = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** All metrics, as text of a content type. */
export type ReadMetrics = () => Promise<{ readonly type: string; readonly text: string }>;

export interface MetricsOptions {
  readonly read: ReadMetrics;
  readonly findViewer: FindViewer;
}

/** Serves /metrics at the public address, for admin keys only: the metrics tell what other clients ask. */
export async function serveMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  { read, findViewer }: MetricsOptions,
): Promise<void> {
  const viewer = await findViewer(request.headers.authorization);
  // Also where reading needs a key: it would be of no use to send one that may only read.
  if (viewer instanceof GraphQLError) return sendError(response, isWithoutKey(viewer) ? refuseWithoutKey() : viewer);
  if (viewer.keyId === null) return sendError(response, refuseWithoutKey());
  if (!may(viewer, 'ADMIN')) return sendErrors(response, [refuseScope(viewer, 'ADMIN')], 'application/json', 403);
  await sendMetrics(response, read);
}

function refuseWithoutKey(): GraphQLError {
  const message = 'The metrics need a key with the scope "admin": send it as "Authorization: Bearer …".';
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', reason: 'KEY_MISSING' } });
}

/** A port of its own for whoever scrapes, which needs no key and so must not be reachable by the public. Disposing closes it. */
export interface MetricsPort extends AsyncDisposable {
  /** Attaches the metrics. Until then there are none. */
  serve(read: ReadMetrics): void;
}

/** Listens for those who scrape; throws a StartupError when that fails. */
export async function takeMetricsPort(host: string, port: number): Promise<MetricsPort> {
  let read: ReadMetrics | null = null;
  const isLocal = OF_THIS_MACHINE.test(host.includes(':') ? `[${host}]` : host);
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    secure(response);
    // A page can give its own name the address of this machine, and would read what is not for it.
    if (isLocal && !OF_THIS_MACHINE.test(request.headers.host ?? 'localhost'))
      return void response.writeHead(421, { 'content-type': 'text/plain' }).end('Ask for localhost, or 127.0.0.1.\n');
    if (pathOf(request) !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD'))
      return void response.writeHead(404, { 'content-type': 'text/plain' }).end('The metrics are at /metrics.\n');
    if (read === null)
      return void response.writeHead(503, { 'content-type': 'text/plain' }).end('The server is starting.\n');
    // Reading them fails only by a fault of ours; the connection's end tells as much.
    sendMetrics(response, read).catch(() => response.destroy());
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ message }) =>
      reject(
        new StartupError(
          `The server cannot listen at the MILEPOST_METRICS_PORT ${port} of the MILEPOST_METRICS_HOST ${host}: ${message}. Choose others.`,
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  server.on('error', () => undefined);
  return {
    serve: (metrics) => {
      read = metrics;
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function sendMetrics(response: ServerResponse, read: ReadMetrics): Promise<void> {
  const { type, text } = await read();
  response
    .writeHead(200, { 'content-type': type, 'cache-control': 'no-store', 'content-length': Buffer.byteLength(text) })
    .end(text);
}
