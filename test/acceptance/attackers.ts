import { Agent, request } from 'node:http';
import { WebSocket } from 'ws';
import type { Product } from '../support/product.ts';
import { until } from '../support/wait.ts';

/** What an attacker got back. */
export interface Got {
  /** 0 if there was no answer. */
  readonly status: number;
  readonly body: string;
  readonly retryAfter: string | undefined;
}

/** A client without a key at an address of its own, so that its budget is its own. */
export interface Attacker extends Disposable {
  /** Sends an operation, and gives up after this many milliseconds. */
  post(body: string, patienceMs?: number): Promise<Got>;
  /** Opens a WebSocket that is ready for operations. */
  open(): Promise<WebSocket>;
}

let attackers = 0;

/** Every address of 127.0.0.0/8 is this machine; the canary has the usual one. */
export function attack({ port }: Pick<Product, 'port'>): Attacker {
  attackers += 1;
  const localAddress = `127.0.1.${attackers}`;
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const sockets: WebSocket[] = [];
  return {
    post: (body, patienceMs = 30_000) =>
      new Promise((resolve) => {
        const asked = request(
          {
            ...{ port, localAddress, agent, host: '127.0.0.1', path: '/graphql', method: 'POST' },
            headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
            signal: AbortSignal.timeout(patienceMs),
          },
          (response) => {
            let text = '';
            response.setEncoding('utf8').on('data', (chunk: string) => {
              text += chunk;
            });
            response.on('end', () =>
              resolve({ status: response.statusCode ?? 0, body: text, retryAfter: response.headers['retry-after'] }),
            );
            response.on('error', () => resolve({ status: 0, body: text, retryAfter: undefined }));
          },
        );
        asked.on('error', () => resolve({ status: 0, body: '', retryAfter: undefined }));
        asked.end(body);
      }),
    open: async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, 'graphql-transport-ws', { localAddress });
      sockets.push(socket);
      let isReady = false;
      socket.on('error', () => undefined);
      socket.on('open', () => socket.send('{"type":"connection_init"}'));
      socket.once('message', () => {
        isReady = true;
      });
      await until('the socket is ready', () => isReady);
      return socket;
    },
    [Symbol.dispose]: () => {
      agent.destroy();
      for (const socket of sockets) socket.terminate();
    },
  };
}
