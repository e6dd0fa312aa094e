import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Config } from '../config.ts';
import { VERIFYING } from '../database/bounds.ts';
import type { Database } from '../database/handle.ts';
import { migrate } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { restoreEmbedded } from '../database/restore.ts';
import { bringUpToDate } from '../domain/editing/bring-up-to-date.ts';
import { StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { MIGRATIONS } from '../root.ts';
import type { Output } from './output.ts';
import { loadPostgres } from './postgres-tools.ts';
import { printValidKeys } from './valid-keys.ts';
import { printVerification } from './verify.ts';

export const RESTORE_USAGE = `milepost restore <file> [--force] [--repair]
                   make the database from a backup, bring it up to this version and verify it before it takes its place;
                   says which keys are valid in it.
                   The embedded one: no server may run; --force keeps a present database under another name, in the same
                   folder. With DATABASE_URL: the database has to be empty, and pg_restore installed.
                   --repair works out anew what is derived, where that differs`;

/** What files begin with: gzip's mark, and that of pg_dump. */
const GZIP = Buffer.from([0x1f, 0x8b]);
const DUMP = Buffer.from('PGDMP');
const OPTIONS: readonly string[] = ['--force', '--repair'];

/** Restores a backup; the exit code is 2 for invalid arguments. */
export async function runRestore(
  config: Config,
  logger: Logger,
  output: Output,
  args: readonly string[],
): Promise<number> {
  const [file, ...more] = [...args].sort((a, b) => Number(a.startsWith('-')) - Number(b.startsWith('-')));
  if (file === undefined || file.startsWith('-') || more.some((option) => !OPTIONS.includes(option))) {
    const option = args.find((arg) => arg.startsWith('-') && !OPTIONS.includes(arg));
    const wrong =
      option !== undefined
        ? `restore does not know "${option}".`
        : file === undefined || file.startsWith('-')
          ? 'restore needs the file of a backup.'
          : `restore takes one file; "${more.find((arg) => !arg.startsWith('-'))}" is too many.`;
    output.printError(`${wrong}\n${RESTORE_USAGE}`);
    return 2;
  }
  const replace = more.includes('--force');
  const check = async (database: Database): Promise<void> => {
    const applied = await migrate(database, MIGRATIONS);
    if (applied.length > 0) output.print(`Applied to the database: ${applied.join(', ')}`);
    await bringUpToDate(database.client);
    if ((await printVerification(database, output, more.includes('--repair'))) !== 'differs')
      return printValidKeys(database, output);
    throw new StartupError(
      `The backup does not verify. What is derived can be worked out anew with --repair. ${config.databaseUrl === undefined ? 'Nothing was changed.' : 'The database of DATABASE_URL has its tables; remove that database before you try again.'}`,
    );
  };
  const kind = await kindOf(file);
  if (config.databaseUrl !== undefined) {
    if (kind !== 'dump')
      throw new StartupError(
        `${file} is no backup of a Postgres server. Unset DATABASE_URL to restore an embedded database.`,
      );
    if (replace)
      throw new StartupError(
        'With DATABASE_URL there is no --force: create an empty database beside the present one, and name it.',
      );
    await restoreInto(config, config.databaseUrl, logger, file, check);
    output.print('Restored. Start the server.');
    return 0;
  }
  if (kind !== 'gzip')
    throw new StartupError(
      `${file} is no backup of an embedded database. For one of a Postgres server set DATABASE_URL.`,
    );
  const tar = pipeline(createReadStream(file), createGunzip(), () => undefined);
  const aside = await restoreEmbedded(config.dataDir, { tar, replace, check });
  output.print(
    aside === null
      ? `Restored into ${config.dataDir}. Start the server.`
      : `Restored into ${config.dataDir}; the database before it is ${aside} there, and can be removed. Start the server.`,
  );
  return 0;
}

async function kindOf(file: string): Promise<'gzip' | 'dump' | undefined> {
  const opened = await open(file, 'r').catch((error: Error) => {
    throw new StartupError(`The backup cannot be read: ${error.message}`);
  });
  try {
    const { buffer, bytesRead } = await opened.read(Buffer.alloc(DUMP.length), 0, DUMP.length, 0);
    if (buffer.subarray(0, bytesRead).equals(DUMP)) return 'dump';
    return buffer.subarray(0, GZIP.length).equals(GZIP) ? 'gzip' : undefined;
  } catch (error) {
    throw new StartupError(`The backup cannot be read: ${(error as Error).message}`);
  } finally {
    await opened.close();
  }
}

async function restoreInto(
  config: Config,
  databaseUrl: string,
  logger: Logger,
  file: string,
  check: (database: Database) => Promise<void>,
): Promise<void> {
  await using database = await openDatabase({ ...config, bounds: VERIFYING }, logger);
  const found = await database.client.$queryRaw<{ name: string }[]>`
    /* anyTable */
    select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') limit 1`;
  if (found[0] !== undefined) {
    throw new StartupError(
      `The database of DATABASE_URL is not empty: it has the table ${found[0].name}. Create another beside it (createdb), name that with DATABASE_URL, and repeat this.`,
    );
  }
  await loadPostgres(databaseUrl, file);
  // A dump has no statistics, without which large databases are read slowly.
  await database.client.$executeRaw`/* analyze */ analyze`;
  await check(database);
}
