import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Config } from '../config.ts';
import { socketPath } from '../database/data-folder.ts';
import { StartupError } from '../errors.ts';
import { COPY } from '../local/backup.ts';
import { askLocally } from '../local/socket.ts';
import type { Logger } from '../logger.ts';
import { openExisting } from './existing.ts';
import type { Output } from './output.ts';
import { dumpPostgres } from './postgres-tools.ts';
import { writeWhole } from './whole-file.ts';

export const BACKUP_USAGE = `milepost backup <file>
                   write a consistent copy of the database into a new file, also while the server runs and is written to.
                   With DATABASE_URL it runs pg_dump, which has to be installed`;

/** Makes a backup; the exit code is 2 for invalid arguments. */
export async function runBackup(
  config: Config,
  logger: Logger,
  { print, printError }: Output,
  args: readonly string[],
): Promise<number> {
  const [file] = args;
  if (args.length !== 1 || file === undefined || file === '' || file.startsWith('-')) {
    printError(`${wrongIn(args)}\n${BACKUP_USAGE}`);
    return 2;
  }
  const { databaseUrl } = config;
  const bytes = await writeWhole(file, (unfinished) =>
    databaseUrl === undefined ? copyEmbedded(config, logger, unfinished) : dumpPostgres(databaseUrl, unfinished),
  );
  print(
    `The backup is in ${file} (${(bytes / 1_000_000).toFixed(1)} MB). milepost restore verifies it while it restores it.`,
  );
  return 0;
}

function wrongIn(args: readonly string[]): string {
  const option = args.find((arg) => arg.startsWith('-'));
  if (option !== undefined) return `backup does not know "${option}".`;
  return args.length > 1 ? `backup takes one file; "${args[1]}" is too many.` : 'backup needs the name of a new file.';
}

/** The running server makes the copy, because one process at a time can have the folder open. */
async function copyEmbedded(config: Config, logger: Logger, file: string): Promise<void> {
  const write = (tar: AsyncIterable<Uint8Array>): Promise<void> =>
    pipeline(tar, createGzip({ level: 3 }), createWriteStream(file, { flags: 'r+' }));
  const running = await askLocally(socketPath(config.dataDir), COPY).catch((error: Error) => {
    throw new StartupError(`The running server cannot make a backup: ${error.message}`);
  });
  if (running !== null) {
    await write(running).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET') throw error;
      throw new StartupError('The server has ended, or given up, before the backup was complete; its log may say why.');
    });
    return;
  }
  await using database = await openExisting(config, logger);
  if (database.copy === undefined) throw new Error('This database has no files to copy.');
  await write(database.copy());
}
