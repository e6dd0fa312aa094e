import { type DataFolder, holdsDatabase, placeDatabase, refuseFolder, takeDataFolder } from './data-folder.ts';
import { PrismaClient } from './generated/client.ts';
import type { Database, MigrationSession } from './handle.ts';
import { oneAtATime } from './in-line.ts';
import { type Engine, EngineRefused, startEngine } from './pglite.ts';
import { PGliteAdapter } from './pglite-adapter.ts';
import { keepUp } from './upkeep.ts';

/** A transaction on the only connection holds all others up, so waiting long is normal under a burst of writes. */
const TRANSACTION = { maxWait: 30_000, timeout: 60_000 };
/** Postgres' codes for files that are missing or hold what they should not. */
const BROKEN = /^(58|XX)/;

/**
 * Opens the embedded database in a data folder, which only one process may have open; a StartupError tells what is wrong with the folder.
 * With `sync`, as always but in tests, a write is acknowledged when it is on the disk. Without `create` nothing is made where there is no database.
 */
export async function openEmbedded(
  dataDir: string,
  { sync = true, create = true }: { readonly sync?: boolean | undefined; readonly create?: boolean | undefined } = {},
): Promise<Database> {
  const folder = await takeDataFolder(dataDir, create);
  try {
    return await openIn(folder, sync);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function openIn(folder: DataFolder, sync: boolean): Promise<Database> {
  if (!(await holdsDatabase(folder))) {
    await placeDatabase(folder, async (path) => (await start(folder, path, sync)).close());
  }
  const { pglite, crashed, close } = await start(folder, folder.database, sync);
  // Prisma's adapters read every timestamp as UTC, whatever the session's zone.
  await pglite.exec(`set time zone 'UTC'`);
  const upkeep = keepUp(pglite);
  const client = new PrismaClient({ adapter: new PGliteAdapter(pglite), transactionOptions: TRANSACTION });
  // There is one connection, and so one line for all; neither queries nor live queries ever stand in it with more than one statement.
  const openModest = () =>
    new PrismaClient({ adapter: oneAtATime(new PGliteAdapter(pglite)), transactionOptions: TRANSACTION });
  const read = openModest();
  const live = openModest();
  return {
    backend: 'embedded',
    lanes: { log: client, push: client, live, write: client, read },
    client,
    lost: crashed.then(
      (reason) =>
        `The embedded database in ${folder.path} has stopped: ${reason}. What was acknowledged is on the disk.`,
    ),
    listen: async (channel, onWake) => {
      const unlisten = await pglite.listen(channel, onWake);
      // One that has stopped notifies nobody any more.
      return { [Symbol.asyncDispose]: () => unlisten().catch(() => undefined) };
    },
    // The data folder's lock keeps other processes out already.
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
      await upkeep[Symbol.asyncDispose]();
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
