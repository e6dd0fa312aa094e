import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, type ExecutionResult, GraphQLError } from 'graphql';
import { type Context, handleProtocols, makeServer, type SubscribePayload } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { composeEngine } from '../../src/compose.ts';
import type { Config } from '../../src/config.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { Payload } from '../../src/execution/payload.ts';
import type { Subscription, Subscriptions } from '../../src/execution/subscriptions.ts';
import type { Viewer } from '../../src/graphql/context.ts';
import { writeMessages } from '../../src/http/frame.ts';
import { parseOperation } from '../../src/http/operation.ts';
import { Outbox, type Wire } from '../../src/http/outbox.ts';
import { accessOf } from '../../src/http/valid-operation.ts';
import { whenTaken } from '../../src/http/when-taken.ts';
import type { GraphQLHandler } from '../../src/http/yoga.ts';
import type { Logger } from '../../src/logger.ts';

const BEAT_MS = 15_000;
const FULL_BYTES = 64 * 1024;

type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** What the library keeps of a socket for its user. */
interface Extra {
  readonly socket: WebSocket;
  readonly connection: Duplex;
  readonly authorization: string | undefined;
  viewer: Viewer | null;
}

/** What an operation needs in addition to the arguments of graphql-js. */
type Args = ExecutionArgs & { readonly extra: Extra; readonly id: string };

/**
 * The product's engine behind graphql-ws's server, in the cheapest way that the library allows. The library speaks the protocol. A subscription is an iterable
 * that yields nothing and ends with the subscription; the shared payloads bypass it as whole frames. One timer pings all sockets.
 */
export async function createLibrarySockets(config: Config, logger: Logger): Promise<Upgrade> {
  const database = await openDatabase(config, logger);
  const { findViewer, handler, subscriptions } = await composeEngine(database, config, logger);
  const library = makeServer<Record<string, unknown>, Extra>({
    onConnect: async ({ extra, connectionParams }) => {
      const sent = connectionParams?.authorization ?? extra.authorization;
      const viewer = await findViewer(typeof sent === 'string' ? sent : undefined);
      extra.viewer = viewer instanceof GraphQLError ? null : viewer;
      return extra.viewer !== null;
    },
    onSubscribe: (context, id, payload) => prepare(handler, context, id, payload),
    execute: (args) => handler.getEnveloped({}).execute(args) as Promise<ExecutionResult>,
    subscribe: (args) => push(subscriptions, args as Args),
  });
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols });
  setInterval(() => {
    for (const socket of server.clients) socket.ping();
  }, BEAT_MS).unref();
  return (request, connection, head) => {
    server.handleUpgrade(request, connection, head, (socket) => {
      const extra = { socket, connection, authorization: request.headers.authorization, viewer: null };
      const closed = library.opened(
        {
          protocol: socket.protocol,
          send: (data) => socket.send(data),
          close: (code, reason) => socket.close(code, reason),
          onMessage: (receive) => socket.on('message', (data) => void receive(String(data))),
        },
        extra,
      );
      socket.once('close', (code, reason) => void closed(code, String(reason)));
    });
  };
}

async function prepare(
  handler: GraphQLHandler,
  { extra }: Context<Record<string, unknown>, Extra>,
  id: string,
  payload: SubscribePayload,
): Promise<Args | readonly GraphQLError[]> {
  const parsed = parseOperation(handler, payload);
  return 'errors' in parsed ? parsed.errors : { ...(await parsed.prepare(extra.viewer as Viewer)), extra, id };
}

/** Joins the product's engine; returns an iterable that ends when the client or the engine ends it. */
async function push(
  subscriptions: Subscriptions,
  { extra, id, ...args }: Args,
): Promise<AsyncGenerator<ExecutionResult, void> | ExecutionResult> {
  const iterable = new Ending();
  const opened = await subscriptions.open(
    args,
    accessOf(extra.viewer as Viewer),
    new Outbox(new PastLibrary(extra, id, iterable), 'every event'),
  );
  if ('errors' in opened) return { errors: opened.errors };
  iterable.subscription = opened;
  return iterable as unknown as AsyncGenerator<ExecutionResult, void>;
}

/** Yields nothing, and ends when it is told to. */
class Ending {
  subscription: Subscription | null = null;
  #end: ((step: IteratorResult<ExecutionResult, undefined>) => void) | null = null;

  next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    return new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.subscription?.close();
    this.#end?.({ done: true, value: undefined });
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Writes payloads directly, without the library. */
class PastLibrary implements Wire {
  readonly #connection: Duplex;
  readonly #idAsJson: string;
  readonly #iterable: Ending;

  constructor({ connection }: Extra, id: string, iterable: Ending) {
    this.#connection = connection;
    this.#idAsJson = JSON.stringify(id);
    this.#iterable = iterable;
  }

  get untaken(): number {
    return this.#connection.writableLength;
  }

  whenTaken(listener: () => void): void {
    whenTaken(this.#connection, listener);
  }

  write(payload: Payload): void {
    writeMessages({ connection: this.#connection, takesDeflated: false }, this.#idAsJson, [payload]);
  }

  get isFull(): boolean {
    return this.#connection.writableLength > FULL_BYTES;
  }

  whenDrained(listener: () => void): void {
    this.#connection.once('drain', listener);
  }

  fail(): void {
    void this.#iterable.return();
  }

  complete(): void {
    void this.#iterable.return();
  }
}
