import { createClient as createEventsClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import { type CloseEvent, WebSocket } from 'ws';
import type { Product } from '../support/product.ts';
import { deferred, soon } from '../support/wait.ts';

/** An error as a client sees it. */
export interface ClientError {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>> & { readonly code?: string };
}

/** One answer, over any transport. */
export interface Result<Data> {
  readonly data?: Data | null;
  readonly errors?: readonly ClientError[];
}

/** An answer over HTTP. */
export interface Answer<Data> extends Result<Data> {
  readonly status: number;
}

export type Variables = Readonly<Record<string, unknown>>;
type Address = Pick<Product, 'url' | 'wsUrl' | 'adminKey'>;

/** How a subscription ended. */
export type End =
  | { readonly by: 'complete' }
  | { readonly by: 'error'; readonly errors: readonly ClientError[] }
  | { readonly by: 'close'; readonly code: number; readonly reason: string }
  | { readonly by: 'broken stream'; readonly reason: string };

/** A running subscription; ended when disposed. */
export interface Watch<Data> extends AsyncDisposable {
  /** The data of the next event; fails when it has errors, or when the subscription ends before. */
  next(): Promise<Data>;
  /** How it ended, once it has. */
  readonly ended: Promise<End>;
  /** Ends it from the client's side. */
  close(): Promise<void>;
}

/** Subscribes over one transport; without waiting until the server has begun. */
export type Transport = <Data>(product: Address, document: string, variables?: Variables) => Watch<Data>;

/** The error of a refused subscription, in whatever form its transport has. */
export async function refusalOf(watch: Watch<unknown>): Promise<string> {
  const event = await watch.next().catch((error: unknown) => String(error));
  if (typeof event !== 'string') throw new Error(`It was not refused: ${JSON.stringify(event)}`);
  return event;
}

/** All transports of events. */
export const TRANSPORTS: readonly (readonly [string, Transport])[] = [
  ['WebSocket', overSocket],
  ['server-sent events', overEvents],
  ['server-sent events as graphql-sse reads them', overEventsClient],
];

/** Sends an operation with a key, or with none when it is null, and returns the whole answer. */
export async function send<Data>(
  product: Address,
  document: string,
  variables: Variables = {},
  key: string | null = product.adminKey,
): Promise<Answer<Data>> {
  const response = await fetch(new URL('/graphql', product.url), {
    method: 'POST',
    headers: { ...headersOf(key), 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query: document, variables }),
  });
  return { status: response.status, ...((await response.json()) as Result<Data>) };
}

/** Sends an operation that must succeed, and returns its data. */
export async function ask<Data>(product: Address, document: string, variables?: Variables): Promise<Data> {
  const { data, errors } = await send<Data>(product, document, variables);
  if (errors !== undefined || data == null) throw new Error(`The operation failed: ${JSON.stringify(errors)}`);
  return data;
}

/** The newest place in the log. */
export async function headOf(product: Address): Promise<string> {
  return (await ask<{ head: string }>(product, '{ head }')).head;
}

/** The entries after a place in the log, in its order, page by page; each with the fields of the selection. */
export async function readLog<Entry>(product: Address, selection: string, after: string): Promise<readonly Entry[]> {
  const { changes } = await ask<{
    changes: { nodes: Entry[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
  }>(
    product,
    `query ($after: Cursor) {
      changes(after: $after, first: 100) { nodes { ${selection} } pageInfo { endCursor hasNextPage } }
    }`,
    { after },
  );
  const { endCursor, hasNextPage } = changes.pageInfo;
  return hasNextPage ? [...changes.nodes, ...(await readLog<Entry>(product, selection, endCursor))] : changes.nodes;
}

/** A subscription over a WebSocket of its own. */
export function overSocket<Data>(product: Address, document: string, variables: Variables = {}): Watch<Data> {
  return openSocket(product).subscribe(document, variables);
}

/** A WebSocket that several subscriptions share; it is closed with the last of them. */
export interface Socket {
  subscribe<Data>(document: string, variables?: Variables): Watch<Data>;
}

/** A WebSocket of the usual client library, which does not reconnect by itself. */
export function openSocket(product: Address): Socket {
  const client = createSocketClient({
    url: product.wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${product.adminKey}` },
    retryAttempts: 0,
  });
  return {
    subscribe: <Data>(document: string, variables: Variables = {}) => {
      const inbox = openInbox<Data>(async () => unsubscribe());
      const unsubscribe = client.subscribe<Data>(
        { query: document, variables: { ...variables } },
        {
          next: (result) => inbox.receive(result as Result<Data>),
          complete: () => inbox.end({ by: 'complete' }),
          error: (reason) => {
            if (Array.isArray(reason)) inbox.end({ by: 'error', errors: reason as ClientError[] });
            else inbox.end({ by: 'close', code: (reason as CloseEvent).code, reason: (reason as CloseEvent).reason });
          },
        },
      );
      return inbox.watch;
    },
  };
}

/** A subscription over server-sent events, read as they are on the wire. */
export function overEvents<Data>(product: Address, document: string, variables: Variables = {}): Watch<Data> {
  const stop = new AbortController();
  const inbox = openInbox<Data>(async () => stop.abort());
  const read = async (): Promise<End> => {
    const response = await fetch(new URL('/graphql', product.url), {
      method: 'POST',
      headers: { ...headersOf(product.adminKey), 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: document, variables }),
      signal: stop.signal,
    });
    for await (const { event, data } of readEvents(response)) {
      if (event === 'next') inbox.receive(JSON.parse(data) as Result<Data>);
      if (event === 'complete') return { by: 'complete' };
    }
    return { by: 'broken stream', reason: 'It ended without completing.' };
  };
  read().then(
    (end) => inbox.end(end),
    (error) => inbox.end({ by: 'broken stream', reason: String(error) }),
  );
  return inbox.watch;
}

/** A subscription by the usual client library for server-sent events, in its distinct connections mode. */
function overEventsClient<Data>(product: Address, document: string, variables: Variables = {}): Watch<Data> {
  const client = createEventsClient({
    url: new URL('/graphql', product.url).href,
    headers: headersOf(product.adminKey),
    retryAttempts: 0,
  });
  const inbox = openInbox<Data>(async () => {
    unsubscribe();
    client.dispose();
  });
  const unsubscribe = client.subscribe<Data>(
    { query: document, variables: { ...variables } },
    {
      next: (result) => inbox.receive(result as Result<Data>),
      complete: () => inbox.end({ by: 'complete' }),
      error: (error) => inbox.end({ by: 'broken stream', reason: String(error) }),
    },
  );
  return inbox.watch;
}

/** One event of a stream of server-sent events. */
export interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
  readonly id: string | undefined;
  readonly retry: string | undefined;
}

/** The events of a response, in order, without comments and heartbeats. */
export async function* readEvents(response: Response): AsyncGenerator<ServerSentEvent, void, undefined> {
  if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
    throw new Error(`This is no stream of events: ${response.status} ${await response.text()}`);
  }
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end !== -1; end = text.indexOf('\n\n')) {
      const fields = parseFields(text.slice(0, end));
      text = text.slice(end + 2);
      if (fields.size > 0) {
        yield {
          event: fields.get('event') ?? 'message',
          data: fields.get('data') ?? '',
          id: fields.get('id'),
          retry: fields.get('retry'),
        };
      }
    }
  }
}

function parseFields(block: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const [, name, value] = /^([a-z]+):? ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) fields.set(name, value);
  }
  return fields;
}

function headersOf(key: string | null): Record<string, string> {
  return key === null ? {} : { authorization: `Bearer ${key}` };
}

interface Inbox<Data> {
  readonly watch: Watch<Data>;
  receive(result: Result<Data>): void;
  end(end: End): void;
}

function openInbox<Data>(close: () => Promise<void>): Inbox<Data> {
  const waiting: Result<Data>[] = [];
  let arrived = deferred();
  let end: End | undefined;
  const over = deferred();
  const next = async (): Promise<Data> => {
    while (waiting.length === 0) {
      if (end !== undefined) throw new Error(`The subscription ended: ${JSON.stringify(end)}`);
      await soon('an event', arrived.promise);
    }
    const { data, errors } = waiting.shift() as Result<Data>;
    if (errors !== undefined || data == null) throw new Error(`An event with errors: ${JSON.stringify(errors)}`);
    return data;
  };
  const signal = (): void => {
    arrived.resolve();
    arrived = deferred();
  };
  return {
    receive: (result) => {
      waiting.push(result);
      signal();
    },
    end: (how) => {
      end ??= how;
      over.resolve();
      signal();
    },
    watch: {
      next,
      ended: over.promise.then(() => end as End),
      close,
      [Symbol.asyncDispose]: close,
    },
  };
}
