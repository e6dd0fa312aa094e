import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const SYNCED_AT_ONCE = 16;

/** Brings a folder and all that is in it onto the disk. */
export async function syncFiles(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  const paths = [folder, ...names.map((name) => join(folder, name))];
  const next = paths.values();
  await Promise.all(
    Array.from({ length: SYNCED_AT_ONCE }, async () => {
      for (const path of next) await ((await stat(path)).isDirectory() ? syncFolder(path) : sync(path, 'r+'));
    }),
  );
}

/** Brings the names in a folder onto the disk. Windows keeps folder entries safe by itself and has no sync for them. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform !== 'win32') await sync(path, 'r');
}

async function sync(path: string, flags: string): Promise<void> {
  await using file = await open(path, flags);
  await file.sync();
}
