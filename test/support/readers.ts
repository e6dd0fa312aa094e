import { type IncomingMessage, request } from 'node:http';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

/** What one subscription of one reader has received. */
export interface Reader<Data> {
  readonly results: readonly Result<Data>[];
  /** The error that it got instead of a result, if any. */
  readonly error: () => unknown;
  /** Whether the server completed it. */
  readonly ended: () => boolean;
  /** How its connection was closed: the WebSocket's code, or 0 for a stream, which has none; undefined while it is open. */
  readonly closed: () => number | undefined;
  /** Stops reading until resume() is called. */
  pause(): void;
  resume(): void;
  stop(): void;
}

export interface Result<Data> {
  readonly data?: Data;
  readonly errors?: readonly { readonly extensions?: Record<string, unknown> }[];
  /** Of a live query whose reader asked for differences. */
  readonly patch?: readonly unknown[];
  readonly revision?: number;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

export interface ReaderOptions {
  readonly variables?: Record<string, unknown>;
  readonly key?: string;
  /** The parameter of this name. */
  readonly extensions?: Record<string, unknown>;
}

/** Subscribes over a connection of its own, at the address of the WebSockets. */
export type Subscribe = <Data = Record<string, unknown>>(
  wsUrl: string,
  query: string,
  options?: ReaderOptions,
) => Reader<Data>;

/** What tests push to readers that stop reading is so much alike that it would fit into the network's buffers when compressed. */
class PlainSocket extends WebSocket {
  constructor(address: string, protocols: string) {
    super(address, protocols, { perMessageDeflate: false });
  }
}

/** Subscribes with the graphql-ws client. */
export const subscribe: Subscribe = <Data>(
  wsUrl: string,
  query: string,
  { variables, key, extensions }: ReaderOptions = {},
) => {
  const results: Result<Data>[] = [];
  let socket: WebSocket | undefined;
  let error: unknown;
  let ended = false;
  let closed: number | undefined;
  const client = createClient({
    url: wsUrl,
    webSocketImpl: PlainSocket,
    retryAttempts: 0,
    connectionParams: key === undefined ? {} : { authorization: `Bearer ${key}` },
    on: {
      opened: (opened) => (socket = opened as WebSocket),
      closed: (event) => (closed = (event as { code: number }).code),
    },
  });
  client.subscribe<Data>(
    { query, ...(variables === undefined ? {} : { variables }), ...(extensions === undefined ? {} : { extensions }) },
    {
      next: (result) => void results.push(result as Result<Data>),
      error: (reason) => {
        error = reason;
        ended = true;
      },
      complete: () => {
        ended = true;
      },
    },
  );
  return {
    results,
    error: () => error,
    ended: () => ended,
    closed: () => closed,
    pause: () => socket?.pause(),
    resume: () => socket?.resume(),
    stop: () => void client.dispose(),
  };
};

/** Reads server-sent events as they are on the wire. */
export const subscribeToEvents: Subscribe = <Data>(
  wsUrl: string,
  query: string,
  { variables, key, extensions }: ReaderOptions = {},
) => {
  const results: Result<Data>[] = [];
  let error: unknown;
  let ended = false;
  let closed: number | undefined;
  const take = (event: string): void => {
    const data = event.slice(event.indexOf('data: ') + 'data: '.length);
    if (event.includes('event: complete')) ended = true;
    else if (event.includes('event: next')) {
      const result = JSON.parse(data) as Result<Data>;
      // When nothing could be executed, data is missing and not null.
      if ('data' in result || 'patch' in result) results.push(result);
      else error = result.errors;
    }
  };
  const close = (): void => {
    closed = 0;
  };
  const headers = {
    accept: 'text/event-stream',
    'content-type': 'application/json',
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
  };
  const sent = request(wsUrl.replace(/^ws/, 'http'), { method: 'POST', agent: false, headers });
  let stream: IncomingMessage | undefined;
  let isPaused = false;
  sent.once('response', (response) => {
    stream = response;
    if (isPaused) response.pause();
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => {
      const events = `${text}${chunk}`.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) take(event);
    });
    // Every end comes here; a broken connection is expected.
    response.on('error', () => undefined).once('close', close);
  });
  sent.on('error', close).end(JSON.stringify({ query, variables, extensions }));
  return {
    results,
    error: () => error,
    ended: () => ended,
    closed: () => closed,
    pause: () => {
      isPaused = true;
      stream?.pause();
    },
    resume: () => {
      isPaused = false;
      stream?.resume();
    },
    stop: () => void sent.destroy(),
  };
};

/** All transports of events. */
export const WAYS: readonly (readonly [string, Subscribe])[] = [
  ['WebSocket', subscribe],
  ['server-sent events', subscribeToEvents],
];
