import { lastWritten } from './changes/log.ts';
import { type Changes, openChanges } from './changes/stream.ts';
import { startTail } from './changes/tail.ts';
import { cancelWith } from './database/cancel.ts';
import { type Database, onLane } from './database/handle.ts';
import { limitQueries } from './execution/admission.ts';
import { executeOn } from './execution/execute.ts';
import { keepAnswers } from './execution/hot-answers.ts';
import { limitLifetimes } from './execution/lifetime.ts';
import type { ErrorPolicy } from './execution/payload.ts';
import { createSubscriptions, type Subscriptions } from './execution/subscriptions.ts';
import { readNotes } from './graphql/read-notes.ts';
import { serveBadge } from './http/badge.ts';
import type { FileAt } from './http/built-files.ts';
import { boundClients, type ClientLimits } from './http/clients.ts';
import { type ConnectionLimits, type Connections, trackConnections } from './http/connections.ts';
import { ANY_DOCUMENT, type Documents } from './http/documents.ts';
import { serveEndpoint } from './http/endpoint.ts';
import { createErrorPolicy } from './http/error-policy.ts';
import type { GraphiQL } from './http/graphiql.ts';
import type { Checks } from './http/health.ts';
import { type KeyUses, recordKeyUses } from './http/key-uses.ts';
import type { Port } from './http/listen.ts';
import { ANY_ORIGIN, type Origins } from './http/origins.ts';
import { serveHttp } from './http/server.ts';
import { createViewerFinder, type FindViewer } from './http/viewer.ts';
import { createSockets } from './http/websocket.ts';
import { createGraphQLHandler, type GraphQLHandler } from './http/yoga.ts';
import type { Logger } from './logger.ts';

const MIB = 1024 * 1024;

/** The parts that execute operations and push events, without the transports. */
export interface Engine extends AsyncDisposable {
  readonly changes: Changes;
  readonly errors: ErrorPolicy;
  readonly findViewer: FindViewer;
  readonly keyUses: KeyUses;
  /** Whether also reading needs a key. */
  readonly readsNeedKey: boolean;
  readonly handler: GraphQLHandler;
  readonly subscriptions: Subscriptions;
}

export interface EngineOptions {
  readonly queriesAtOnce: number;
  /** Memory for the answers of queries, in MiB; none are kept with 0. */
  readonly answerCacheMib: number;
  readonly maxCost: number;
  /** How long a query may take, in seconds. */
  readonly deadlineSeconds: number;
  /** Which documents are executed; any if not given. */
  readonly documents?: Documents;
  /** Both are on if not given. */
  readonly introspection?: boolean;
  readonly suggestions?: boolean;
  /** Who reads: everyone, or who has a key. */
  readonly readAccess: 'public' | 'key';
  /** How long a new subscriber waits during an outage of the database, in milliseconds; the default of subscriptions if not given. */
  readonly maxWaitMs?: number | undefined;
}

/** Builds the engine on an open database, and follows its log until disposed. */
export async function composeEngine(database: Database, options: EngineOptions, logger: Logger): Promise<Engine> {
  const { queriesAtOnce, answerCacheMib, maxCost, deadlineSeconds, readAccess, maxWaitMs } = options;
  const readsNeedKey = readAccess === 'key';
  const { documents = ANY_DOCUMENT, introspection = true, suggestions = true } = options;
  const { lanes } = database;
  const tail = await startTail(onLane(database, 'log'), logger);
  const changes = openChanges(lanes, tail);
  const errors = createErrorPolicy(logger);
  const lifetimes = limitLifetimes(deadlineSeconds, cancelWith);
  const admission = { light: limitQueries(queriesAtOnce), heavy: limitQueries(Math.ceil(queriesAtOnce / 2)) };
  const execute = executeOn(lanes, { admission, lifetimes, notes: readNotes });
  const hot = keepAnswers({
    changes,
    notes: readNotes,
    written: () => lastWritten(Object.values(lanes), changes.log),
    maxBytes: answerCacheMib * MIB,
  });
  const keyUses = recordKeyUses(lanes.log);
  return {
    changes,
    errors,
    findViewer: createViewerFinder(lanes.log, { readsNeedKey, noteUse: keyUses.note }),
    keyUses,
    readsNeedKey,
    handler: createGraphQLHandler({
      context: { db: lanes.push, changes },
      execute,
      errors,
      hot,
      maxCost,
      documents,
      introspection,
      suggestions,
    }),
    subscriptions: createSubscriptions(changes, { errors, notes: readNotes, lifetimes, liveDb: lanes.live, maxWaitMs }),
    [Symbol.asyncDispose]: async () => {
      await lifetimes[Symbol.asyncDispose]();
      await keyUses[Symbol.asyncDispose]();
      await tail[Symbol.asyncDispose]();
    },
  };
}

export interface TransportOptions extends ConnectionLimits {
  /** What each client may have and spend. */
  readonly ofClient: ClientLimits;
  readonly maxSubscriptionsPerSocket: number;
  /** The files of the dashboard, which is at `/`. */
  readonly dashboard: FileAt;
  /** GraphiQL, which is at `/graphql`; null if it is switched off. */
  readonly graphiql: GraphiQL | null;
  /** The pages that may use the API; all if not given. */
  readonly origins?: Origins;
  readonly maxWaitMs?: number | undefined;
  /** Interval between heartbeats of WebSockets, in milliseconds; the default of sockets if not given. */
  readonly heartbeatMs?: number | undefined;
  /** The checks of readiness. */
  checks(connections: Connections): Checks;
}

/** Serves an engine on a port over HTTP, server-sent events and WebSocket. Disposing the connections stops their key checks. */
export function composeTransports(
  port: Port,
  { changes, ...engine }: Engine,
  database: Database,
  options: TransportOptions,
): Connections {
  const connections = trackConnections(database.lanes.log, options, engine.keyUses.note);
  const { dashboard, graphiql, origins = ANY_ORIGIN, maxSubscriptionsPerSocket, maxWaitMs, heartbeatMs } = options;
  const push = {
    ...engine,
    connections,
    clients: boundClients(options.ofClient),
    origins,
    head: () => changes.head(),
    graphiql: graphiql === null ? null : graphiql.page,
  };
  serveHttp(port, {
    graphql: (request, response) => serveEndpoint(request, response, push),
    upgrade: createSockets({ ...push, maxSubscriptionsPerSocket, maxWaitMs, heartbeatMs }),
    badge: (request, response, path) => serveBadge(request, response, path, push),
    files: (path) => dashboard(path) ?? graphiql?.fileAt(path) ?? null,
    origins,
    checks: options.checks(connections),
    maskError: engine.errors.mask,
    maxPerNetwork: options.trustProxy ? null : options.maxPerAddress,
  });
  return connections;
}
