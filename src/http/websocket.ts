import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, ExecutionResult, GraphQLError } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocket, WebSocketServer } from 'ws';
import type { PrismaClient } from '../database/generated/client.ts';
import { isLiveQuery } from '../execution/shared-operation.ts';
import type { Subscriptions } from '../execution/subscriptions.ts';
import type { Viewer } from '../graphql/context.ts';
import type { Connections } from './connections.ts';
import { messageStart, writeMessage } from './frame.ts';
import { accessOf, type PreparedOperation, prepareOperation } from './operation.ts';
import { createOutbox, type Outbox, type Wire } from './outbox.ts';
import { findViewer } from './viewer.ts';
import type { GraphQLHandler } from './yoga.ts';

/** ws itself would take 100 MiB; 1,000 figures are a few hundred KiB. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
/** A client that has not answered one ping when the next is due is gone: after 30 s at the latest. */
const PING_MS = 15_000;
const INIT_TIMEOUT_MS = 3_000;
/** So long a client has to answer that the server closes its socket. */
const LAST_WORD_MS = 1_000;
/** More than this in a socket's own buffer, and payloads wait where they are shared. */
const FULL_BYTES = 64 * 1024;

/** "Service restart", "try again later" and "forbidden" are codes that clients come back from, "too many requests" one they do not. */
const RESTART = 1012;
const TRY_AGAIN = 1013;
const FORBIDDEN = 4403;
const TOO_MANY = 4429;

export interface SocketOptions {
  readonly handler: GraphQLHandler;
  readonly db: PrismaClient;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly maxSubscriptionsPerSocket: number;
}

/** Takes over a connection that asks to become a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** An operation with what it takes to push to its reader. */
interface SocketOperation extends ExecutionArgs {
  readonly prepared: PreparedOperation;
  readonly viewer: Viewer;
  readonly id: string;
  readonly extra: Extra;
}

/** GraphQL over WebSocket by the graphql-transport-ws protocol; the key comes in connection_init. */
export function createSockets(options: SocketOptions): Upgrade {
  const { handler, db, subscriptions, connections } = options;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });
  const states = new WeakMap<WebSocket, SocketState>();
  useServer<{ authorization?: unknown }, Extra & Record<PropertyKey, unknown>>(
    {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      onConnect: async ({ connectionParams, extra }) => {
        const sent = connectionParams?.authorization ?? extra.request.headers.authorization;
        const viewer = await findViewer(db, typeof sent === 'string' ? sent : undefined).catch(() => {
          // Unlike 4500, which an error would close it with, 1013 is a code that clients come back from.
          extra.socket.close(TRY_AGAIN, 'The database does not answer');
          return null;
        });
        const state = states.get(extra.socket);
        // False closes with 4403: unlike 4401 clients come back from it, with a new key if they have one.
        if (viewer === null || state === undefined) return false;
        state.viewer = viewer;
        return true;
      },
      onSubscribe: async ({ extra }, id, payload) => {
        const state = states.get(extra.socket) as SocketState;
        const prepared = await prepareOperation(handler, state.viewer, payload);
        if ('errors' in prepared) return prepared.errors;
        const operation: SocketOperation = { ...prepared.args, prepared, viewer: state.viewer, id, extra };
        return operation;
      },
      execute: (args) => (args as SocketOperation).prepared.execute((args as SocketOperation).prepared.args),
      subscribe: (args) =>
        push(args as SocketOperation, states.get((args as SocketOperation).extra.socket) as SocketState),
    },
    server,
    PING_MS,
  );

  const push = (
    operation: SocketOperation,
    state: SocketState,
  ): AsyncGenerator<ExecutionResult, undefined, undefined> => {
    const { prepared, viewer, id, extra } = operation;
    return pushedStream(async (end) => {
      if (state.outboxes.size >= options.maxSubscriptionsPerSocket)
        throw connections.tooManySubscriptions(options.maxSubscriptionsPerSocket);
      const outbox = createOutbox(
        wireOf(extra, id, end),
        isLiveQuery(prepared.args) ? 'the newest answer' : 'every event',
      );
      state.outboxes.add(outbox);
      const opened = await subscriptions.open(prepared.args, accessOf(viewer), outbox);
      const close = (): void => {
        state.outboxes.delete(outbox);
        outbox.close();
        if ('close' in opened) opened.close();
      };
      if ('errors' in opened) {
        close();
        throw opened.errors[0];
      }
      return close;
    });
  };

  return (request, socket, head) => {
    server.handleUpgrade(request, socket, head, (client) => {
      const state: SocketState = { viewer: { keyId: null, canWrite: false }, outboxes: new Set() };
      states.set(client, state);
      const leave = connections.enter(request, {
        keyId: () => state.viewer.keyId,
        forbid: () => client.close(FORBIDDEN, 'The key was revoked or has expired'),
        restart: () => {
          client.close(RESTART, 'The server restarts');
          // A client that does not answer would hold the server up for half a minute.
          setTimeout(() => client.terminate(), LAST_WORD_MS).unref();
        },
        isIdle: () => [...state.outboxes].every(({ isEmpty }) => isEmpty),
      });
      if (leave === null) {
        // Behind a proxy a client that was let go may be sent here again; it has to come back, not to give up.
        if (connections.draining) client.close(RESTART, 'The server restarts');
        else client.close(TOO_MANY, 'Too many connections from this address');
        return;
      }
      client.once('close', leave);
      server.emit('connection', client, slim(request));
      // Of a message that is too large ws has told the client; the library would only add a few lines to the console.
      client.removeAllListeners('error').on('error', () => undefined);
    });
  };
}

/** What of a request is needed for as long as its socket is open: the rest would be kept in memory for nothing. */
function slim({ socket, headers: { authorization } }: IncomingMessage): Pick<IncomingMessage, 'socket' | 'headers'> {
  return { socket, headers: authorization === undefined ? {} : { authorization } };
}

/** What is known of a socket. */
interface SocketState {
  viewer: Viewer;
  readonly outboxes: Set<Outbox>;
}

/**
 * How a subscription of a socket writes: the shared payload with its own id in front, straight to the connection. Frames are written whole and nothing is compressed,
 * so they never mix with those of the protocol library.
 */
function wireOf({ socket, request }: Extra, id: string, end: (error?: GraphQLError) => void): Wire {
  const before = messageStart(id);
  const connection = request.socket;
  return {
    write: (payload) => {
      if (socket.readyState === WebSocket.OPEN) writeMessage(connection, before, payload);
    },
    get isFull() {
      return connection.writableLength > FULL_BYTES;
    },
    whenDrained: (listener) => void connection.once('drain', listener),
    fail: (errors) => end(errors[0]),
    complete: () => end(),
  };
}

/**
 * A stream without items for the protocol library: payloads go past it, straight to the socket, and it only tells when they end, and why.
 * A stream that throws is sent as the protocol's message of the type `error`.
 */
function pushedStream(
  begin: (end: (error?: GraphQLError) => void) => Promise<() => void>,
): AsyncGenerator<ExecutionResult, undefined, undefined> {
  let settle: (error?: GraphQLError) => void = () => undefined;
  const ended = new Promise<GraphQLError | undefined>((resolve) => {
    settle = resolve;
  });
  let begun: Promise<() => void> | undefined;
  const close = async (): Promise<void> => {
    settle();
    // What went wrong with the beginning is told by next().
    const stop = await begun?.catch(() => undefined);
    stop?.();
  };
  const finish = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
    await close();
    return { done: true, value: undefined };
  };
  const stream: AsyncGenerator<ExecutionResult, undefined, undefined> = {
    next: async () => {
      begun ??= begin(settle);
      await begun;
      const error = await ended;
      await close();
      if (error !== undefined) throw error;
      return { done: true, value: undefined };
    },
    return: finish,
    throw: finish,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await finish()),
  };
  return stream;
}
