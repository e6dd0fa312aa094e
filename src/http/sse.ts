import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ErrorPolicy, Payload } from '../execution/payload.ts';
import type { Subscription, Subscriptions } from '../execution/subscriptions.ts';
import type { Viewer } from '../graphql/context.ts';
import { sendError } from './answer.ts';
import type { Connection, Connections } from './connections.ts';
import { followOn } from './delta-wish.ts';

import { Outbox, type Wire } from './outbox.ts';
import { accessOf, type ValidOperation } from './valid-operation.ts';
import { type FindViewer, findViewerWithRetries, refuseKey } from './viewer.ts';

const KEEP_ALIVE_MS = 15_000;
/** How soon an EventSource reconnects, in milliseconds. */
const RETRY_MS = 1_000;
const FULL_BYTES = 64 * 1024;

export interface SseOptions {
  readonly findViewer: FindViewer;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly errors: ErrorPolicy;
}

/**
 * Answers a subscription with server-sent events, in distinct connections mode: an event `next` for each result, and `complete` at the
 * end.
 * The id of each event is its cursor, and the stream begins with the cursor of its start. Last-Event-ID resumes like the argument
 * `after`.
 */
export async function serveSse(
  request: IncomingMessage,
  response: ServerResponse,
  operation: ValidOperation,
  options: SseOptions,
): Promise<void> {
  const { findViewer, subscriptions, connections, errors } = options;
  const { authorization } = request.headers;
  const came = performance.now();
  let viewer: Viewer | null;
  try {
    viewer = await findViewerWithRetries(findViewer, authorization);
  } catch (error) {
    if (!errors.isTemporary(error)) throw error;
    begin(response);
    response.end();
    return;
  }
  if (viewer === null) return sendError(response, refuseKey(authorization));
  const args = await operation.prepare(viewer);
  // The connection is removed on the response's close event, which does not fire again if the client has left already.
  if (response.destroyed) return;
  const { keyId } = viewer;
  const connection: Connection = {
    keyId: () => keyId,
    forbid: () => end(),
    restart: () => end(),
    isIdle: () => outbox.isEmpty,
  };
  if (!connections.enter(request, connection)) {
    if (!connections.draining)
      return sendError(
        response,
        new GraphQLError('Too many connections from this address.', { extensions: { code: 'TOO_MANY_CONNECTIONS' } }),
      );
    // An EventSource gives up for good after an error status. After the end of a stream it comes back, to an instance that serves then.
    begin(response);
    response.end();
    return;
  }
  let close = (): void => undefined;
  const end = (): void => {
    finish(response);
    outbox.close();
    close();
  };
  let subscription: Subscription | null = null;
  const wire = wireOf(response, () => close());
  const outbox = new Outbox(wire, operation.isLive ? 'the newest answer' : 'every event');
  begin(response);
  const keepAlive = setInterval(() => {
    // A slow reader has enough data to read, and its cursor must not skip the events that wait.
    if (wire.isFull) return;
    const reached = outbox.isEmpty ? subscription?.reached : undefined;
    const cursor = reached ?? outbox.lastCursor;
    writeTo(response, cursor === null ? ':\n\n' : `:\nid: ${cursor}\n\n`);
  }, KEEP_ALIVE_MS);
  response.once('close', () => {
    clearInterval(keepAlive);
    outbox.close();
    connections.leave(connection);
    close();
  });
  const { sink, after } = followOn(outbox, operation.deltas, subscriptions.deltas, lastEventId(request));
  const opened = await subscriptions.open(args, accessOf(viewer), sink, after, performance.now() - came);
  if ('errors' in opened) return endWith(response, opened.errors);
  subscription = opened;
  close = () => opened.close();
  if (response.closed || response.writableEnded) close();
}

/** Answers with one event, a result as JSON in UTF-8, and `complete`. */
export function sendOnce(response: ServerResponse, result: Buffer): void {
  begin(response);
  response.end(`${next(result.toString('utf8'))}${COMPLETE}`);
}

function lastEventId(request: IncomingMessage): string | null {
  const id = request.headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/**
 * A response as an outbox sees it. onEnd ends the subscription when the stream ends: the response closes only after the reader has taken
 * everything.
 */
function wireOf(response: ServerResponse, onEnd: () => void): Wire {
  const end = (errors: readonly GraphQLError[] | null): void => {
    endWith(response, errors);
    onEnd();
  };
  return {
    begin: (cursor) => writeTo(response, `id: ${cursor}\n\n`),
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
const COMPLETE = 'event: complete\ndata:\n\n';

function begin(response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    connection: 'keep-alive',
  });
  response.write(`retry: ${RETRY_MS}\n\n`);
}

/** Writes unless the stream has ended or the reader is gone. */
function writeTo(response: ServerResponse, data: Buffer | string): void {
  if (!response.writableEnded && !response.destroyed) response.write(data);
}

/**
 * Ends a stream, with a last event if there were errors. A temporary error is not sent: after a stream without `complete` an EventSource
 * comes back.
 */
function endWith(response: ServerResponse, errors: readonly GraphQLError[] | null): void {
  if (errors?.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE') === true) finish(response);
  else finish(response, errors === null ? COMPLETE : `${next(JSON.stringify({ errors }))}${COMPLETE}`);
}

/** Ends a stream, once. */
function finish(response: ServerResponse, last = ''): void {
  if (!response.writableEnded) response.end(last);
}

function next(json: string): string {
  return `event: next\ndata: ${json}\n\n`;
}
