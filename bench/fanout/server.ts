import { setMaxListeners } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { execute, subscribe } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import type { ChangeEntry } from '../../src/changes/log.ts';
import { placeAt, readAfter, readLogState } from '../../src/changes/log.ts';
import type { ChangeStream, Changes } from '../../src/changes/stream.ts';
import { readConfig } from '../../src/config.ts';
import { SERVING } from '../../src/database/bounds.ts';
import { openDatabase } from '../../src/database/open.ts';
import type { Context } from '../../src/graphql/context.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/logger.ts';
import { startServer } from '../../src/server.ts';
import { createLibrarySockets } from './graphql-ws.ts';
import { ADMIN_KEY, type FromServer, type Kind, type ToServer } from './settings.ts';

/** The database is opened with five lanes, of which each has a fifth of its connections. */
const LANES = 5;
const GARBAGE_OBJECTS = 5_000_000;
const GARBAGE_KEPT = 100_000;

const [kind, databaseUrl = ''] = process.argv.slice(2) as [Kind, string];
const logger = createLogger('error');
const config = readConfig({
  DATABASE_URL: databaseUrl,
  MILEPOST_SEED: 'off',
  MILEPOST_ADMIN_KEY: ADMIN_KEY,
  PORT: '0',
  MILEPOST_MAX_SOCKETS_PER_ADDRESS: '100000',
  MILEPOST_BUDGET: 'off',
});

const { url, publish } = await start();
process.on('message', (message: ToServer) => {
  if (message.type === 'publish') void publish(message);
  else void tellUsage(message.collect);
});
// The driver may have gone.
process.on('disconnect', () => process.exit());
tell({ type: 'ready', url });

type Publish = (message: ToServer & { readonly type: 'publish' }) => void | Promise<void>;

async function start(): Promise<{ readonly url: string; readonly publish: Publish }> {
  if (kind === 'milepost' || kind === 'compressed') {
    const server = await startServer(config, logger, () => undefined);
    return { url: `${server.address.replace('http', 'ws')}/graphql`, publish: () => undefined };
  }
  if (kind === 'graphql-ws')
    return { url: await listen(await createLibrarySockets(config, logger)), publish: () => undefined };
  return kind === 'raw-ws' ? startRaw() : startRecipe();
}

async function startRaw(): Promise<{ readonly url: string; readonly publish: Publish }> {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const url = await listen((request, socket, head) => sockets.handleUpgrade(request, socket, head, () => undefined));
  return {
    url,
    publish: ({ payload }) => {
      const bytes = Buffer.from(payload);
      for (const client of sockets.clients) client.send(bytes, { binary: false });
    },
  };
}

/**
 * The documented recipe: graphql-ws over ws, Yoga's pub/sub as the source, graphql-js executing for each subscriber.
 * All its work uses one lane, with as many connections as the product has in all. As with pg's own pool, work waits until a connection is free.
 */
async function startRecipe(): Promise<{ readonly url: string; readonly publish: Publish }> {
  const { client: db } = await openDatabase(
    {
      ...config,
      databaseConnections: LANES * config.databaseConnections,
      bounds: { ...SERVING, connection: 0 },
    },
    logger,
  );
  const { log } = await readLogState(db);
  // Yoga's pub/sub has a listener for each subscriber, and Node would warn about so many.
  setMaxListeners(0);
  const pubSub = createPubSub<{ change: [ChangeEntry] }>();
  const changes = { log } as unknown as Changes;
  // A new context for each subscription, and the same one for all its events, as in graphql-js.
  const context = (): Context => ({
    db,
    changes,
    viewer: { keyId: null, scope: 'READ' },
    events: pubSub.subscribe('change') as unknown as ChangeStream,
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  useServer({ schema, execute, subscribe, context }, sockets);
  const url = await listen((request, socket, head) =>
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request)),
  );
  return {
    url,
    publish: async ({ position }) => {
      const before = BigInt(position) - 1n;
      const [entry] = await readAfter(db, placeAt(await readLogState(db, [before]), before), 1);
      if (entry !== undefined) pubSub.publish('change', entry);
    },
  };
}

async function listen(upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): Promise<string> {
  const server = createServer();
  server.on('upgrade', upgrade);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function tellUsage(collect: boolean): Promise<void> {
  if (collect) await collectGarbage();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  tell({ type: 'usage', cpuMicros: user + system, rssBytes: rss, liveBytes: heapUsed + external });
}

/** Collects garbage. The engine's space for new objects grows to its full size first; otherwise that would count as growth later. */
async function collectGarbage(): Promise<void> {
  for (let pass = 0; pass < 3; pass += 1) {
    const kept: object[] = [];
    for (let count = 0; count < GARBAGE_OBJECTS; count += 1) kept[count % GARBAGE_KEPT] = { count };
    globalThis.gc?.();
    // The system gets memory back with a delay.
    await sleep(200);
  }
}

function tell(message: FromServer): void {
  process.send?.(message);
}
