import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../errors.ts';
import type { Database, MigrationSession } from './handle.ts';

/** One folder of prisma/migrations. */
interface Migration {
  readonly name: string;
  readonly script: string;
  /** Prisma's own, of the script with line feeds. */
  readonly checksum: string;
  /** Of the same script as a checkout on Windows may have had it: whoever migrated from there recorded this one. */
  readonly checksumOfCrLf: string;
}

/**
 * Applies the migrations that the database does not have yet, all in one transaction, and returns their names.
 * Keeps Prisma's own table, so that `prisma migrate deploy` and this agree. A StartupError tells when the database is newer than the program, when a migration was edited after it was applied, and which one failed.
 */
export async function migrate(database: Database, folder: string): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  return database.exclusively(async (session) => {
    await session.script(CREATE_TABLE);
    const applied = await readApplied(session);
    refuseForeign(applied, migrations);
    const pending = migrations.filter((migration) => !applied.has(migration.name));
    for (const migration of pending) await apply(session, migration);
    return pending.map((migration) => migration.name);
  });
}

/** The names of the migrations in the folder that the database lacks. */
export async function pendingMigrations(database: Database, folder: string): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  const rows = await database.client.$queryRaw<{ migration_name: string }[]>`
    /* pendingMigrations */
    select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null`;
  const applied = new Set(rows.map((row) => row.migration_name));
  return migrations.map((migration) => migration.name).filter((name) => !applied.has(name));
}

const CREATE_TABLE = `
/* createMigrationsTable */
create table if not exists _prisma_migrations (
  id varchar(36) primary key not null,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const text = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      const script = text.replaceAll('\r\n', '\n');
      return { name, script, checksum: hash(script), checksumOfCrLf: hash(script.replaceAll('\n', '\r\n')) };
    }),
  );
}

function hash(script: string): string {
  return createHash('sha256').update(script).digest('hex');
}

async function readApplied(session: MigrationSession): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ migration_name: string; checksum: string }>(
    `/* readApplied */
     select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null`,
  );
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

function refuseForeign(applied: ReadonlyMap<string, string>, migrations: readonly Migration[]): void {
  const known = new Map(migrations.map((migration) => [migration.name, migration]));
  for (const [name, checksum] of applied) {
    const migration = known.get(name);
    if (migration === undefined) {
      throw new StartupError(`The database has the migration ${name}, which this version does not know: it is newer.`);
    }
    if (checksum !== migration.checksum && checksum !== migration.checksumOfCrLf) {
      throw new StartupError(`The migration ${name} was edited after the database had applied it.`);
    }
  }
}

async function apply(session: MigrationSession, migration: Migration): Promise<void> {
  await session.script(migration.script).catch((error: Error) => {
    throw new StartupError(`The migration ${migration.name} failed, and nothing was changed: ${error.message}`);
  });
  await session.query(
    `/* recordMigration */
     insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     values ($1, $2, $3, now(), 1)`,
    [randomUUID(), migration.checksum, migration.name],
  );
}
