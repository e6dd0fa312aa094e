import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { GraphQLError } from 'graphql';
import { networkOf } from './network.ts';
import type { Origins } from './origins.ts';
import { refuseRaw } from './raw-answer.ts';

/** How many connections a client may have beside those of its subscribers. */
const FURTHER = 256;
const TOO_MANY = new GraphQLError(
  'There are too many connections from this address. Close some, or use one for several requests.',
  { extensions: { code: 'TOO_MANY_CONNECTIONS' } },
);

/**
 * Refuses connections of a network that has too many, whatever they are for: idle ones, ones that send their request slowly, and those of
 * subscribers.
 */
export function limitPerNetwork(server: Server, maxSubscribers: number, origins: Origins): void {
  const most = maxSubscribers + FURTHER;
  const open = new Map<string, number>();
  // Node gives a connection to the server again after an upgrade that is passed over.
  const counted = new WeakSet<Socket>();
  server.prependListener('connection', (socket: Socket) => {
    if (counted.has(socket)) return;
    counted.add(socket);
    const network = networkOf(socket.remoteAddress ?? '');
    const present = open.get(network) ?? 0;
    if (present >= most) return refuseRaw(socket, 429, TOO_MANY, origins, { 'retry-after': '2' });
    open.set(network, present + 1);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}
