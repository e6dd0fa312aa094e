import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type RawData, type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { ClientSocket } from './client-socket.ts';
import { shareQuestions } from './share-questions.ts';
import { receive, type SocketOptions } from './socket-protocol.ts';

/** What is read of a client at most before it is acknowledged, the upgrade's headers included. */
const MAX_UNINITIALISED_BYTES = 64 * 1024;
const INIT_TIMEOUT_MS = 3_000;
/** Each socket is pinged once in so many seconds. A client that has not answered one ping when the next is due is gone: after 30 s at the latest. */
const BEATS = 15;
const BEAT_MS = 1_000;
/** A client that the ping has not come to, because it reads slowly, has so many rounds more: what the system has taken for it, up to some MiB, it may still have before it. */
const SLOW_BEATS = 6;
/** What a ping says, and its answer repeats; that a client can write pongs unasked does not show that it reads. */
const PING = randomBytes(8);

const SETTINGS: ServerOptions<typeof ClientSocket> & { readonly closeTimeout: number } = {
  noServer: true,
  clientTracking: false,
  WebSocket: ClientSocket,
  // ws itself would take 100 MiB; 1,000 figures are a few hundred KiB.
  maxPayload: 2 * 1024 * 1024,
  // Each piece of a message that has not come whole takes some hundred bytes, however small it is; over the slowest network it has 500.
  maxBufferedChunks: 8 * 1024,
  maxFragments: 1024,
  perMessageDeflate: false,
  // Whoever does not answer a close is cut off after so many milliseconds.
  closeTimeout: 5_000,
  handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
};

/** Takes over a connection that asks to become a WebSocket. */
export type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/**
 * GraphQL over WebSocket by the graphql-transport-ws protocol; the key comes in connection_init.
 * The messages are read and written by graphql-ws; its server is not used, because a socket takes twice as much memory there (bench/README.md).
 */
export function createSockets(given: SocketOptions): Upgrade {
  const { connections, beatMs = BEAT_MS } = given;
  const askHead = shareQuestions(async (askers: readonly 'now'[]) => {
    const head = await given.head();
    return askers.map(() => head);
  });
  const options = { ...given, head: () => askHead('now') };
  const server = new WebSocketServer(SETTINGS);
  const sockets = new Set<ClientSocket>();
  let opened = 0;
  let heart: NodeJS.Timeout | undefined;
  let beat = 0;

  const startBeating = (): void => {
    heart ??= setInterval(() => {
      beat = (beat + 1) % BEATS;
      for (const socket of sockets) if (socket.beatAt === beat) ping(socket);
    }, beatMs);
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
    socket.held = null;
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
      boundUninitialised(socket);
      sockets.add(socket);
      startBeating();
      socket.on('message', onMessage).on('pong', onPong).on('close', onClose);
    });
  };
}

function ping(socket: ClientSocket): void {
  if (!socket.isOpen) return;
  if (socket.beatsLeft === null) {
    socket.beatsLeft = 0;
    socket.ping(PING);
    return;
  }
  // It may wait behind what the client reads slowly; or its answer lies unread, because the server is at as much of this client's as it may be.
  if (socket.connection.writableLength > 0 || socket.held !== null) socket.beatsLeft = SLOW_BEATS;
  else if (socket.beatsLeft > 0) socket.beatsLeft -= 1;
  else socket.terminate();
}

function onPong(this: WebSocket, said: Buffer): void {
  if (said.equals(PING)) (this as ClientSocket).beatsLeft = null;
}

function ignore(): void {
  // Of a message that is too large or broken ws tells the client itself.
}

function closeUninitialised(socket: ClientSocket): void {
  socket.shut(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
}

/** Nobody who is not acknowledged has the server keep, or answer, more than a little. */
function boundUninitialised(socket: ClientSocket): void {
  const connection = socket.connection as Socket;
  const count = (): void => {
    if (socket.viewer !== null) connection.off('data', count);
    else if (connection.bytesRead > MAX_UNINITIALISED_BYTES) {
      connection.off('data', count);
      socket.shut(CloseCode.BadRequest, 'Too much before connection_init');
    }
  };
  connection.on('data', count);
}
