import { mkdir, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StartupError } from '../errors.ts';
import { DATABASE, exchangeDatabase, isExchanging, READY, settleExchange, takeEmptyAway } from './exchange.ts';
import { tryLock } from './file-lock.mjs';
import { syncFiles, syncFolder } from './sync.ts';

/** A database that is being created. If the process is killed meanwhile, the next start creates it again. */
const UNFINISHED = 'db.unfinished';
const LOCK = 'db.lock';
/** Where the running server listens for commands of this machine. */
const SOCKET = 'db.socket';
/** A file that every database folder has. */
const VERSION_FILE = 'PG_VERSION';
/** Files that a system creates in an otherwise empty folder, for example in the root of a disk. */
const OF_THE_SYSTEM = /^(\..*|lost\+found)$/;
/** Errors of the system about space or permissions; the data in the folder is not at fault. */
const SYSTEM_REFUSES =
  /No space left|quota exceeded|Read-only file system|Permission denied|Operation not permitted|I\/O error|Too many open files/i;

/** Another process has the data folder. */
export class DataFolderInUse extends StartupError {}

/** A data folder that only this process uses, until disposed. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string;
  /** The folder of Postgres' own files. */
  readonly database: string;
}

/** The path of the socket on which the server that has a data folder open listens for commands. */
export function socketPath(dataDir: string): string {
  return join(resolve(dataDir), SOCKET);
}

/** Whether other users of the machine could list or change a data folder; a new one is for its owner only. */
export async function isOpenToOthers(dataDir: string): Promise<boolean> {
  if (process.platform === 'win32') return false;
  return ((await stat(dataDir)).mode & 0o077) !== 0;
}

/**
 * Locks a data folder for this process; with `create` the folder may be empty or missing. Throws a StartupError with the reason, or with
 * the owner of the lock.
 */
export async function takeDataFolder(dataDir: string, create = true): Promise<DataFolder> {
  const path = resolve(dataDir);
  if (path === dirname(path)) {
    throw new StartupError(
      `The data folder is ${path}, all of the disk; name a folder of its own with MILEPOST_DATA_DIR.`,
    );
  }
  if (!create) await requireDatabase(path);
  const lock = await makeFolder(path, 0o700)
    .then(() => refuseForeign(path))
    .then(() => tryLock(join(path, LOCK)))
    .catch((error: Error) => {
      if (error instanceof StartupError) throw error;
      throw new StartupError(
        `The data folder ${path} cannot be used; choose another with MILEPOST_DATA_DIR. ${error.message}`,
      );
    });
  if (lock.owner !== undefined) {
    throw new DataFolderInUse(
      `The data folder ${path} is in use by ${lock.owner}. Stop that process, or choose another folder with MILEPOST_DATA_DIR.`,
    );
  }
  await settleExchange(path).catch((error: Error) => {
    lock.release();
    throw refuseFolder(path, `A restore was interrupted, and cannot be finished: ${error.message}`);
  });
  return { path, database: join(path, DATABASE), [Symbol.asyncDispose]: async () => lock.release() };
}

/** Removes a folder that this process has made and put nothing into. One with anything but the lock in it stays. */
export async function removeDataFolder({ path }: DataFolder): Promise<void> {
  if ((await readdir(path)).some((entry) => entry !== LOCK)) return;
  await rm(join(path, LOCK));
  await rmdir(path);
}

/** Runs before the folder is touched. A folder that holds something other than a database is refused when it is opened. */
async function requireDatabase(path: string): Promise<void> {
  if (await isExchanging(path).catch(() => false)) return;
  const entries = await readdir(join(path, DATABASE)).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : null,
  );
  if (entries?.length === 0) {
    throw new StartupError(
      `There is no database in ${path}. Name the server's folder with MILEPOST_DATA_DIR, or its DATABASE_URL, or start the server once.`,
    );
  }
}

/** Runs before anything is written: a folder with other files is not ours. */
async function refuseForeign(path: string): Promise<void> {
  const entries = await readdir(path);
  if (entries.includes(DATABASE) || entries.includes(READY)) return;
  const foreign = entries.find(
    (entry) => entry !== UNFINISHED && entry !== LOCK && entry !== SOCKET && !OF_THE_SYSTEM.test(entry),
  );
  if (foreign === undefined) return;
  throw new StartupError(
    `The data folder ${path} has no database, and other files in it, such as ${foreign}. Name an empty folder, or one that is not there yet, with MILEPOST_DATA_DIR.`,
  );
}

/**
 * Whether the folder has a database. Throws a StartupError if there are only remains of one, because a new one must not overwrite them.
 */
export async function holdsDatabase({ path, database }: DataFolder): Promise<boolean> {
  const entries = await readdir(database).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw refuseFolder(path, error.message);
  });
  if (entries.length > 0 && !entries.includes(VERSION_FILE)) {
    throw refuseFolder(path, `${join(database, VERSION_FILE)} is missing, and other files are there.`);
  }
  return entries.length > 0;
}

/**
 * Creates a database in the folder, either completely on the disk or not at all. A database that is there already is kept under the name
 * `aside`.
 */
export async function placeDatabase(
  folder: DataFolder,
  make: (path: string) => Promise<void>,
  aside?: string,
): Promise<void> {
  const unfinished = join(folder.path, UNFINISHED);
  try {
    await rm(unfinished, { recursive: true, force: true });
    // Keys are stored as hashes, but other users of the machine could still do harm if they could read or write these files.
    await mkdir(unfinished, { mode: 0o700 });
    await make(unfinished);
    await syncFiles(unfinished);
    if (aside !== undefined) return await exchangeDatabase(folder.path, unfinished, aside);
    await takeEmptyAway(folder.database);
    await rename(unfinished, folder.database);
    await syncFolder(folder.path);
  } catch (error) {
    // On a full disk the unfinished files would be in the way of a repair.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof StartupError ? error : refuseFolder(folder.path, (error as Error).message);
  }
}

/** The error for a folder whose database cannot be opened: the folder, the reason, and advice. */
export function refuseFolder(path: string, reason: string): StartupError {
  return new StartupError(
    `The database in the data folder ${path} cannot be opened: ${reason}\n${adviseOn(path, reason)} Nothing in it was changed.`,
  );
}

function adviseOn(path: string, reason: string): string {
  if (SYSTEM_REFUSES.test(reason))
    return 'Let this process write there, and see that the disk has room; then start again.';
  if (/incompatible with server/.test(reason)) {
    return `Start it with the version of Milepost that it was made with, or move ${path} away to begin with a new database.`;
  }
  return `Put a backup in the place of ${path}, or move it away to begin with a new database.`;
}

/**
 * Creates a folder and its parents, synced so that they survive a power cut.
 * Node's recursive mkdir loops for ever where the system does not allow folders, as in /proc.
 */
async function makeFolder(path: string, mode?: number): Promise<void> {
  if (await isFolder(path)) return;
  if (path !== dirname(path)) await makeFolder(dirname(path));
  await mkdir(path, { mode }).catch(async (error: unknown) => {
    // Another process may have created it meanwhile.
    if (!(await isFolder(path))) throw error;
  });
  await syncFolder(dirname(path));
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  return found?.isDirectory() ?? false;
}
