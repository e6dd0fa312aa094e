import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StartupError } from '../errors.ts';

/**
 * Makes a file that has its name only when all of it is on the disk, and that only its owner may read. Throws a StartupError if there is one
 * of that name already.
 */
export async function writeWhole(name: string, write: (unfinished: string) => Promise<void>): Promise<number> {
  const path = resolve(name);
  if (await exists(path)) throw new StartupError(`There is a file ${path} already. Name another.`);
  const unfinished = `${path}.unfinished`;
  try {
    await rm(unfinished, { force: true });
    await (await open(unfinished, 'wx', 0o600)).close();
    await write(unfinished);
    await sync(unfinished);
    const { size } = await stat(unfinished);
    await rename(unfinished, path);
    if (process.platform !== 'win32') await sync(dirname(path));
    return size;
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => undefined);
    if (error instanceof StartupError || (error as NodeJS.ErrnoException).path === undefined) throw error;
    throw new StartupError(`The file ${path} cannot be written: ${(error as Error).message}`);
  }
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
