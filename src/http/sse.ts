import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { ErrorPolicy, Payload } from '../execution/payload.ts';
import { isLiveQuery } from '../execution/shared-operation.ts';
import type { Subscription, Subscriptions } from '../execution/subscriptions.ts';
import type { Viewer } from '../graphql/context.ts';
import { sendError } from './answer.ts';
import type { Connection, Connections } from './connections.ts';
import { accessOf, type SoundOperation } from './operation.ts';
import { Outbox, type Wire } from './outbox.ts';
import { type FindViewer, findViewerPatiently, refuseKey } from './viewer.ts';

const KEEP_ALIVE_MS = 15_000;
/** How soon a browser's EventSource comes back by itself. */
const RETRY_MS = 1_000;
const FULL_BYTES = 64 * 1024;

export interface SseOptions {
  readonly findViewer: FindViewer;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly errors: ErrorPolicy;
}

/**
 * Answers a subscription as server-sent events, in distinct connections mode: each result an event `next`, at the end `complete`. Each event has its cursor as its id,
 * the stream begins with the place that it goes on from, and Last-Event-ID resumes as the argument `after` does.
 */
export async function serveSse(
  request: IncomingMessage,
  response: ServerResponse,
  operation: SoundOperation,
  options: SseOptions,
): Promise<void> {
  const { findViewer, subscriptions, connections, errors } = options;
  const { authorization } = request.headers;
  const came = performance.now();
  let viewer: Viewer | null;
  try {
    viewer = await findViewerPatiently(findViewer, authorization);
  } catch (error) {
    if (!errors.isTemporary(error)) throw error;
    begin(response);
    response.end();
    return;
  }
  if (viewer === null) return sendError(response, refuseKey(authorization));
  const prepared = await operation.prepare(viewer);
  // What is entered from here on is left when it closes, which a client that is gone already does not do once more.
  if (response.destroyed) return;
  const { keyId } = viewer;
  const connection: Connection = {
    keyId: () => keyId,
    forbid: () => letGo(),
    restart: () => letGo(),
    isIdle: () => outbox.isEmpty,
  };
  if (!connections.enter(request, connection)) {
    if (!connections.draining)
      return sendError(
        response,
        new GraphQLError('Too many connections from this address.', { extensions: { code: 'TOO_MANY_CONNECTIONS' } }),
      );
    // An EventSource that is refused gives up for good; one whose stream ends comes back, to whoever answers then.
    begin(response);
    response.end();
    return;
  }
  let close = (): void => undefined;
  const letGo = (): void => {
    finish(response);
    outbox.close();
    close();
  };
  let subscription: Subscription | null = null;
  const wire = wireOf(response, () => close());
  const outbox = new Outbox(wire, isLiveQuery(prepared.args) ? 'the newest answer' : 'every event');
  begin(response);
  const keepAlive = setInterval(() => {
    // A reader that takes nothing has enough to read as it is; and what waits for it must not be passed over.
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
  const opened = await subscriptions.open(
    prepared.args,
    accessOf(viewer),
    outbox,
    lastEventId(request),
    performance.now() - came,
  );
  if ('errors' in opened) return endWith(response, opened.errors);
  subscription = opened;
  close = () => opened.close();
  if (response.closed || response.writableEnded) close();
}

/** Answers with one event, and that nothing comes after it. */
export function sendOnce(response: ServerResponse, result: ExecutionResult): void {
  begin(response);
  response.end(`${next(result)}${COMPLETE}`);
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

/** A stream that was ended, or whose reader is gone, takes nothing more. */
function writeTo(response: ServerResponse, data: Buffer | string): void {
  if (!response.writableEnded && !response.destroyed) response.write(data);
}

/** Ends a stream, with a last event that says why if something broke. What passes by itself is not told: an EventSource whose stream ends without `complete` comes back. */
function endWith(response: ServerResponse, errors: readonly GraphQLError[] | null): void {
  if (errors?.some(({ extensions }) => extensions.code === 'TEMPORARILY_UNAVAILABLE') === true) finish(response);
  else finish(response, errors === null ? COMPLETE : `${next({ errors })}${COMPLETE}`);
}

/** Ends a stream, once. */
function finish(response: ServerResponse, last = ''): void {
  if (!response.writableEnded) response.end(last);
}

function next(result: ExecutionResult): string {
  return `event: next\ndata: ${JSON.stringify(result)}\n\n`;
}
