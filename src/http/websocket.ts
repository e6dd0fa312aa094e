import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { boundArriving } from './arriving.ts';
import { batchLookups } from './batch-lookups.ts';
import { ClientSocket } from './client-socket.ts';
import { DEFLATE_SETTINGS, offersDeflate } from './deflate-offer.ts';
import { chooseRequestId } from './followed.ts';
import { badRequest } from './operation-params.ts';
import type { Origins } from './origins.ts';
import { refuseRaw } from './raw-answer.ts';
import { receive, type SocketOptions } from './socket-protocol.ts';

/** Maximum number of bytes read from a client before it is acknowledged, including the upgrade's headers, and of what they are decompressed to. */
const MAX_UNINITIALISED_BYTES = 64 * 1024;
const INIT_TIMEOUT_MS = 3_000;
/** Each socket is pinged once in this many heartbeats. A client that has not answered by its next ping is gone, after 30 s at the latest. */
const BEATS_PER_PING = 15;
const HEARTBEAT_MS = 1_000;
/** Extra rounds for a slow client that the ping has not reached yet: up to some MiB in the system's buffers may come before it. */
const EXTRA_ROUNDS = 6;
/**
 * How much a client may send in a second that is no message: the heads of frames, and pings. Messages of 20 bytes, thousands a second, have a
 * fraction of it.
 */
const MAX_OVERHEAD_BYTES = 256 * 1024;
/** The payload of pings, which pongs repeat. It is random, so that unsolicited pongs do not count as answers. */
const PING = randomBytes(8);

const SETTINGS: ServerOptions<typeof ClientSocket> & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  WebSocket: ClientSocket,
  // It would answer each of thousands of pings that come at once, with a write for each.
  autoPong: false,
  // The default of ws is 100 MiB; 1,000 figures have a few hundred KiB.
  maxPayload: 2 * 1024 * 1024,
  // Each chunk of an incomplete message takes some hundred bytes, however small it is. Over the slowest network a message has 500 chunks.
  maxBufferedChunks: 8 * 1024,
  maxFragments: 1024,
  // A client that does not answer a close is cut off after this time, in milliseconds.
  closeTimeout: 5_000,
  handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
};

/** Handles an upgrade request for a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * GraphQL over WebSocket with the graphql-transport-ws protocol; the key comes in connection_init.
 * graphql-ws parses and writes the messages. Its server is not used, because a socket takes twice as much memory there (bench/README.md).
 */
export function createSockets(given: SocketOptions & { readonly origins: Origins }): Upgrade {
  const { connections, heartbeatMs = HEARTBEAT_MS } = given;
  const askHead = batchLookups(async (askers: readonly 'now'[]) => {
    const head = await given.head();
    return askers.map(() => head);
  });
  const options = { ...given, head: () => askHead('now') };
  const plain = new WebSocketServer({ ...SETTINGS, perMessageDeflate: false });
  const deflating = new WebSocketServer({ ...SETTINGS, perMessageDeflate: DEFLATE_SETTINGS });
  const requestIds = new WeakMap<IncomingMessage, string>();
  const requestIdOf = (request: IncomingMessage): string => requestIds.get(request) ?? '';
  for (const server of [plain, deflating]) {
    server.on('headers', (headers, request) => headers.push(`X-Request-Id: ${requestIdOf(request)}`));
    server.on('wsClientError', (error, socket, request) =>
      refuseRaw(socket, 400, badRequest(error.message), given.origins, {
        'sec-websocket-version': '13',
        'x-request-id': requestIdOf(request),
      }),
    );
  }
  const sockets = new Set<ClientSocket>();
  let opened = 0;
  let heartbeat: NodeJS.Timeout | undefined;
  let beat = 0;

  const arriving = boundArriving<ClientSocket>((socket) => socket.letGo());
  const startHeartbeat = (): void => {
    heartbeat ??= setInterval(() => {
      beat = (beat + 1) % BEATS_PER_PING;
      for (const socket of sockets) {
        watch(socket);
        if (socket.pingAt === beat) ping(socket);
      }
    }, heartbeatMs);
  };
  const watch = (socket: ClientSocket): void => {
    socket.trifles = 0;
    // One that is being closed was counted, and let go.
    if (!socket.isOpen) return;
    arriving.hold(socket, socket.arriving);
    if (socket.takeOverhead() > MAX_OVERHEAD_BYTES) socket.cutOff(CloseCode.BadRequest, 'Too much that is no message');
  };
  const stopHeartbeat = (): void => {
    clearInterval(heartbeat);
    heartbeat = undefined;
  };

  // Shared by all sockets: a closure for each would take more memory than the rest of its state.
  function onMessage(this: WebSocket, data: RawData): void {
    const socket = this as ClientSocket;
    if (!socket.takeInflated((data as Buffer).length)) socket.shut(CloseCode.BadRequest, 'Too much from too little');
    else if (socket.viewer === null && (data as Buffer).length > MAX_UNINITIALISED_BYTES) refuseLength(socket);
    else void receive(socket, data, options);
  }
  function onClose(this: WebSocket): void {
    const socket = this as ClientSocket;
    if (socket.initTimeout !== null) clearTimeout(socket.initTimeout);
    socket.held = null;
    socket.endAll();
    connections.leave(socket);
    arriving.release(socket);
    sockets.delete(socket);
    if (sockets.size === 0) stopHeartbeat();
  }

  return (request, connection, head) => {
    const server = offersDeflate(request) ? deflating : plain;
    const requestId = chooseRequestId(request, given.trustProxy);
    requestIds.set(request, requestId);
    server.handleUpgrade(request, connection, head, (socket) => {
      socket.connection = connection as Socket;
      socket.requestId = requestId;
      socket.meters = given.meters;
      socket.on('error', ignore);
      if (!connections.enter(request, socket)) {
        // A proxy may send a client that was disconnected back here. It has to reconnect, and must not give up.
        if (connections.draining) socket.restart();
        else socket.close(CloseCode.TooManyInitialisationRequests, 'Too many connections from this address');
        return;
      }
      if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL)
        socket.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
      socket.authorization = request.headers.authorization ?? null;
      opened += 1;
      socket.pingAt = opened % BEATS_PER_PING;
      socket.initTimeout = setTimeout(closeUninitialised, INIT_TIMEOUT_MS, socket);
      boundUninitialised(socket);
      sockets.add(socket);
      startHeartbeat();
      socket.on('message', onMessage).on('ping', onPing).on('pong', onPong).on('close', onClose);
    });
  };
}

function ping(socket: ClientSocket): void {
  if (!socket.isOpen) return;
  if (socket.roundsLeft === null) {
    socket.roundsLeft = 0;
    socket.ping(PING);
    return;
  }
  // The ping may wait in the buffer of a slow reader; or the pong is unread, because reading from this client is paused.
  if (socket.connection.writableLength > 0 || socket.held !== null) socket.roundsLeft = EXTRA_ROUNDS;
  else if (socket.roundsLeft > 0) socket.roundsLeft -= 1;
  else socket.terminate();
}

function onPong(this: WebSocket, payload: Buffer): void {
  if (payload.equals(PING)) (this as ClientSocket).roundsLeft = null;
  else (this as ClientSocket).countTrifle();
}

/** Answers only the newest of the pings that come together, as RFC 6455 (5.5.3) allows, and none before the last answer was taken. */
function onPing(this: WebSocket, payload: Buffer): void {
  const socket = this as ClientSocket;
  socket.countTrifle();
  const isNewest = socket.pongWith === null;
  socket.pongWith = payload;
  if (isNewest) setImmediate(answerPing, socket);
}

function answerPing(socket: ClientSocket): void {
  if (socket.isFull) {
    socket.whenDrained(() => answerPing(socket));
    return;
  }
  const payload = socket.pongWith;
  socket.pongWith = null;
  if (socket.isOpen && payload !== null) socket.pong(payload);
}

function ignore(): void {
  // ws itself tells the client about a message that is too large or malformed.
}

function closeUninitialised(socket: ClientSocket): void {
  socket.shut(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
}

function refuseLength(socket: ClientSocket): void {
  socket.shut(CloseCode.BadRequest, 'Too much before connection_init');
}

/** Limits how much a client can send before it is acknowledged. */
function boundUninitialised(socket: ClientSocket): void {
  const connection = socket.connection as Socket;
  const count = (): void => {
    if (socket.viewer !== null) connection.off('data', count);
    else if (connection.bytesRead > MAX_UNINITIALISED_BYTES) {
      connection.off('data', count);
      refuseLength(socket);
    }
  };
  connection.on('data', count);
}
