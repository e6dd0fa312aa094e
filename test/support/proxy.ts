import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy to a database server that can fall silent, as a network does: nothing is closed, and nothing arrives. */
export interface Proxy extends AsyncDisposable {
  /** The address of the database through the proxy. */
  readonly databaseUrl: string;
  /** Silences the connections that are open; new ones work. */
  silence(): void;
  /** Breaks open connections and refuses new ones, as if there were no server. */
  refuse(): Promise<void>;
  /** Takes new connections again. */
  accept(): Promise<void>;
  /** Silences the connection that is the next to carry a text, right after the text; resolves when the text has come. */
  silenceAfter(text: string): Promise<void>;
}

/** Opens a proxy to the server of a database's address. */
export async function openProxy(databaseUrl: string): Promise<Proxy> {
  const { hostname, port } = new URL(databaseUrl);
  const open = new Set<Socket>();
  let onData = (_near: Socket, _far: Socket, _data: Buffer): void => undefined;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy()).on('close', () => open.delete(one));
    }
    near.on('data', (data: Buffer) => onData(near, far, data));
  });
  const listen = async (at: number): Promise<void> => {
    server.listen(at, '127.0.0.1');
    await once(server, 'listening');
  };
  await listen(0);
  const { port: own } = server.address() as AddressInfo;
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${own}`;
  return {
    databaseUrl: url.href,
    silence: () => {
      for (const socket of open) socket.unpipe().pause();
    },
    refuse: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
    accept: () => listen(own),
    silenceAfter: (text) =>
      new Promise((resolve) => {
        onData = (near, far, data) => {
          if (!data.includes(text)) return;
          onData = () => undefined;
          for (const socket of [near, far]) socket.unpipe().pause();
          resolve();
        };
      }),
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}
