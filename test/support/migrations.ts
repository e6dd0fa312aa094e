import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';

export const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** Applies the migrations before one of them. */
export async function migrateUpTo(database: Database, name: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'milepost-before-'));
  try {
    for (const entry of await readdir(MIGRATIONS, { withFileTypes: true }))
      if (entry.isDirectory() && entry.name < name)
        await cp(join(MIGRATIONS, entry.name), join(folder, entry.name), { recursive: true });
    await migrate(database, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
