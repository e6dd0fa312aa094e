import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../errors.ts';
import { syncFolder } from './sync.ts';

/** The folder of Postgres' own files in a data folder. */
export const DATABASE = 'db';
/** A database that is complete and on the disk, while it takes the place of another. */
export const READY = 'db.ready';

/**
 * Lets a complete database in the folder `made` take the place of the one in the data folder, which gets the name `aside`. When the process
 * ends in between, settleExchange leaves one of the two in the place; when a step fails, the one that was there.
 */
export async function exchangeDatabase(path: string, made: string, aside: string): Promise<void> {
  const [database, ready, kept] = [DATABASE, READY, aside].map((name) => join(path, name)) as [string, string, string];
  await rename(made, ready);
  await syncFolder(path);
  try {
    await rename(database, kept);
    await syncFolder(path);
    await rename(ready, database);
  } catch (error) {
    const reason = (error as Error).message;
    await undo(path, kept).catch((undoing: Error) => {
      throw new StartupError(
        `The database in ${path} was not replaced: ${reason} Bringing it back failed as well: ${undoing.message} The one before is ${aside} there, and the restored one is ${READY}: the next start takes that.`,
      );
    });
    throw error;
  }
  await syncFolder(path).catch((error: Error) => {
    throw new StartupError(
      `The restored database is in its place in ${path}, and the one before it is ${aside} there, but a power cut may undo that: ${error.message}`,
    );
  });
}

/** Finishes or undoes an exchange that was interrupted: once the database before has left its place, the new one gets it. */
export async function settleExchange(path: string): Promise<void> {
  if (!(await isExchanging(path))) return;
  const [database, ready] = [join(path, DATABASE), join(path, READY)];
  if ((await entriesOf(database)).length > 0) {
    await rm(ready, { recursive: true });
  } else {
    await takeEmptyAway(database);
    await rename(ready, database);
  }
  await syncFolder(path);
}

/** Whether an exchange was interrupted. */
export async function isExchanging(path: string): Promise<boolean> {
  return (await entriesOf(path)).includes(READY);
}

/** Windows cannot rename onto a folder, even an empty one. A folder that is no longer empty is not removed. */
export async function takeEmptyAway(folder: string): Promise<void> {
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

async function undo(path: string, kept: string): Promise<void> {
  const [database, ready] = [join(path, DATABASE), join(path, READY)];
  if ((await entriesOf(database)).length === 0) await rename(kept, database);
  await syncFolder(path);
  await rm(ready, { recursive: true, force: true });
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
