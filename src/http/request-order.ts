import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Maximum number of requests that wait for an earlier one on the same connection. A client with more is cut off. */
const MOST_WAITING = 100;

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
  /** Whether the last request is not fully read and not answered yet. */
  isLastUnread: () => boolean;
  /** Resolves when the last request is answered. */
  over: Promise<void>;
}

/** Answers the requests of each connection one after the other. */
export function keepRequestOrder(): RequestOrder {
  const lines = new WeakMap<Duplex, Line>();
  return {
    take: async (request, response) => {
      const { socket } = request;
      const line = lines.get(socket) ?? { length: 0, isLastUnread: () => false, over: Promise.resolve() };
      if (line.length > MOST_WAITING) socket.destroy();
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
