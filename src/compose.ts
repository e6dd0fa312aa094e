import { type Changes, openChanges } from './changes/stream.ts';
import { startTail, type Tail } from './changes/tail.ts';
import { lastWritten } from './changes/write.ts';
import { cancelWith, shareWork } from './database/cancel.ts';
import { type Database, onLane } from './database/handle.ts';
import { limitQueries } from './execution/admission.ts';
import { type Admissions, executeOn } from './execution/execute.ts';
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
import { type Checks, createReadiness, type Report } from './http/health.ts';
import { type KeyUses, recordKeyUses } from './http/key-uses.ts';
import type { Port } from './http/listen.ts';
import { type ReadMetrics, serveMetrics } from './http/metrics.ts';
import { ANY_ORIGIN, type Origins } from './http/origins.ts';
import { serveHttp } from './http/server.ts';
import { createViewerFinder, createViewerRecheck, type FindViewer, type RecheckViewer } from './http/viewer.ts';
import { createSockets } from './http/websocket.ts';
import { createGraphQLHandler, type GraphQLHandler } from './http/yoga.ts';
import type { Logger } from './logger.ts';
import { createExposition } from './telemetry/exposition.ts';
import { gaugesOf } from './telemetry/gauges.ts';
import { createTelemetry, type Telemetry } from './telemetry/telemetry.ts';

const MIB = 1024 * 1024;

/** The parts that execute operations and push events, without the transports. */
export interface Engine extends AsyncDisposable {
  readonly changes: Changes;
  readonly errors: ErrorPolicy;
  readonly findViewer: FindViewer;
  readonly recheckViewer: RecheckViewer;
  readonly keyUses: KeyUses;
  /** Whether also reading needs a key. */
  readonly readsNeedKey: boolean;
  readonly handler: GraphQLHandler;
  readonly subscriptions: Subscriptions;
  readonly tail: Tail;
  readonly admission: Admissions;
  readonly telemetry: Telemetry;
  readonly logger: Logger;
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
  /** Counts what happens; a new one if not given. */
  readonly telemetry?: Telemetry;
}

/** Builds the engine on an open database, and follows its log until disposed. */
export async function composeEngine(database: Database, options: EngineOptions, logger: Logger): Promise<Engine> {
  const { queriesAtOnce, answerCacheMib, maxCost, deadlineSeconds, readAccess, maxWaitMs } = options;
  const readsNeedKey = readAccess === 'key';
  const { documents = ANY_DOCUMENT, introspection = true, suggestions = true } = options;
  const { lanes } = database;
  const { telemetry = createTelemetry(logger, null) } = options;
  const { meters } = telemetry;
  const tail = await startTail(onLane(database, 'log'), logger);
  const changes = openChanges(lanes, tail);
  const errors = createErrorPolicy(logger);
  const lifetimes = limitLifetimes(deadlineSeconds, cancelWith);
  const admission: Admissions = {
    light: limitQueries(queriesAtOnce, { meters }),
    heavy: limitQueries(Math.ceil(queriesAtOnce / 2), { meters }),
  };
  const execute = executeOn(lanes, { admission, lifetimes, notes: readNotes, meters });
  const hot = keepAnswers({
    changes,
    notes: readNotes,
    written: () => lastWritten(Object.values(lanes), changes.log),
    maxBytes: answerCacheMib * MIB,
    noteSame: (requestId, sameAs) => logger.error({ requestId, sameAs }, 'the same unexpected error'),
  });
  const keyUses = recordKeyUses(lanes.log);
  return {
    changes,
    errors,
    findViewer: createViewerFinder(lanes.log, { readsNeedKey, noteUse: keyUses.note }),
    recheckViewer: createViewerRecheck(lanes.log),
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
    subscriptions: createSubscriptions(changes, {
      errors,
      notes: readNotes,
      lifetimes,
      share: shareWork,
      liveDb: lanes.live,
      maxWaitMs,
      meters,
    }),
    tail,
    admission,
    telemetry,
    logger,
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
  /** The position of the last entry in the log, as the checks found it; null if they do not look. */
  readonly head?: () => number | null;
}

/** All that serves clients. */
export interface Transports extends Connections {
  readonly metrics: ReadMetrics;
}

/** Serves an engine on a port over HTTP, server-sent events and WebSocket. Disposing the connections stops their key checks. */
export function composeTransports(
  port: Port,
  { changes, ...engine }: Engine,
  database: Database,
  options: TransportOptions,
): Transports {
  const connections = trackConnections(database.lanes.log, options, engine.keyUses.note);
  const { telemetry, logger, handler, findViewer } = engine;
  const askReadiness = createReadiness(options.checks(connections));
  let report: Report | null = null;
  const readiness = async (): Promise<Report> => {
    report = await askReadiness();
    return report;
  };
  const { head = () => null } = options;
  const parts = { ...engine, hot: handler.hot, connections, database, report: () => report, head };
  const metrics = createExposition([...telemetry.metrics, ...gaugesOf(parts)], readiness);
  const { dashboard, graphiql, origins = ANY_ORIGIN } = options;
  const { maxSubscriptionsPerSocket, maxWaitMs, heartbeatMs, trustProxy } = options;
  const push = {
    ...engine,
    connections,
    clients: boundClients(options.ofClient),
    origins,
    head: () => changes.head(),
    graphiql: graphiql === null ? null : graphiql.page,
    meters: telemetry.meters,
  };
  serveHttp(port, {
    graphql: async (request, response) => serveEndpoint(request, response, push),
    upgrade: createSockets({ ...push, maxSubscriptionsPerSocket, maxWaitMs, heartbeatMs, trustProxy }),
    badge: (request, response, path) => serveBadge(request, response, path, push),
    files: (path) => dashboard(path) ?? graphiql?.fileAt(path) ?? null,
    origins,
    metrics: (request, response) => serveMetrics(request, response, { read: metrics, findViewer }),
    readiness,
    logger,
    trustProxy,
    maskError: engine.errors.mask,
    maxPerNetwork: trustProxy ? null : options.maxPerAddress,
  });
  return Object.assign(connections, { metrics });
}
