import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy to a server on this machine that can be shut, as when a network goes down. */
export interface Gate extends AsyncDisposable {
  readonly port: number;
  /** Everything that the server has sent through it so far. */
  heard(): string;
  /** Breaks all connections, and every new one, until it is opened again. */
  shut(): void;
  open(): void;
}

/** Opens a proxy to a port. */
export async function openGate(port: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isShut = false;
  let heard = '';
  const server = createServer((near) => {
    if (isShut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    far.on('data', (chunk) => {
      heard += chunk.toString('latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    heard: () => heard,
    shut: () => {
      isShut = true;
      breakAll();
    },
    open: () => {
      isShut = false;
    },
    [Symbol.asyncDispose]: async () => {
      breakAll();
      server.close();
    },
  };
}
