import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { StartupError } from '../errors.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { PrismaClient } from './generated/client.ts';
import type { Database, MigrationSession } from './handle.ts';
import { oneAtATime } from './in-line.ts';

/** A transaction on the only connection holds all others up, so waiting long is normal under a burst of writes. */
const TRANSACTION = { maxWait: 30_000, timeout: 60_000 };

/** Opens the embedded database in a data folder, which only one process may have open. */
export async function openEmbedded(dataDir: string): Promise<Database> {
  await mkdir(dataDir, { recursive: true }).catch((error: Error) => {
    throw new StartupError(`The data folder cannot be made; choose another with MILEPOST_DATA_DIR. ${error.message}`);
  });
  const lock = await lockDataFolder(dataDir);
  const pglite = await PGlite.create({ dataDir: join(dataDir, 'db') }).catch(async (error: unknown) => {
    await lock[Symbol.asyncDispose]();
    throw error;
  });
  // Prisma's adapters read every timestamp as UTC, whatever the session's zone.
  await pglite.exec(`set time zone 'UTC'`);
  const client = new PrismaClient({ adapter: new PrismaPGlite(pglite), transactionOptions: TRANSACTION });
  // There is one connection, and so one line for all; queries never stand in it with more than one statement.
  const read = new PrismaClient({ adapter: oneAtATime(new PrismaPGlite(pglite)), transactionOptions: TRANSACTION });
  return {
    backend: 'embedded',
    lanes: { push: client, write: client, read },
    client,
    listen: async (channel, onWake) => {
      const unlisten = await pglite.listen(channel, onWake);
      return { [Symbol.asyncDispose]: () => unlisten() };
    },
    // The data folder's lock keeps other processes out already.
    underLock: (work) => work(),
    exclusively: (work) =>
      pglite.transaction((transaction) => {
        const session: MigrationSession = {
          query: async <Row>(sql: string, values: readonly unknown[] = []) =>
            (await transaction.query<Row>(sql, [...values])).rows,
          script: async (sql) => {
            await transaction.exec(sql);
          },
        };
        return work(session);
      }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([client.$disconnect(), read.$disconnect()]);
      await pglite.close();
      await lock[Symbol.asyncDispose]();
    },
  };
}
