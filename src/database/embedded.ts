import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import { type Meters, NO_METERS } from '../meters.ts';
import { cancelApart } from './cancel.ts';
import { copyOnline } from './copy.ts';
import { type DataFolder, holdsDatabase, placeDatabase, refuseFolder, takeDataFolder } from './data-folder.ts';
import { PrismaClient } from './generated/client.ts';
import type { Database, MigrationSession } from './handle.ts';
import { startMaintenance } from './maintenance.ts';
import { metered } from './metered.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { numberTransactions } from './open-transactions.ts';
import { type Engine, EngineRefused, startEngine } from './pglite.ts';
import { PGliteAdapter } from './pglite-adapter.ts';
import { withShortcut } from './read-json.ts';

/** A transaction on the only connection blocks all others, so long waits are normal during a burst of writes. */
const TRANSACTION = { maxWait: 30_000, timeout: 60_000 };
/** Postgres' error codes for missing or damaged files. */
const BROKEN = /^(58|XX)/;

export interface EmbeddedOptions {
  readonly sync?: boolean | undefined;
  readonly create?: boolean | undefined;
  readonly meters?: Meters | undefined;
}

/**
 * Opens the embedded database in a data folder, which only one process can open. Throws a StartupError if the folder cannot be used.
 * With `sync`, as always outside of tests, a write is acknowledged when it is on the disk. Without `create` no new database is created.
 */
export async function openEmbedded(
  dataDir: string,
  { sync = true, create = true, meters = NO_METERS }: EmbeddedOptions = {},
): Promise<Database> {
  const folder = await takeDataFolder(dataDir, create);
  try {
    return await openFolder(folder, sync, meters);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Opens the database in a folder that this process has taken, and disposes the folder with it. */
export async function openFolder(folder: DataFolder, sync: boolean, meters: Meters = NO_METERS): Promise<Database> {
  if (!(await holdsDatabase(folder))) {
    await placeDatabase(folder, async (path) => (await start(folder, path, sync)).close());
  }
  const { pglite, crashed, close } = await start(folder, folder.database, sync);
  // Prisma's adapters read every timestamp as UTC, whatever the time zone of the session.
  await pglite.exec(`set time zone 'UTC'`);
  const maintenance = startMaintenance(pglite);
  const openOn = (factory: SqlDriverAdapterFactory, lane: string): PrismaClient => {
    const adapter = numberTransactions(metered(factory, lane, meters));
    return withShortcut(cancelApart(new PrismaClient({ adapter, transactionOptions: TRANSACTION })), adapter);
  };
  const client = openOn(new PGliteAdapter(pglite), 'shared');
  // All lanes share the only connection. Queries and live queries have at most one statement each waiting for it.
  const read = openOn(oneAtATime(new PGliteAdapter(pglite)), 'read');
  const live = openOn(oneAtATime(new PGliteAdapter(pglite)), 'live');
  return {
    backend: 'embedded',
    lanes: { log: client, push: client, live, write: client, read },
    client,
    lost: crashed.then(
      (reason) =>
        `The embedded database in ${folder.path} has stopped: ${reason}. What was acknowledged is on the disk.`,
    ),
    copy: copyOnline(pglite, folder.database, maintenance).copy,
    listen: async (channel, onWake) => {
      const unlisten = await pglite.listen(channel, onWake);
      // After a crash there are no more notifications.
      return { [Symbol.asyncDispose]: () => unlisten().catch(() => undefined) };
    },
    // The lock of the data folder already keeps other processes out.
    underLock: (work) => work(),
    exclusively: (work) =>
      pglite
        .transaction((transaction) => {
          const session: MigrationSession = {
            query: async <Row>(sql: string, values: readonly unknown[] = []) =>
              (await transaction.query<Row>(sql, [...values])).rows,
            script: async (sql) => {
              await transaction.exec(sql);
            },
          };
          return work(session);
        })
        .catch((error: Error & { readonly code?: string }) => {
          throw BROKEN.test(error.code ?? '') ? refuseFolder(folder.path, error.message) : error;
        }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client, read, live].map((each) => each.$disconnect()));
      await maintenance[Symbol.asyncDispose]();
      await close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function start(folder: DataFolder, path: string, sync: boolean): Promise<Engine> {
  try {
    return await startEngine(path, sync);
  } catch (error) {
    throw error instanceof EngineRefused ? refuseFolder(folder.path, error.message) : error;
  }
}
