import { hasCode } from '../changes/failed-writes.ts';
import type { Config } from '../config.ts';
import type { Bounds } from '../database/bounds.ts';
import type { Database } from '../database/handle.ts';
import { appliedMigrations, migrationNames, newerDatabase } from '../database/migrate.ts';
import { openDatabase } from '../database/open.ts';
import { isUnavailable } from '../database/unavailable.ts';
import { rootMessageOf, StartupError } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { MIGRATIONS } from '../root.ts';

/** Postgres' code for a permission that is missing. */
const NOT_ALLOWED: ReadonlySet<string> = new Set(['42501']);

/**
 * Opens a database that a server of this version has set up; throws a StartupError if there is none. Commands create no database and
 * migrate nothing.
 */
export async function openExisting(config: Config, logger: Logger, bounds?: Bounds): Promise<Database> {
  const database = await openDatabase(
    { ...config, ...(bounds === undefined ? {} : { bounds }), create: false },
    logger,
  );
  try {
    await requireTables(database);
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}

async function requireTables(database: Database): Promise<void> {
  const applied = await appliedMigrations(database).catch((error: unknown) => {
    if (isUnavailable(error)) throw error;
    if (hasCode(error, NOT_ALLOWED))
      throw new StartupError(
        `The role of DATABASE_URL may not read the tables of the database: ${rootMessageOf(error)}. They belong to another role, as after a pg_restore by that one: restore as the role of Milepost, or make it their owner.`,
      );
    return null;
  });
  if (applied === null) {
    throw new StartupError(
      'The database has no tables of Milepost. Name the one of the server with DATABASE_URL or MILEPOST_DATA_DIR, or start the server once.',
    );
  }
  const known = await migrationNames(MIGRATIONS);
  const pending = known.filter((name) => !applied.has(name));
  if (pending.length > 0) {
    throw new StartupError(
      `The database lacks the migrations ${pending.join(', ')}; a start of the server applies them.`,
    );
  }
  const unknown = [...applied].find((name) => !known.includes(name));
  if (unknown !== undefined) throw newerDatabase(unknown);
}
