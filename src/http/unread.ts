import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * A client that takes nothing for so long of what waits for it is cut off. That something is taken shows only when a third of the system's own buffer
 * is free again, which on Linux is of up to 4 MiB: who reads 48 KiB a second is always seen.
 */
const UNREAD_MS = 30_000;
/** It has to be found so often in that time: a process that stood still itself finds it once. */
const LOOKS = 6;

/** What Node knows of a connection. All that is public tells of a write only once it was taken whole, and an answer of any size is one write. */
interface Handle {
  readonly bytesWritten: number;
  readonly writeQueueSize: number;
}

/** What the system had taken of a connection when something was found waiting, and how often it was found so. */
interface Unread {
  readonly taken: number | undefined;
  times: number;
}

/** Cuts off whoever does not read, whatever is spoken over the connection, and whatever the client goes on sending: what waits for it would be kept for ever. */
export function cutOffUnread(server: Server, unreadMs = UNREAD_MS): void {
  const connections = new Set<Socket>();
  const unread = new WeakMap<Socket, Unread>();
  // One function for all connections, of which there are many thousands.
  function forget(this: Socket): void {
    connections.delete(this);
  }
  const look = (socket: Socket): void => {
    if (socket.writableLength === 0) return void unread.delete(socket);
    const taken = takenOf(socket);
    const found = unread.get(socket);
    if (found === undefined || found.taken !== taken) return void unread.set(socket, { taken, times: 0 });
    found.times += 1;
    // Without a reset the system would still keep what it has taken, and offer it.
    if (found.times >= LOOKS) socket.resetAndDestroy();
  };
  server.on('connection', (socket) => connections.add(socket.on('close', forget)));
  const timer = setInterval(() => connections.forEach(look), unreadMs / LOOKS);
  timer.unref();
  server.once('close', () => clearInterval(timer));
}

/** How many bytes the system has taken. */
function takenOf(socket: Socket): number | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle: Handle | null };
  return handle === null ? undefined : handle.bytesWritten - handle.writeQueueSize;
}
