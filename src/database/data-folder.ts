import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StartupError } from '../errors.ts';
import { tryLock } from './file-lock.mjs';

const DATABASE = 'db';
/** A database that is being made: one that a first start was killed over never counts. */
const UNFINISHED = 'db.unfinished';
const LOCK = 'db.lock';
/** What every folder of a database has. */
const VERSION_FILE = 'PG_VERSION';
/** What a system puts into a folder that is empty otherwise, as one that is a disk of its own. */
const OF_THE_SYSTEM = /^(\..*|lost\+found)$/;
const SYNCED_AT_ONCE = 16;
/** What a system says that has no room, or does not let us; then nothing is wrong with the folder. */
const SYSTEM_REFUSES =
  /No space left|quota exceeded|Read-only file system|Permission denied|Operation not permitted|I\/O error|Too many open files/i;

/** A data folder that this process alone has, until disposed. */
export interface DataFolder extends AsyncDisposable {
  readonly path: string;
  /** Where the database's own files are. */
  readonly database: string;
}

/** Takes a data folder for this process; with `create` also one that is empty or not there. A StartupError says why not, or who has it. */
export async function takeDataFolder(dataDir: string, create = true): Promise<DataFolder> {
  const path = resolve(dataDir);
  if (path === dirname(path)) {
    throw new StartupError(
      `The data folder is ${path}, all of the disk; name a folder of its own with MILEPOST_DATA_DIR.`,
    );
  }
  if (!create) await requireDatabase(path);
  const lock = await makeFolder(path)
    .then(() => refuseForeign(path))
    .then(() => tryLock(join(path, LOCK)))
    .catch((error: Error) => {
      if (error instanceof StartupError) throw error;
      throw new StartupError(
        `The data folder ${path} cannot be used; choose another with MILEPOST_DATA_DIR. ${error.message}`,
      );
    });
  if (lock.owner !== undefined) {
    throw new StartupError(
      `The data folder ${path} is in use by ${lock.owner}. Stop that process, or choose another folder with MILEPOST_DATA_DIR.`,
    );
  }
  return { path, database: join(path, DATABASE), [Symbol.asyncDispose]: async () => lock.release() };
}

/** Before anything of the folder is touched. What is there and is no database, its opening refuses. */
async function requireDatabase(path: string): Promise<void> {
  const entries = await readdir(join(path, DATABASE)).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : null,
  );
  if (entries?.length === 0) {
    throw new StartupError(
      `There is no database in ${path}. Name the server's folder with MILEPOST_DATA_DIR, or its DATABASE_URL, or start the server once.`,
    );
  }
}

/** Before anything is put into it: a folder that is somebody else's is not taken over. */
async function refuseForeign(path: string): Promise<void> {
  const entries = await readdir(path);
  if (entries.includes(DATABASE)) return;
  const foreign = entries.find((entry) => entry !== UNFINISHED && entry !== LOCK && !OF_THE_SYSTEM.test(entry));
  if (foreign === undefined) return;
  throw new StartupError(
    `The data folder ${path} has no database, and other files in it, such as ${foreign}. Name an empty folder, or one that is not there yet, with MILEPOST_DATA_DIR.`,
  );
}

/** Whether there is a database in the folder; a StartupError when there are only remains of one, over which no new one may be made. */
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

/** Has a database made in the folder: it is there when all of it is on the disk, or not at all. */
export async function placeDatabase(folder: DataFolder, make: (path: string) => Promise<void>): Promise<void> {
  const unfinished = join(folder.path, UNFINISHED);
  try {
    await rm(unfinished, { recursive: true, force: true });
    // Keys are kept as hashes, but who else can read or write files here could still do harm.
    await mkdir(unfinished, { mode: 0o700 });
    await make(unfinished);
    await syncFiles(unfinished);
    // Windows does not rename over a folder, even an empty one; and one that is not empty any more stays.
    await rmdir(folder.database).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await rename(unfinished, folder.database);
    await syncFolder(folder.path);
  } catch (error) {
    // On a full disk it would be in the way of whatever is to be mended.
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof StartupError ? error : refuseFolder(folder.path, (error as Error).message);
  }
}

/** The error of a folder whose database cannot be opened: which, why, and what to do. */
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

/** Makes a folder with those above it, so that they outlast a power cut. (Node's own way to do so tries for ever where the system has no folders made, as in /proc.) */
async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  if (path !== dirname(path)) await makeFolder(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
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

async function syncFiles(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const next = paths.values();
  await Promise.all(
    Array.from({ length: SYNCED_AT_ONCE }, async () => {
      for (const path of next) await ((await stat(path)).isDirectory() ? syncFolder(path) : sync(path, 'r+'));
    }),
  );
}

/** Windows keeps the entries of a folder by itself, and has no sync for them. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform !== 'win32') await sync(path, 'r');
}

async function sync(path: string, flags: string): Promise<void> {
  await using file = await open(path, flags);
  await file.sync();
}
