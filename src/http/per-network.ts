import type { Server } from 'node:http';
import { isIPv6, type Socket } from 'node:net';

/** How many connections a client may have beside those of its subscribers. */
const FURTHER = 256;
/** How long the refusal may take to be read. */
const REFUSAL_MS = 1_000;

const BODY = JSON.stringify({
  errors: [
    {
      message: 'There are too many connections from this address. Close some, or use one for several requests.',
      extensions: { code: 'TOO_MANY_CONNECTIONS' },
    },
  ],
});
const REFUSAL = [
  'HTTP/1.1 429 Too Many Requests',
  'content-type: application/json; charset=utf-8',
  `content-length: ${Buffer.byteLength(BODY)}`,
  'access-control-allow-origin: *',
  'retry-after: 2',
  'connection: close',
  '',
  BODY,
].join('\r\n');

/**
 * Refuses connections of a network that has too many, whatever they are for: idle ones, ones that send their request slowly, and those of
 * subscribers.
 */
export function limitPerNetwork(server: Server, maxSubscribers: number): void {
  const most = maxSubscribers + FURTHER;
  const open = new Map<string, number>();
  // Node gives a connection to the server again after an upgrade that is passed over.
  const counted = new WeakSet<Socket>();
  server.prependListener('connection', (socket: Socket) => {
    if (counted.has(socket)) return;
    counted.add(socket);
    const network = networkOf(socket.remoteAddress ?? '');
    const present = open.get(network) ?? 0;
    if (present >= most) return refuse(socket);
    open.set(network, present + 1);
    socket.once('close', () => {
      const left = (open.get(network) ?? 1) - 1;
      if (left > 0) open.set(network, left);
      else open.delete(network);
    });
  });
}

function refuse(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.end(REFUSAL);
  setTimeout(() => socket.destroy(), REFUSAL_MS).unref();
}

/** An IPv4 address, or the 64 bits of an IPv6 network: whoever has one address of it has all of them. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [plain = ''] = address.split('%');
  if (!isIPv6(plain)) return address;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length - (plain.includes('.') ? 1 : 0);
  const groups = [...before, ...Array.from({ length: Math.max(0, zeros) }, () => '0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
