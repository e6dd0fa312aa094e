import { randomBytes } from 'node:crypto';
import { link, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StartupError } from '../errors.ts';

/**
 * Makes a file that has its name only when all of it is on the disk, and that only its owner may read. Throws a StartupError if there is one
 * of that name already.
 */
export async function writeWhole(name: string, write: (unfinished: string) => Promise<void>): Promise<number> {
  const path = resolve(name);
  if (await exists(path)) throw alreadyThere(path);
  // Of its own: two commands for the same name must not write into one file.
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.unfinished`;
  try {
    await (await open(unfinished, 'wx', 0o600)).close();
    await write(unfinished);
    await sync(unfinished);
    const { size } = await stat(unfinished);
    await giveName(unfinished, path);
    if (process.platform !== 'win32') await sync(dirname(path));
    return size;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    if (error instanceof StartupError || (error as NodeJS.ErrnoException).path === undefined) throw error;
    throw new StartupError(`The file ${path} cannot be written: ${(error as Error).message}`);
  }
}

/** Unlike rename(), link() fails if another file has got the name meanwhile. */
async function giveName(unfinished: string, path: string): Promise<void> {
  try {
    await link(unfinished, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyThere(path);
    return replaceEmpty(unfinished, path);
  }
  await rm(unfinished);
}

/** Where a file can have one name only, as on FAT: whoever makes the empty file may replace it. */
async function replaceEmpty(unfinished: string, path: string): Promise<void> {
  const made = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? alreadyThere(path) : error;
  });
  await made.close();
  await rename(unfinished, path).catch(async (error: Error) => {
    await rm(path);
    throw error;
  });
}

function alreadyThere(path: string): StartupError {
  return new StartupError(`There is a file ${path} already. Name another.`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw new StartupError(`The file ${path} cannot be written: ${error.message}`);
    },
  );
}

async function sync(path: string): Promise<void> {
  await using file = await open(path, 'r');
  await file.sync();
}
