import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, MessageType, parseMessage, type SubscribeMessage } from 'graphql-ws';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ErrorPolicy } from '../execution/payload.ts';
import { isLiveQuery } from '../execution/shared-operation.ts';
import type { Subscriptions } from '../execution/subscriptions.ts';
import { ClientSocket } from './client-socket.ts';
import type { Connections } from './connections.ts';
import { accessOf, prepareOperation } from './operation.ts';
import { SocketOperation } from './socket-operation.ts';
import type { FindViewer } from './viewer.ts';
import type { GraphQLHandler } from './yoga.ts';

/** ws itself would take 100 MiB; 1,000 figures are a few hundred KiB. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
const INIT_TIMEOUT_MS = 3_000;
/** Each socket is pinged once in so many seconds. A client that has not answered one ping when the next is due is gone: after 30 s at the latest. */
const BEATS = 15;
const BEAT_MS = 1_000;
/** "Try again later" is a code that clients come back from. */
const TRY_AGAIN = 1013;

export interface SocketOptions {
  readonly handler: GraphQLHandler;
  readonly findViewer: FindViewer;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly errors: ErrorPolicy;
  /** The newest place in the log, now. */
  readonly head: () => Promise<string>;
  readonly maxSubscriptionsPerSocket: number;
}

/** Takes over a connection that asks to become a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * GraphQL over WebSocket by the graphql-transport-ws protocol; the key comes in connection_init.
 * The messages are read and written by graphql-ws; its server is not used, because what it keeps for each socket is several times what the socket itself takes.
 */
export function createSockets(options: SocketOptions): Upgrade {
  const { connections } = options;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    WebSocket: ClientSocket,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });
  const sockets = new Set<ClientSocket>();
  let opened = 0;
  let heart: NodeJS.Timeout | undefined;
  let beat = 0;

  const startBeating = (): void => {
    heart ??= setInterval(() => {
      beat = (beat + 1) % BEATS;
      for (const socket of sockets) if (socket.beatAt === beat) ping(socket);
    }, BEAT_MS);
  };
  const stopBeating = (): void => {
    clearInterval(heart);
    heart = undefined;
  };

  // One function for all sockets: one of its own for each would take more memory than all else that is known of it.
  function onMessage(this: WebSocket, data: RawData): void {
    void receive(this as ClientSocket, data, options);
  }
  function onClose(this: WebSocket): void {
    const socket = this as ClientSocket;
    if (socket.initTimeout !== null) clearTimeout(socket.initTimeout);
    socket.endAll();
    connections.leave(socket);
    sockets.delete(socket);
    if (sockets.size === 0) stopBeating();
  }

  return (request, connection, head) => {
    server.handleUpgrade(request, connection, head, (socket) => {
      socket.connection = connection;
      socket.on('error', ignore);
      if (!connections.enter(request, socket)) {
        // Behind a proxy a client that was let go may be sent here again; it has to come back, not to give up.
        if (connections.draining) socket.restart();
        else socket.close(CloseCode.TooManyInitialisationRequests, 'Too many connections from this address');
        return;
      }
      if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
        socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
      socket.authorization = request.headers.authorization ?? null;
      opened += 1;
      socket.beatAt = opened % BEATS;
      socket.initTimeout = setTimeout(closeUninitialised, INIT_TIMEOUT_MS, socket);
      sockets.add(socket);
      startBeating();
      socket.on('message', onMessage).on('pong', onPong).on('close', onClose);
    });
  };
}

function ping(socket: ClientSocket): void {
  if (!socket.isOpen) return;
  if (socket.awaitsPong) {
    socket.terminate();
    return;
  }
  socket.awaitsPong = true;
  socket.ping();
}

function onPong(this: WebSocket): void {
  (this as ClientSocket).awaitsPong = false;
}

function ignore(): void {
  // Of a message that is too large or broken ws tells the client itself.
}

function closeUninitialised(socket: ClientSocket): void {
  socket.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
}

/** Does what a message of the client asks for. */
async function receive(socket: ClientSocket, data: RawData, options: SocketOptions): Promise<void> {
  if (!socket.isOpen) return;
  const message = parse(data);
  switch (message?.type) {
    case MessageType.ConnectionInit:
      return initialise(socket, message.payload?.authorization, options);
    case MessageType.Ping:
      return socket.say({
        type: MessageType.Pong,
        ...(message.payload === undefined ? {} : { payload: message.payload }),
      });
    case MessageType.Pong:
      return;
    case MessageType.Subscribe:
      return subscribe(socket, message, options);
    case MessageType.Complete: {
      const operation = socket.operations.get(message.id);
      if (operation !== undefined) socket.end(operation);
      return;
    }
    default:
      return socket.close(CloseCode.BadRequest, 'Invalid message received');
  }
}

function parse(data: RawData): ReturnType<typeof parseMessage> | null {
  try {
    return parseMessage(String(data));
  } catch {
    return null;
  }
}

async function initialise(
  socket: ClientSocket,
  authorization: unknown,
  { findViewer, head }: SocketOptions,
): Promise<void> {
  if (socket.initTimeout === null)
    return socket.close(CloseCode.TooManyInitialisationRequests, 'Too many initialisation requests');
  clearTimeout(socket.initTimeout);
  socket.initTimeout = null;
  const sent = authorization ?? socket.authorization;
  socket.authorization = null;
  let began = '';
  try {
    // Before the client can have asked for anything: what it subscribes to without a cursor it may resume from there.
    began = await head();
    socket.viewer = await findViewer(typeof sent === 'string' ? sent : undefined);
  } catch {
    // Unlike 4500 a code that clients come back from.
    return socket.close(TRY_AGAIN, 'The database does not answer');
  }
  // Unlike 4401 a code that clients come back from, with a new key if they have one.
  if (socket.viewer === null) return socket.close(CloseCode.Forbidden, 'Forbidden');
  socket.say({ type: MessageType.ConnectionAck, payload: { head: began } });
}

async function subscribe(
  socket: ClientSocket,
  { id, payload }: SubscribeMessage,
  options: SocketOptions,
): Promise<void> {
  const { handler, errors } = options;
  const { viewer } = socket;
  if (viewer === null) return socket.close(CloseCode.Unauthorized, 'Unauthorized');
  if (socket.operations.has(id))
    return socket.close(CloseCode.SubscriberAlreadyExists, `Subscriber for ${id} already exists`);
  const operation = new SocketOperation(socket, id);
  socket.operations.set(id, operation);
  try {
    const prepared = await prepareOperation(handler, viewer, payload);
    if ('errors' in prepared) return operation.fail(prepared.errors);
    if (prepared.type !== 'subscription') return operation.answer(await prepared.execute(prepared.args));
    const present = [...socket.operations.values()].filter(({ isSubscription }) => isSubscription).length;
    if (present >= options.maxSubscriptionsPerSocket)
      return operation.fail([options.connections.tooManySubscriptions(options.maxSubscriptionsPerSocket)]);
    const outbox = operation.beginPushing(isLiveQuery(prepared.args) ? 'the newest answer' : 'every event');
    const opened = await options.subscriptions.open(prepared.args, accessOf(viewer), outbox);
    if ('errors' in opened) operation.fail(opened.errors);
    else operation.pushes(opened);
  } catch (error) {
    operation.fail([errors.mask(error)]);
  }
}
