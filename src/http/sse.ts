import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLError } from 'graphql';
import type { Payload } from '../execution/payload.ts';
import { isLiveQuery } from '../execution/shared-operation.ts';
import type { Subscriptions } from '../execution/subscriptions.ts';
import type { Connection, Connections } from './connections.ts';
import { accessOf, type OperationParams, type PreparedOperation, prepareOperation } from './operation.ts';
import { Outbox, type Wire } from './outbox.ts';
import { type FindViewer, findViewerPatiently } from './viewer.ts';
import type { GraphQLHandler } from './yoga.ts';

const COMMENT_MS = 15_000;
/** How soon a browser's EventSource comes back by itself. */
const RETRY_MS = 1_000;
const FULL_BYTES = 64 * 1024;
/** A reader that takes nothing after its stream has ended is cut off. */
const LINGER_MS = 10_000;

export interface SseOptions {
  readonly handler: GraphQLHandler;
  readonly findViewer: FindViewer;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
}

/**
 * Answers an operation as server-sent events, in distinct connections mode: each result an event `next`, at the end `complete`. Each event of a subscription has the cursor as its id,
 * and Last-Event-ID resumes as the argument `after` does.
 */
export async function serveSse(
  request: IncomingMessage,
  response: ServerResponse,
  params: OperationParams,
  options: SseOptions,
): Promise<void> {
  const { handler, findViewer, subscriptions, connections } = options;
  // Pages from elsewhere may read, as they may over every other transport.
  response.setHeader('access-control-allow-origin', '*');
  const viewer = await findViewerPatiently(findViewer, request.headers.authorization);
  if (viewer === null)
    return refuse(response, 401, 'UNAUTHENTICATED', 'The key is not known, was revoked, or has expired.');
  const prepared = await prepareOperation(handler, viewer, params);
  if ('errors' in prepared) {
    // The protocol wants them in the stream: readers of event streams are not shown what a refusal says, and try again.
    begin(response);
    return endWith(response, prepared.errors);
  }
  if (prepared.type === 'mutation' && request.method === 'GET')
    return refuse(response, 405, 'METHOD_NOT_ALLOWED', 'A mutation is sent by POST.');
  if (prepared.type !== 'subscription') return sendOnce(response, prepared);
  const connection: Connection = {
    keyId: () => viewer.keyId,
    forbid: () => void response.end(),
    restart: () => void response.end(),
    isIdle: () => outbox.isEmpty,
  };
  if (!connections.enter(request, connection)) {
    if (!connections.draining)
      return refuse(response, 429, 'TOO_MANY_CONNECTIONS', 'Too many connections from this address.');
    // An EventSource that is refused gives up for good; one whose stream ends comes back, to whoever answers then.
    begin(response);
    response.end();
    return;
  }
  let close = (): void => undefined;
  const outbox = new Outbox(
    wireOf(response, () => close()),
    isLiveQuery(prepared.args) ? 'the newest answer' : 'every event',
  );
  begin(response);
  const comments = setInterval(() => writeTo(response, ':\n\n'), COMMENT_MS);
  response.once('close', () => {
    clearInterval(comments);
    outbox.close();
    connections.leave(connection);
    close();
  });
  const opened = await subscriptions.open(prepared.args, accessOf(viewer), outbox, lastEventId(request));
  if ('errors' in opened) {
    // A stream that ends without a word is opened again, by an EventSource too.
    if (opened.errors.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE')) response.end();
    else endWith(response, opened.errors);
    return;
  }
  close = () => opened.close();
  if (response.closed || response.writableEnded) close();
}

function lastEventId(request: IncomingMessage): string | null {
  const id = request.headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/** A response as an outbox sees it; what is pushed is told when nothing more can be, which a reader that takes nothing would hold up. */
function wireOf(response: ServerResponse, onEnd: () => void): Wire {
  const end = (errors: readonly GraphQLError[] | null): void => {
    endWith(response, errors);
    onEnd();
  };
  return {
    write: ({ bytes, cursor }: Payload) =>
      writeTo(response, Buffer.concat([Buffer.from(`id: ${cursor}\nevent: next\ndata: `, 'utf8'), bytes, END])),
    get isFull() {
      return response.writableLength > FULL_BYTES;
    },
    whenDrained: (listener) => void response.once('drain', listener),
    fail: end,
    complete: () => end(null),
  };
}

const END = Buffer.from('\n\n', 'utf8');

function begin(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
}

/** A stream that was ended, or whose reader is gone, takes nothing more. */
function writeTo(response: ServerResponse, data: Buffer | string): void {
  if (!response.writableEnded && !response.destroyed) response.write(data);
}

/** Ends a stream, with a last event that says why if something broke. */
function endWith(response: ServerResponse, errors: readonly GraphQLError[] | null): void {
  if (response.writableEnded) return;
  if (errors !== null) response.write(`event: next\ndata: ${JSON.stringify({ errors })}\n\n`);
  response.end('event: complete\ndata:\n\n');
  const cut = setTimeout(() => response.destroy(), LINGER_MS);
  cut.unref();
  response.once('close', () => clearTimeout(cut));
}

async function sendOnce(response: ServerResponse, { args, execute }: PreparedOperation): Promise<void> {
  const result = await execute(args);
  begin(response);
  response.end(`event: next\ndata: ${JSON.stringify(result)}\n\nevent: complete\ndata:\n\n`);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  sendErrors(response, status, [{ message, extensions: { code } }]);
}

function sendErrors(response: ServerResponse, status: number, errors: readonly object[]): void {
  const body = JSON.stringify({ errors });
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
