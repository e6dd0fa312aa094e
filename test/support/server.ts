import { randomBytes } from 'node:crypto';
import { composeEngine, composeTransports } from '../../src/compose.ts';
import type { KeyScope, PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { hashKey } from '../../src/domain/keys/api-key.ts';
import type { Subscriptions } from '../../src/execution/subscriptions.ts';
import type { ClientLimits } from '../../src/http/clients.ts';
import type { Connections } from '../../src/http/connections.ts';
import { readDashboard } from '../../src/http/dashboard.ts';
import { ANY_DOCUMENT, type Documents } from '../../src/http/documents.ts';
import { readGraphiQL } from '../../src/http/graphiql.ts';
import { type PortTimes, takePort } from '../../src/http/listen.ts';
import { type AllowedOrigins, judgeOrigins } from '../../src/http/origins.ts';
import { createLogger, type Logger } from '../../src/logger.ts';
import { openSeededDatabase, openTestDatabase } from './database.ts';

/** More than any test blocks at once. */
const QUERIES_AT_ONCE = 32;

const UNBOUNDED: ClientLimits = { budget: null, liveQueries: 10_000, replays: 1_000, waitingBytes: 1024 ** 3 };

export interface TestServerOptions extends PortTimes {
  /** What each client may have and spend; more than any test needs if not given. */
  readonly ofClient?: Partial<ClientLimits>;
  readonly trustProxy?: boolean;
  /** With the seed facts; without any rows if not given. */
  readonly seeded?: boolean;
  readonly logger?: Logger;
  readonly maxSubscriptionsPerSocket?: number;
  readonly maxPerAddress?: number;
  /** How long a query may take; a minute if not given. */
  readonly deadlineSeconds?: number;
  /** How long a new subscription waits during temporary errors. */
  readonly maxWaitMs?: number;
  /** Who reads; everyone if not given. */
  readonly readAccess?: 'public' | 'key';
  /** The interval of WebSocket pings. */
  readonly heartbeatMs?: number;
  /** The pages that may use the API; all if not given. */
  readonly corsOrigins?: AllowedOrigins;
  /** These are on if not given. */
  readonly graphiql?: boolean;
  readonly introspection?: boolean;
  readonly suggestions?: boolean;
  /** Which documents are executed; any if not given. */
  readonly documents?: Documents;
}

/** The pushing part of the product in this process, with a database and a port of its own. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly wsUrl: string;
  readonly database: Database;
  readonly db: PrismaClient;
  readonly subscriptions: Subscriptions;
  readonly connections: Connections;
  /** The metrics, as text. */
  readonly metrics: () => Promise<string>;
  readonly head: () => Promise<string>;
  /** Makes a key and returns its number and text. */
  createKey(scopes: readonly KeyScope[], expiresAt?: Date): Promise<{ readonly id: number; readonly key: string }>;
}

export async function openServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { seeded = false, logger = createLogger('silent') } = options;
  const place = await (seeded ? openSeededDatabase() : openTestDatabase());
  const { database } = place;
  const db = database.lanes.log;
  const { maxWaitMs, heartbeatMs, documents = ANY_DOCUMENT, introspection = true, suggestions = true } = options;
  const origins = judgeOrigins(options.corsOrigins ?? '*');
  const engine = await composeEngine(
    database,
    {
      queriesAtOnce: QUERIES_AT_ONCE,
      answerCacheMib: 64,
      maxCost: 10_000,
      deadlineSeconds: options.deadlineSeconds ?? 60,
      readAccess: options.readAccess ?? 'public',
      maxWaitMs,
      documents,
      introspection,
      suggestions,
    },
    logger,
  );
  const port = await takePort('127.0.0.1', 0, options, origins);
  const connections = composeTransports(port, engine, database, {
    maxPerAddress: options.maxPerAddress ?? 5_000,
    trustProxy: options.trustProxy ?? false,
    ofClient: { ...UNBOUNDED, ...options.ofClient },
    maxSubscriptionsPerSocket: options.maxSubscriptionsPerSocket ?? 100,
    dashboard: await readDashboard(new URL('../../dist/dashboard/', import.meta.url), options.graphiql),
    graphiql: options.graphiql === false ? null : await readGraphiQL(new URL('../../dist/graphiql/', import.meta.url)),
    origins,
    checks: () => ({}),
    maxWaitMs,
    heartbeatMs,
  });
  const url = `${port.address}/graphql`;
  return {
    url,
    wsUrl: url.replace('http', 'ws'),
    database,
    db,
    subscriptions: engine.subscriptions,
    connections,
    metrics: async () => (await connections.metrics()).text,
    head: () => engine.changes.head(),
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
      await engine[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}
