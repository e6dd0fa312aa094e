import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { type Extra, useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { PrismaClient } from '../database/generated/client.ts';
import type { Viewer } from '../graphql/context.ts';
import { findViewer } from './viewer.ts';
import type { createGraphQLHandler } from './yoga.ts';

/** ws itself would take 100 MiB; 1,000 figures are a few hundred KiB. */
const MAX_FRAME_BYTES = 2 * 1024 * 1024;
const PING_MS = 12_000;
const INIT_TIMEOUT_MS = 3_000;
/** "Service restart": clients come back by themselves. */
const RESTART = 1012;

type Handler = ReturnType<typeof createGraphQLHandler>;
type Prepared = ExecutionArgs & Pick<ReturnType<Handler['getEnveloped']>, 'execute' | 'subscribe'>;

export interface GraphQLSockets extends AsyncDisposable {
  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** GraphQL over WebSocket by the graphql-transport-ws protocol; the key comes in connection_init. */
export function createSockets(handler: Handler, db: PrismaClient): GraphQLSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    handleProtocols: (protocols) => protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) && GRAPHQL_TRANSPORT_WS_PROTOCOL,
  });
  const viewers = new WeakMap<object, Viewer>();
  const disposable = useServer<{ authorization?: unknown }, Extra & Record<PropertyKey, unknown>>(
    {
      connectionInitWaitTimeout: INIT_TIMEOUT_MS,
      onConnect: async ({ connectionParams, extra }) => {
        const sent = connectionParams?.authorization ?? extra.request.headers.authorization;
        const viewer = await findViewer(db, typeof sent === 'string' ? sent : undefined);
        // False closes with 4403: unlike 4401 clients come back from it, with a new key if they have one.
        if (viewer === null) return false;
        viewers.set(extra, viewer);
        return true;
      },
      onSubscribe: async ({ extra }, _id, payload) => {
        const viewer = viewers.get(extra) as Viewer;
        const { schema, execute, subscribe, contextFactory, parse, validate } = handler.getEnveloped({
          viewer,
          params: payload,
        });
        const document = parse(payload.query);
        const errors = validate(schema, document);
        if (errors.length > 0) return errors;
        const prepared: Prepared = {
          schema,
          document,
          operationName: payload.operationName,
          variableValues: payload.variables,
          contextValue: await contextFactory(),
          execute,
          subscribe,
        };
        return prepared;
      },
      execute: (args) => (args as Prepared).execute(args),
      subscribe: async (args) => breaksAsError(await (args as Prepared).subscribe(args)),
    },
    server,
    PING_MS,
  );
  return {
    upgrade: (request, socket, head) => {
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request));
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of server.clients) client.close(RESTART, 'The server restarts');
      await disposable.dispose();
    },
  };
}

/**
 * The protocol ends a subscription that could not begin, or broke, with a message of the type `error`; that is what a throwing stream is sent as.
 * Not a generator: its return() would wait for a pending next(), and so for the next event.
 */
function breaksAsError(
  subscribed: ExecutionResult | AsyncIterable<ExecutionResult>,
): AsyncGenerator<ExecutionResult, undefined, undefined> {
  const results = (Symbol.asyncIterator in subscribed ? subscribed : once(subscribed))[Symbol.asyncIterator]();
  const end = async (): Promise<IteratorResult<ExecutionResult, undefined>> => {
    await results.return?.();
    return { done: true, value: undefined };
  };
  const stream: AsyncGenerator<ExecutionResult, undefined, undefined> = {
    next: async () => {
      const step = await results.next();
      if (step.done === true) return { done: true, value: undefined };
      const [error] = step.value.errors ?? [];
      if (error !== undefined && step.value.data === undefined) throw error;
      return step;
    },
    return: end,
    throw: end,
    [Symbol.asyncIterator]: () => stream,
    [Symbol.asyncDispose]: async () => void (await end()),
  };
  return stream;
}

async function* once<T>(value: T): AsyncGenerator<T, void, undefined> {
  yield value;
}
