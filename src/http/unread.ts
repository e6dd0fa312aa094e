import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A client that takes none of its waiting data for this long is cut off.
 * The system reports progress only when a third of its own buffer is free again, which has up to 4 MiB on Linux. So a client that reads
 * 48 KiB a second is always noticed.
 */
const UNREAD_MS = 30_000;
/** Number of checks without progress before the cut. If this process itself stood still, that counts as one check only. */
const CHECKS = 6;

/**
 * Internals of Node's socket handle. The public API reports a write only after the whole of it was taken, and an answer of any size is
 * one write.
 */
interface Handle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** The bytes taken by the system at the first check, and the number of checks without progress since. */
interface Unread {
  readonly taken: number | undefined;
  times: number;
}

/**
 * Cuts off clients that do not read, with any protocol, even if they go on sending. Otherwise their data would stay in memory for ever.
 */
export function cutOffUnread(server: Server, unreadMs = UNREAD_MS): void {
  const connections = new Set<Socket>();
  const unread = new WeakMap<Socket, Unread>();
  // One function for all connections, because there are many thousands.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  const check = (socket: Socket): void => {
    if (socket.writableLength === 0) return void unread.delete(socket);
    const taken = takenOf(socket);
    const found = unread.get(socket);
    if (found === undefined || found.taken !== taken) return void unread.set(socket, { taken, times: 0 });
    found.times += 1;
    // Without a reset the system would keep its buffer and go on sending it.
    if (found.times >= CHECKS) socket.resetAndDestroy();
  };
  server.on('connection', (socket) => connections.add(socket.on('close', forget)));
  const timer = setInterval(() => connections.forEach(check), unreadMs / CHECKS);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

/** The number of bytes that the system has taken. */
function takenOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle: Handle | null };
  return handle === null ? undefined : handle.bytesWritten - handle.writeQueueSize;
}
