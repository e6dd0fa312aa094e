import { readdir, readFile } from 'node:fs/promises';
import { seedDatabase } from '../prisma/seed/seed.ts';
import { startPruning } from './changes/prune.ts';
import { openChanges } from './changes/stream.ts';
import { startTail } from './changes/tail.ts';
import { sendWakeUpsOver } from './changes/wake.ts';
import type { Config } from './config.ts';
import { onLane } from './database/handle.ts';
import { migrate, pendingMigrations } from './database/migrate.ts';
import { openDatabase } from './database/open.ts';
import { isUnavailable } from './database/unavailable.ts';
import { ensureAdminKey } from './domain/api-key.ts';
import { rootMessageOf, StartupError } from './errors.ts';
import { limitQueries } from './execution/admission.ts';
import { executeOn } from './execution/execute.ts';
import { createSubscriptions } from './execution/subscriptions.ts';
import { readNotes } from './graphql/read-notes.ts';
import { trackConnections } from './http/connections.ts';
import { serveEndpoint } from './http/endpoint.ts';
import { createErrorPolicy } from './http/error-policy.ts';
import { createGraphiQLPage } from './http/graphiql.ts';
import { INDEX_PAGE } from './http/index-page.ts';
import { takePort } from './http/listen.ts';
import { serveHttp } from './http/server.ts';
import { createViewerFinder } from './http/viewer.ts';
import { createSockets } from './http/websocket.ts';
import { createGraphQLHandler } from './http/yoga.ts';
import type { Logger } from './logger.ts';
import { MIGRATIONS, ROOT } from './root.ts';

const OPERATIONS = new URL('schema/operations/', ROOT);

export interface RunningServer extends AsyncDisposable {
  readonly address: string;
  /** The admin key, on the very first start only. */
  readonly newAdminKey: string | null;
  /** Resolves, with what happened in words, once the server can answer nothing any more and has to be started anew. */
  readonly failed: Promise<string>;
}

/** Opens everything in order and serves; disposing closes it in the reverse order. A step that fails closes what was opened before it. */
export async function startServer(config: Config, logger: Logger, say: (line: string) => void): Promise<RunningServer> {
  const opened: AsyncDisposable[] = [];
  const keep = <Part extends AsyncDisposable>(part: Part): Part => {
    opened.unshift(part);
    return part;
  };
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // One that fails leaves the others no less to be closed.
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
  // First of all: a start on a port that is taken is told so at once, and changes nothing.
  const port = keep(await takePort(config.host, config.port));
  const database = keep(await openDatabase(config, logger));
  const { lanes } = database;
  const following = onLane(database, 'log');
  const db = lanes.log;
  sendWakeUpsOver(lanes.log, lanes.write);
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) say(`Applied to the database: ${applied.join(', ')}`);
  if (config.seed) await database.underLock(() => seedDatabase(lanes.write, { report: say }));
  const tail = keep(await startTail(following, logger));
  const changes = openChanges(lanes, tail);
  const errors = createErrorPolicy(logger);
  const findViewer = createViewerFinder(db);
  const handler = createGraphQLHandler({
    context: { db: lanes.push, changes },
    execute: executeOn(lanes, limitQueries(config.queriesAtOnce)),
    logger,
  });
  const graphiql = createGraphiQLPage(await readOperations());
  const subscriptions = createSubscriptions(changes, { errors, notes: readNotes, liveDb: lanes.live });
  const connections = keep(
    trackConnections(db, { maxPerAddress: config.maxSocketsPerAddress, trustProxy: config.trustProxy }),
  );
  const push = { handler, findViewer, subscriptions, connections, errors, head: () => changes.head(), graphiql };
  if (config.logKeepDays !== null) keep(startPruning(database, logger, { keepDays: config.logKeepDays }));
  // A start that fails before must not use up the one time that a key is shown.
  const newAdminKey = await database.underLock(() => ensureAdminKey(db, config.adminKey));
  serveHttp(port, {
    graphql: (request, response) => serveEndpoint(request, response, push),
    upgrade: createSockets({ ...push, maxSubscriptionsPerSocket: config.maxSubscriptionsPerSocket }),
    page: INDEX_PAGE,
    checks: {
      database: { holds: async () => (await db.$queryRaw<unknown[]>`/* ping */ select 1`).length === 1 },
      migrations: {
        holds: async () => (await pendingMigrations(following, MIGRATIONS)).length === 0,
        needs: 'database',
      },
      log: { holds: () => changes.running, needs: 'database' },
      notStopping: { holds: () => !connections.draining },
    },
    maskError: errors.mask,
  });
  // Before what answers it is closed; the second time does nothing.
  keep(port);
  // Disposed first: whoever is pushed to leaves, evenly, while everything still works.
  keep({ [Symbol.asyncDispose]: () => connections.drain(config.drainSeconds * 1_000) });
  return { address: port.address, newAdminKey, failed: database.lost ?? new Promise(() => undefined) };
}

async function readOperations(): Promise<readonly string[]> {
  const names = (await readdir(OPERATIONS)).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(names.map((name) => readFile(new URL(name, OPERATIONS), 'utf8')));
}
