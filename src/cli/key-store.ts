import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { DataFolderInUse, socketPath } from '../database/data-folder.ts';
import { type KeyCommand, type KeyReport, runKeyCommand } from '../domain/keys/commands.ts';
import { StartupError } from '../errors.ts';
import { askJson, KEYS } from '../local/json.ts';
import type { Logger } from '../logger.ts';
import { openExisting } from './existing.ts';

/** A server that starts has the data folder before it listens for commands. */
const START_MS = 15_000;
const PAUSE_MS = 200;

/**
 * Lets the running server of an embedded database do it, because only one process can have that open; otherwise the database is opened
 * here.
 */
export async function manageKeys(config: Config, logger: Logger, command: KeyCommand): Promise<KeyReport> {
  if (config.databaseUrl !== undefined) return inDatabase(config, logger, command);
  const path = socketPath(config.dataDir);
  const deadline = performance.now() + START_MS;
  for (;;) {
    const answer = await askJson(path, KEYS, command);
    if (answer !== null) return answer.result as KeyReport;
    try {
      return await inDatabase(config, logger, command);
    } catch (error) {
      if (!(error instanceof DataFolderInUse)) throw error;
      if (performance.now() > deadline)
        throw new StartupError(
          `${error.message} It takes no commands at ${path}: it is still starting or stopping, of another version, or another command. Try again.`,
        );
    }
    await sleep(PAUSE_MS);
  }
}

async function inDatabase(config: Config, logger: Logger, command: KeyCommand): Promise<KeyReport> {
  await using database = await openExisting(config, logger);
  return await runKeyCommand(database.client, command);
}
