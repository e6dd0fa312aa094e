import { randomBytes } from 'node:crypto';
import { openChanges } from '../../src/changes/stream.ts';
import { startTail } from '../../src/changes/tail.ts';
import type { KeyScope, PrismaClient } from '../../src/database/generated/client.ts';
import { type Database, onLane } from '../../src/database/handle.ts';
import { hashKey } from '../../src/domain/api-key.ts';
import { limitQueries } from '../../src/execution/admission.ts';
import { executeOn } from '../../src/execution/execute.ts';
import { createSubscriptions, type Subscriptions } from '../../src/execution/subscriptions.ts';
import { readNotes } from '../../src/graphql/read-notes.ts';
import { type Connections, trackConnections } from '../../src/http/connections.ts';
import { serveEndpoint } from '../../src/http/endpoint.ts';
import { createErrorPolicy } from '../../src/http/error-policy.ts';
import { createGraphiQLPage } from '../../src/http/graphiql.ts';
import { takePort } from '../../src/http/listen.ts';
import { serveHttp } from '../../src/http/server.ts';
import { createViewerFinder } from '../../src/http/viewer.ts';
import { createSockets } from '../../src/http/websocket.ts';
import { createGraphQLHandler } from '../../src/http/yoga.ts';
import { createLogger, type Logger } from '../../src/logger.ts';
import { openSeededDatabase, openTestDatabase } from './database.ts';

/** More than any test holds up at once. */
const QUERIES_AT_ONCE = 32;

export interface TestServerOptions {
  /** With the seed facts; without any rows if not given. */
  readonly seeded?: boolean;
  readonly logger?: Logger;
  readonly maxSubscriptionsPerSocket?: number;
  readonly maxPerAddress?: number;
  /** How long whoever subscribes in the midst of trouble waits. */
  readonly patienceMs?: number;
  /** After how long a client is cut off that takes nothing of what waits for it. */
  readonly unreadMs?: number;
  /** Between two beats of the heart that pings WebSockets. */
  readonly beatMs?: number;
}

/** The pushing part of the product in this process, on a database of the test's own and a port of its own. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  readonly database: Database;
  readonly db: PrismaClient;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  readonly head: () => Promise<string>;
  /** Makes a key and returns its number and text. */
  createKey(scopes: readonly KeyScope[], expiresAt?: Date): Promise<{ readonly id: number; readonly key: string }>;
}

export async function openServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { seeded = false, logger = createLogger('silent') } = options;
  const place = await (seeded ? openSeededDatabase() : openTestDatabase());
  const { lanes } = place.database;
  const db = lanes.log;
  const tail = await startTail(onLane(place.database, 'log'), logger);
  const changes = openChanges(lanes, tail);
  const findViewer = createViewerFinder(db);
  const execute = executeOn(lanes, limitQueries(QUERIES_AT_ONCE));
  const handler = createGraphQLHandler({ context: { db: lanes.push, changes }, execute, logger });
  const errors = createErrorPolicy(logger);
  const subscriptions = createSubscriptions(changes, {
    errors,
    notes: readNotes,
    liveDb: lanes.live,
    ...(options.patienceMs === undefined ? {} : { patienceMs: options.patienceMs }),
  });
  const connections = trackConnections(db, { maxPerAddress: options.maxPerAddress ?? 5_000, trustProxy: false });
  const push = {
    handler,
    findViewer,
    subscriptions,
    connections,
    errors,
    head: () => changes.head(),
    graphiql: createGraphiQLPage([]),
  };
  const port = await takePort('127.0.0.1', 0, options.unreadMs);
  serveHttp(port, {
    graphql: (request, response) => serveEndpoint(request, response, push),
    upgrade: createSockets({
      ...push,
      maxSubscriptionsPerSocket: options.maxSubscriptionsPerSocket ?? 100,
      patienceMs: options.patienceMs,
      ...(options.beatMs === undefined ? {} : { beatMs: options.beatMs }),
    }),
    page: '',
    checks: {},
    maskError: errors.mask,
  });
  const url = `${port.address}/graphql`;
  return {
    url,
    wsUrl: url.replace('http', 'ws'),
    database: place.database,
    db,
    subscriptions,
    connections,
    head: () => changes.head(),
    createKey: async (scopes, expiresAt) => {
      const key = `mp_${randomBytes(24).toString('base64url')}`;
      const { id } = await db.apiKey.create({
        data: {
          label: 'test',
          hash: hashKey(key),
          scopes: [...scopes],
          ...(expiresAt === undefined ? {} : { expiresAt }),
        },
      });
      return { id, key };
    },
    [Symbol.asyncDispose]: async () => {
      await connections.drain(50);
      await port[Symbol.asyncDispose]();
      await connections[Symbol.asyncDispose]();
      await tail[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}
