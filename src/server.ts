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
import { ensureAdminKey } from './domain/api-key.ts';
import { limitQueries } from './execution/admission.ts';
import { executeOn } from './execution/execute.ts';
import { createSubscriptions } from './execution/subscriptions.ts';
import { readNotes } from './graphql/read-notes.ts';
import { trackConnections } from './http/connections.ts';
import { serveEndpoint } from './http/endpoint.ts';
import { createErrorPolicy } from './http/error-policy.ts';
import { createGraphiQLPage } from './http/graphiql.ts';
import { INDEX_PAGE } from './http/index-page.ts';
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
}

/** Opens everything in order and serves; disposing closes it in the reverse order. A step that fails closes what was opened before it. */
export async function startServer(config: Config, logger: Logger, say: (line: string) => void): Promise<RunningServer> {
  const opened: AsyncDisposable[] = [];
  const keep = <Part extends AsyncDisposable>(part: Part): Part => {
    opened.unshift(part);
    return part;
  };
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0)) await part[Symbol.asyncDispose]();
  };
  try {
    const { address, newAdminKey } = await open(config, logger, say, keep);
    return { address, newAdminKey, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function open(
  config: Config,
  logger: Logger,
  say: (line: string) => void,
  keep: <Part extends AsyncDisposable>(part: Part) => Part,
): Promise<{ readonly address: string; readonly newAdminKey: string | null }> {
  const database = keep(await openDatabase(config, logger));
  const { lanes } = database;
  const pushing = onLane(database, 'push');
  const db = lanes.push;
  sendWakeUpsOver(lanes.push, lanes.write);
  const applied = await migrate(database, MIGRATIONS);
  if (applied.length > 0) say(`Applied to the database: ${applied.join(', ')}`);
  if (config.seed) await database.underLock(() => seedDatabase(lanes.write, { report: say }));
  const tail = keep(await startTail(pushing, logger));
  const changes = openChanges(db, tail);
  const errors = createErrorPolicy(logger);
  const findViewer = createViewerFinder(db);
  const handler = createGraphQLHandler({
    context: { db, changes },
    execute: executeOn(lanes, limitQueries(config.queriesAtOnce)),
    logger,
  });
  const graphiql = createGraphiQLPage(await readOperations());
  const subscriptions = createSubscriptions(changes, { errors, notes: readNotes });
  const connections = keep(
    trackConnections(db, { maxPerAddress: config.maxSocketsPerAddress, trustProxy: config.trustProxy }),
  );
  const push = { handler, findViewer, subscriptions, connections, errors, head: () => changes.head(), graphiql };
  const http = keep(
    await serveHttp({
      host: config.host,
      port: config.port,
      graphql: (request, response) => serveEndpoint(request, response, push),
      upgrade: createSockets({ ...push, maxSubscriptionsPerSocket: config.maxSubscriptionsPerSocket }),
      page: INDEX_PAGE,
      checks: {
        database: async () => (await db.$queryRaw<unknown[]>`/* ping */ select 1`).length === 1,
        migrations: async () => (await pendingMigrations(pushing, MIGRATIONS)).length === 0,
        log: () => changes.running,
        notStopping: () => !connections.draining,
      },
      maskError: errors.mask,
    }),
  );
  if (config.logKeepDays !== null) keep(startPruning(database, logger, { keepDays: config.logKeepDays }));
  // Last of all: a start that fails before, on a port that is taken, must not use up the one time that a key is shown.
  const newAdminKey = await database.underLock(() => ensureAdminKey(db, config.adminKey));
  // Disposed first: whoever is pushed to leaves, evenly, while everything still works.
  keep({ [Symbol.asyncDispose]: () => connections.drain(config.drainSeconds * 1_000) });
  return { address: http.address, newAdminKey };
}

async function readOperations(): Promise<readonly string[]> {
  const names = (await readdir(OPERATIONS)).filter((name) => name.endsWith('.graphql')).sort();
  return Promise.all(names.map((name) => readFile(new URL(name, OPERATIONS), 'utf8')));
}
