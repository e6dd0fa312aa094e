import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../errors.ts';
import { type DataFolder, holdsDatabase, placeDatabase, removeDataFolder, takeDataFolder } from './data-folder.ts';
import { openFolder } from './embedded.ts';
import type { Database } from './handle.ts';
import { readTar } from './tar.ts';

const TOP = /^db(\/|$)/;
/** A part of a path that leads elsewhere, or to another file, on some system; Postgres has none of them. */
const ELSEWHERE = /^\.{0,2}$|[\\:]/;

export interface Restoring {
  /** The tar of a copy, see Database.copy. */
  readonly tar: AsyncIterable<Uint8Array>;
  /** Keeps a database that is in the folder under another name, instead of refusing. */
  readonly replace: boolean;
  /** Looks at the database before it gets its place. If this throws, the folder stays as it was. */
  check(database: Database): Promise<void>;
}

/**
 * Makes the embedded database of a data folder from a copy, completely or not at all. Returns the name under which the database before it
 * was kept; null if there was none. Throws a StartupError if the folder is in use, or has a database and `replace` is not set.
 */
export async function restoreEmbedded(dataDir: string, restoring: Restoring): Promise<string | null> {
  const isNew = !existsSync(dataDir);
  await using folder = await takeDataFolder(dataDir);
  try {
    return await restoreInto(folder, restoring);
  } catch (error) {
    if (isNew) await removeDataFolder(folder).catch(() => undefined);
    throw error;
  }
}

async function restoreInto(folder: DataFolder, { tar, replace, check }: Restoring): Promise<string | null> {
  const hasOne = await holdsDatabase(folder);
  if (hasOne && !replace) {
    throw new StartupError(
      `There is a database in ${folder.path} already. Name an empty folder with MILEPOST_DATA_DIR; or repeat this with --force, which keeps the present database beside the restored one, under another name.`,
    );
  }
  const aside = hasOne ? `db.before-${new Date().toISOString().replace(/\D/g, '').slice(0, 14)}` : undefined;
  const make = async (path: string): Promise<void> => {
    await unpack(tar, path).catch((error: Error) => {
      throw new StartupError(`The backup cannot be read: ${error.message.replace(/\.?$/, '.')} Nothing was changed.`);
    });
    // It is checked where it is, and the lock stays taken.
    const unplaced = { path: folder.path, database: path, [Symbol.asyncDispose]: async () => undefined };
    await using database = await openFolder(unplaced, true).catch((error: Error) => {
      throw new StartupError(`The backup cannot be opened, and nothing was changed. ${error.message}`);
    });
    await check(database);
  };
  await placeDatabase(folder, make, aside);
  return aside ?? null;
}

async function unpack(tar: AsyncIterable<Uint8Array>, folder: string): Promise<void> {
  for await (const [{ name, kind }, content] of readTar(tar)) {
    const parts = name.split('/').slice(1);
    if (!TOP.test(name) || parts.some((part) => ELSEWHERE.test(part)))
      throw new Error(`It has the path ${name} in it, which no database has.`);
    const path = join(folder, ...parts);
    if (kind === 'file') await writeFile(path, content, { mode: 0o600, flag: 'wx' });
    else if (parts.length > 0) await mkdir(path, { mode: 0o700, recursive: true });
  }
}
