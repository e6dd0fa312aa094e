import { WebSocket } from 'ws';
import type { Product } from '../support/product.ts';
import { type Result, readEvents, type Variables } from './clients.ts';

/** How a socket may end, by the code it is closed with. */
const ENDINGS: ReadonlyMap<number, Ending> = new Map([
  [1006, 'broken'],
  [1012, 'restart'],
]);

/** What is asked for over a connection. */
export interface Wish {
  readonly document: string;
  readonly variables: Variables;
  /** Resumes here instead of where the variables say; for streams only. */
  readonly lastEventId?: string;
}

/** How a connection ended: it broke, or the server closed it for a restart. A stream does not tell them apart. */
export type Ending = 'broken' | 'restart' | 'broken or restart';

/**
 * Receives what is pushed over one connection until it ends: by the signal, after which nothing is received, or by the end of the server.
 * That an event took too long is such an end too: it says where to go on. Fails when the server pushes any other error, completes the
 * subscription, or refuses it.
 */
export type Read = <Data>(
  product: Product,
  wish: Wish,
  cut: AbortSignal,
  receive: (data: Data) => void,
) => Promise<Ending>;

/** Reads over a WebSocket; the signal destroys it without a close. */
export const readSocket: Read = async (product, { document, variables }, cut, receive) => {
  const socket = new WebSocket(product.wsUrl, 'graphql-transport-ws');
  const say = (message: object): void => socket.send(JSON.stringify(message));
  const wrong: string[] = [];
  cut.addEventListener('abort', () => socket.terminate());
  // The close after it is enough.
  socket.on('error', () => undefined);
  socket.on('open', () => say({ type: 'connection_init', payload: { authorization: `Bearer ${product.adminKey}` } }));
  socket.on('message', (data) => {
    const { type, payload } = JSON.parse(String(data));
    if (cut.aborted) return;
    if (type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: { query: document, variables } });
    else if (type === 'next' && payload.errors === undefined) receive(payload.data);
    else if (type === 'error' && tookTooLong(payload)) socket.terminate();
    else {
      wrong.push(String(data));
      socket.terminate();
    }
  });
  const code = await new Promise<number>((resolve) => socket.once('close', resolve));
  const ending = ENDINGS.get(code);
  if (ending === undefined) wrong.push(`It was closed with ${code}.`);
  if (ending === undefined || wrong.length > 0) throw new Error(wrong.join(' '));
  return ending;
};

/** Reads server-sent events; the signal destroys their connection. */
export const readStream: Read = async (product, { document, variables, lastEventId }, cut, receive) => {
  const address = new URL('/graphql', product.url);
  address.searchParams.set('query', document);
  address.searchParams.set('variables', JSON.stringify(variables));
  const headers = {
    accept: 'text/event-stream',
    ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
  };
  // No server was there, or the connection was cut already.
  const response = await fetch(address, { headers, signal: cut }).catch(() => null);
  if (response === null) return 'broken';
  if (!response.ok) throw new Error(`It was refused with ${response.status}: ${await response.text()}`);
  const events = readEvents(response);
  for (;;) {
    // A broken stream looks like one that the server ends without completing it.
    const { value } = await events.next().catch(() => ({ value: undefined }));
    if (value === undefined || cut.aborted) return 'broken or restart';
    if (value.event === 'complete') throw new Error('The server says that nothing more will come.');
    if (value.event !== 'next') continue;
    const { data, errors } = JSON.parse(value.data) as Result<never>;
    if (tookTooLong(errors)) return 'broken';
    if (data == null || errors !== undefined) throw new Error(value.data);
    receive(data);
  }
};

function tookTooLong(errors: Result<never>['errors']): boolean {
  const [error] = errors ?? [];
  return error?.extensions?.code === 'TIMED_OUT' && typeof error.extensions.lastCursor === 'string';
}
