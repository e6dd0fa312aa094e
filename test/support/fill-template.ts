import { fileURLToPath } from 'node:url';
import { seedDatabase } from '../../prisma/seed/seed.ts';
import { migrate } from '../../src/database/migrate.ts';
import { type DatabaseOptions, openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

/** Brings a template database from the previous state to this one, and closes it. */
export async function fillTemplate(template: 'migrated' | 'seeded', options: DatabaseOptions): Promise<void> {
  await using database = await openDatabase(options, createLogger('warn'));
  if (template === 'migrated') await migrate(database, MIGRATIONS);
  else await seedDatabase(database.client, {});
}
