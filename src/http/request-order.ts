import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Maximum number of requests that wait for an earlier one on the same connection. A client with more is cut off. */
const MOST_WAITING = 100;
/** Maximum size of their heads: Node keeps them, and has no limit of its own but that of each. */
const MOST_WAITING_BYTES = 256 * 1024;

/** The order of requests on each connection. */
export interface RequestOrder {
  /**
   * Resolves with true when it is the request's turn, which lasts until its response is closed; with false when the connection is gone by
   * then.
   * So a request may rely on the effects of the one before, and no request of a client that has left is begun.
   */
  take(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Whether a connection has requests that are not answered yet. */
  has(socket: Duplex): boolean;
  /** The same, without a request that is still being read. */
  isAnswering(socket: Duplex): boolean;
  /** Resolves when all requests of a connection are answered. */
  none(socket: Duplex): Promise<void>;
}

/** The requests of a connection that are not answered yet. */
interface Line {
  length: number;
  /** The size of the heads of those that wait. */
  bytes: number;
  /** Whether the only request is answered without an end, so that another would wait for ever. */
  isEndless: () => boolean;
  /** Whether the last request is not fully read and not answered yet. */
  isLastUnread: () => boolean;
  /** Resolves when the last request is answered. */
  over: Promise<void>;
}

const lines = new WeakMap<Duplex, Line>();

/**
 * Notes that the answer to a request has no end until the server ends it. Clients do not send requests behind it, and proxies use other connections for them, so one
 * that does is cut off: reading no more would be as good, but then it would not be noticed when the client leaves.
 */
export function streamTo({ socket }: IncomingMessage, response: ServerResponse): void {
  const line = lines.get(socket);
  if (line === undefined) return;
  if (line.length > 1) socket.destroy();
  // One that has ended is only on its way to the client.
  line.isEndless = () => !response.writableEnded;
}

/** Answers the requests of each connection one after the other. */
export function keepRequestOrder(): RequestOrder {
  return {
    take: async (request, response) => {
      const { socket } = request;
      const line = lines.get(socket) ?? newLine();
      const bytes = line.length === 0 ? 0 : sizeOf(request);
      line.bytes += bytes;
      if (line.isEndless() || line.length > MOST_WAITING || line.bytes > MOST_WAITING_BYTES) socket.destroy();
      if (socket.destroyed) return false;
      lines.set(socket, line);
      const { over: before } = line;
      line.length += 1;
      line.isLastUnread = () => !request.complete && !response.headersSent;
      line.over = new Promise((resolve) => {
        response.once('close', () => {
          line.length -= 1;
          if (line.length === 0) lines.delete(socket);
          resolve();
        });
      });
      await before;
      line.bytes -= bytes;
      return socket.writable;
    },
    has: (socket) => lines.has(socket),
    isAnswering: (socket) => {
      const line = lines.get(socket);
      return line !== undefined && line.length > (line.isLastUnread() ? 1 : 0);
    },
    none: async (socket) => lines.get(socket)?.over,
  };
}

function newLine(): Line {
  return { length: 0, bytes: 0, isEndless: () => false, isLastUnread: () => false, over: Promise.resolve() };
}

/** The size of a request's head, in characters. */
function sizeOf({ url = '', rawHeaders }: IncomingMessage): number {
  return rawHeaders.reduce((size, text) => size + text.length, url.length);
}
