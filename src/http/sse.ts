import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import type { ErrorPolicy } from '../execution/payload.ts';
import type { Subscription, Subscriptions } from '../execution/subscriptions.ts';
import type { Viewer } from '../graphql/context.ts';
import type { Meters } from '../meters.ts';
import { sendError } from './answer.ts';
import type { Clients } from './clients.ts';
import type { Connection, Connections } from './connections.ts';
import { followOn } from './delta-wish.ts';
import { EventStream } from './event-stream.ts';
import { noteEnd } from './followed.ts';
import { Outbox, type Wire } from './outbox.ts';
import { streamTo } from './request-order.ts';
import { accessOf, type ValidOperation } from './valid-operation.ts';
import { type FindViewer, findViewerWithRetries } from './viewer.ts';
import { whoPays } from './who-pays.ts';

const KEEP_ALIVE_MS = 15_000;
/** How a stream that ends at once is counted. Its client is told nothing but to come back. */
const AWAY = [
  new GraphQLError('The server cannot answer right now.', { extensions: { code: 'TEMPORARILY_UNAVAILABLE' } }),
];

export interface SseOptions {
  readonly findViewer: FindViewer;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly clients: Clients;
  readonly errors: ErrorPolicy;
  readonly meters: Meters;
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
  const { findViewer, subscriptions, connections, errors, meters } = options;
  const came = performance.now();
  let viewer: Viewer | GraphQLError;
  try {
    viewer = await findViewerWithRetries(findViewer, request.headers.authorization);
  } catch (error) {
    if (!errors.isTemporary(error)) throw error;
    noteEnd(response, 'refused', AWAY);
    new EventStream(request, response).end();
    return;
  }
  if (viewer instanceof GraphQLError) return sendError(response, viewer);
  const { client } = whoPays(viewer, request, options);
  const args = await operation.prepare(viewer);
  // The connection is removed on the response's close event, which does not fire again if the client has left already.
  if (response.destroyed) return noteEnd(response, 'gone');
  const { cost, isLive } = operation;
  const taken = client.open({ isLive, cost });
  if (taken instanceof GraphQLError) return sendError(response, taken);
  response.once('close', taken);
  const { keyId } = viewer;
  const connection: Connection = {
    keyId: () => keyId,
    forbid: () => end(),
    restart: () => end(),
    isIdle: () => outbox.isEmpty,
    load: () => ({
      transport: 'sse',
      [isLive ? 'live' : 'events']: 1,
      waitingBytes: outbox.waitingBytes + response.writableLength,
    }),
  };
  if (!connections.enter(request, connection)) {
    if (!connections.draining)
      return sendError(
        response,
        new GraphQLError('Too many connections from this address.', { extensions: { code: 'TOO_MANY_CONNECTIONS' } }),
      );
    noteEnd(response, 'refused', AWAY);
    // An EventSource gives up for good after an error status. After the end of a stream it comes back, to an instance that serves then.
    new EventStream(request, response).end();
    return;
  }
  let close = (): void => undefined;
  const end = (): void => {
    stream.end();
    outbox.close();
    close();
  };
  let subscription: Subscription | null = null;
  const stream = new EventStream(request, response);
  const wire = wireOf(stream, meters, () => close());
  const outbox = new Outbox(wire, isLive ? 'the newest answer' : 'every event', { client, cost });
  const keepAlive = setInterval(() => {
    // A slow reader has enough data to read, and its cursor must not skip the events that wait.
    if (wire.isFull) return;
    const reached = outbox.isEmpty ? subscription?.reached : undefined;
    const cursor = reached ?? outbox.lastCursor;
    stream.write(cursor === null ? ':\n\n' : `:\nid: ${cursor}\n\n`);
  }, KEEP_ALIVE_MS);
  response.once('close', () => {
    clearInterval(keepAlive);
    outbox.close();
    connections.leave(connection);
    close();
  });
  const { sink, after } = followOn(outbox, operation.deltas, subscriptions.deltas, lastEventId(request));
  const opened = await subscriptions.open(args, accessOf(viewer), sink, after, performance.now() - came);
  noteEnd(response, 'errors' in opened ? 'refused' : 'answered', 'errors' in opened ? opened.errors : []);
  if ('errors' in opened) return endWith(stream, opened.errors);
  streamTo(request, response);
  subscription = opened;
  close = () => opened.close();
  if (response.closed || response.writableEnded) close();
}

/** Answers with one event, a result as JSON in UTF-8, and `complete`. */
export function sendOnce(response: ServerResponse, result: Buffer): void {
  const stream = new EventStream(response.req, response);
  stream.write(eventOf(result));
  stream.end(COMPLETE);
}

/** The event of each answer. An answer that is kept is so compressed once. */
const events = new WeakMap<Buffer, Buffer>();

function eventOf(result: Buffer): Buffer {
  const known = events.get(result);
  if (known !== undefined) return known;
  const event = Buffer.from(next(result.toString('utf8')), 'utf8');
  events.set(result, event);
  return event;
}

function lastEventId(request: IncomingMessage): string | null {
  const id = request.headers['last-event-id'];
  return typeof id === 'string' && id !== '' ? id : null;
}

/**
 * A stream as an outbox sees it. onEnd ends the subscription when the stream ends: the response closes only after the reader has taken
 * everything.
 */
function wireOf(stream: EventStream, meters: Meters, onEnd: () => void): Wire {
  const end = (errors: readonly GraphQLError[] | null): void => {
    for (const { extensions } of errors ?? []) meters.subscriptionFailed(extensions.code);
    endWith(stream, errors);
    onEnd();
  };
  return {
    begin: (cursor) => stream.write(`id: ${cursor}\n\n`),
    write: (payload) => stream.writeEvents([payload]),
    writeAll: (payloads) => stream.writeEvents(payloads),
    get isFull() {
      return stream.isFull;
    },
    get untaken() {
      return stream.untaken;
    },
    whenDrained: (listener) => stream.whenDrained(listener),
    whenTaken: (listener) => stream.whenTaken(listener),
    fail: end,
    complete: () => end(null),
  };
}

const COMPLETE = 'event: complete\ndata:\n\n';

/**
 * Ends a stream, with a last event if there were errors. A temporary error is not sent: after a stream without `complete` an EventSource
 * comes back.
 */
function endWith(stream: EventStream, errors: readonly GraphQLError[] | null): void {
  if (errors?.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE') === true) stream.end();
  else stream.end(errors === null ? COMPLETE : `${next(JSON.stringify({ errors }))}${COMPLETE}`);
}

function next(json: string): string {
  return `event: next\ndata: ${json}\n\n`;
}
