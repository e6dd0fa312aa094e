import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** So many requests may wait for the one before them over a connection; who sends more does not wait for answers. */
const MOST_WAITING = 100;

/** Whose turn it is over each connection. */
export interface RequestOrder {
  /**
   * Resolves when it is a request's turn, which then lasts until its response is closed; to false when the connection is over by then.
   * What one request does the next may rely on; and of a client that goes away nothing is begun whose end nobody would tell of.
   */
  take(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** Whether something is being answered over a connection. */
  has(socket: Duplex): boolean;
  /** Whether that is more than the request that is just being read. */
  isAnswering(socket: Duplex): boolean;
  /** Resolves once nothing is being answered over a connection. */
  none(socket: Duplex): Promise<void>;
}

/** The requests that are being answered over a connection, or wait for it. */
interface Line {
  length: number;
  /** Whether the last of them is not read whole yet, and nothing answered to it. */
  isLastUnread: () => boolean;
  /** Resolves with the last of them. */
  over: Promise<void>;
}

/** Has the requests that come over one connection answered one after the other. */
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
