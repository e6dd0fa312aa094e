import { readFile } from 'node:fs/promises';
import { seedDatabase } from '../prisma/seed/seed.ts';
import { canWrite, type Probed, probeDatabase } from './changes/probe.ts';
import { startPruning } from './changes/prune.ts';
import { sendWakeUpsOver } from './changes/wake.ts';
import { composeEngine, composeTransports } from './compose.ts';
import type { Config } from './config.ts';
import { isOpenToOthers, socketPath } from './database/data-folder.ts';
import { onLane } from './database/handle.ts';
import { migrate, migrationNames, pendingMigrations } from './database/migrate.ts';
import { openDatabase } from './database/open.ts';
import { isUnavailable } from './database/unavailable.ts';
import { bringUpToDate } from './domain/editing/bring-up-to-date.ts';
import { ensureAdminKey } from './domain/keys/api-key.ts';
import { type KeyCommand, runKeyCommand } from './domain/keys/commands.ts';
import { rootMessageOf, StartupError } from './errors.ts';
import { readDashboard } from './http/dashboard.ts';
import { ANY_DOCUMENT, type Documents } from './http/documents.ts';
import { readGraphiQL } from './http/graphiql.ts';
import { takePort } from './http/listen.ts';
import { takeMetricsPort } from './http/metrics.ts';
import { judgeOrigins } from './http/origins.ts';
import { countInDatabase } from './http/shared-store.ts';
import { readOwnNames, readTrustedDocuments } from './http/trusted-documents.ts';
import { COPY, sendCopy } from './local/backup.ts';
import { answerJson, KEYS } from './local/json.ts';
import { type LocalHandler, serveLocally } from './local/socket.ts';
import type { Logger } from './logger.ts';
import { MIGRATIONS, ROOT } from './root.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { startTracing, type Tracing } from './telemetry/tracing.ts';

const DASHBOARD = new URL('dist/dashboard/', ROOT);
const GRAPHIQL = new URL('dist/graphiql/', ROOT);

const MIB = 1024 * 1024;

export interface RunningServer extends AsyncDisposable {
  readonly address: string;
  /** The admin key, on the first start only. */
  readonly newAdminKey: string | null;
  /** Resolves with a description when the server can no longer answer and has to be restarted. */
  readonly failed: Promise<string>;
}

/**
 * Opens all parts in order and serves; disposing closes them in reverse order. If a step fails, the parts opened before it are closed.
 */
export async function startServer(config: Config, logger: Logger, say: (line: string) => void): Promise<RunningServer> {
  const opened: AsyncDisposable[] = [];
  const keep = <Part extends AsyncDisposable>(part: Part): Part => {
    opened.unshift(part);
    return part;
  };
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // If one part fails to close, the others are still closed.
    for (const part of opened.splice(0))
      await Promise.resolve(part[Symbol.asyncDispose]()).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    return { ...(await open(config, logger, say, keep)), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw isUnavailable(error)
      ? new StartupError(`The database failed during the start: ${rootMessageOf(error)}`)
      : error;
  }
}

async function open(
  config: Config,
  logger: Logger,
  say: (line: string) => void,
  keep: <Part extends AsyncDisposable>(part: Part) => Part,
): Promise<Omit<RunningServer, keyof AsyncDisposable>> {
  // First, so that a start on a port in use fails at once and changes nothing.
  const origins = judgeOrigins(config.corsOrigins);
  const port = keep(await takePort(config.host, config.port, {}, origins));
  const metricsPort =
    config.metricsPort === undefined ? null : keep(await takeMetricsPort(config.metricsHost, config.metricsPort));
  const documents = await documentsOf(config);
  const tracing = config.otlpEndpoint === undefined ? null : keep(await loadTracing(logger, config.otlpEndpoint));
  const telemetry = createTelemetry(logger, tracing, await readOwnNames(DASHBOARD));
  const database = keep(await openDatabase({ ...config, meters: telemetry.meters }, logger));
  const { lanes } = database;
  const db = lanes.log;
  sendWakeUpsOver(lanes.log, lanes.write);
  // Read now: an update of the files that is not running yet says nothing about this server.
  const names = await migrationNames(MIGRATIONS);
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) say(`Applied to the database: ${applied.join(', ')}`);
  const families = await database.underLock(() => bringUpToDate(lanes.write));
  if (families > 0) say(`Worked out anew what follows from the figures, of ${families} families of subjects`);
  if (config.seed) await database.underLock(() => seedDatabase(lanes.write, { report: say }));
  // Only with the embedded database: any number of instances share a server's, and commands open that themselves.
  if (database.copy !== undefined)
    keep(
      await takeCommands(
        config.dataDir,
        {
          [COPY]: sendCopy(database.copy),
          [KEYS]: answerJson((input) => runKeyCommand(db, input as KeyCommand), logger),
        },
        logger,
      ),
    );
  const engine = keep(await composeEngine(database, { ...config, documents, telemetry }, logger));
  if (config.logKeepDays !== null) keep(startPruning(database, logger, { keepDays: config.logKeepDays }));
  // Late, because a start that fails earlier must not use up the only display of the key.
  const newAdminKey = await database.underLock(() => ensureAdminKey(db, config.adminKey));
  let probed: Probed | undefined;
  /** Both checks that need it are run at the same time. */
  let probing: Promise<Probed> | undefined;
  const probe = async (): Promise<Probed> => {
    probing ??= probeDatabase(db).finally(() => {
      probing = undefined;
    });
    probed = await probing;
    return probed;
  };
  const connections = keep(
    composeTransports(port, engine, database, {
      ...config,
      maxPerAddress: config.maxSocketsPerAddress,
      ofClient: {
        budget: config.budget,
        liveQueries: config.maxLiveQueriesPerClient,
        replays: config.replaysPerClient,
        waitingBytes: config.waitingMibPerClient * MIB,
        store:
          config.budgetStore === 'postgres' && database.side !== undefined ? countInDatabase(database.side) : undefined,
      },
      dashboard: await readDashboard(DASHBOARD, config.graphiql),
      graphiql: config.graphiql ? await readGraphiQL(GRAPHIQL) : null,
      origins,
      head: () => probed?.head ?? null,
      checks: (connections) => ({
        database: { holds: async () => (await probe()) !== null },
        // Only told: where nothing can be written, reading goes on, and no other instance could write either.
        writing: { holds: async () => canWrite(lanes, await probe()), needs: 'database', isOnlyTold: true },
        migrations: {
          holds: async () => (await pendingMigrations(onLane(database, 'log'), names)).length === 0,
          needs: 'database',
        },
        log: { holds: () => engine.changes.running, needs: 'database' },
        notStopping: { holds: () => !connections.draining },
      }),
    }),
  );
  metricsPort?.serve(connections.metrics);
  // Stops the port before the parts that answer it; the second dispose does nothing.
  keep(port);
  // Disposed first: connections are closed evenly while everything still works.
  keep({ [Symbol.asyncDispose]: () => connections.drain(config.drainSeconds * 1_000) });
  return { address: port.address, newAdminKey, failed: database.lost ?? new Promise(() => undefined) };
}

async function documentsOf({ trustedDocuments, introspection }: Config): Promise<Documents> {
  if (trustedDocuments === undefined) return ANY_DOCUMENT;
  return readTrustedDocuments({ path: trustedDocuments, dashboard: DASHBOARD, introspection });
}

/** Takes commands for an embedded database on a socket in its folder. Without the socket everything else works. */
async function takeCommands(
  dataDir: string,
  handlers: Readonly<Record<string, LocalHandler>>,
  logger: Logger,
): Promise<AsyncDisposable> {
  if (await isOpenToOthers(dataDir))
    logger.warn({ dataDir }, 'the data folder is open to other users of this machine; chmod 700 closes it');
  return serveLocally(socketPath(dataDir), handlers).catch((error: Error) => {
    logger.warn({ reason: error.message }, 'commands cannot reach this server while it runs');
    return { [Symbol.asyncDispose]: async () => undefined };
  });
}

/** Loaded here: without an address to send traces to, nothing of it is. */
async function loadTracing(logger: Logger, endpoint: string): Promise<Tracing> {
  const { version } = JSON.parse(await readFile(new URL('package.json', ROOT), 'utf8')) as { readonly version: string };
  return startTracing(logger, version, endpoint);
}
