import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartupError } from '../errors.ts';
import type { Database, MigrationSession } from './handle.ts';

/**
 * A migration waits this long for a lock, then gives all its locks back and starts again. So it never stops a running instance for longer,
 * also when somebody else, such as pg_dump, reads a table for hours.
 */
const LOCK_TIMEOUT_MS = 3_000;
const TRIES = 20;
/** Postgres' codes for a wait that was too long, and for a deadlock. */
const LOCKED_OUT: ReadonlySet<unknown> = new Set(['55P03', '40P01']);

/** A folder of prisma/migrations. */
interface Migration {
  readonly name: string;
  readonly script: string;
  /** Prisma's checksum of the script with LF line ends. */
  readonly checksum: string;
  /** The checksum with CRLF line ends, which a migration from a checkout on Windows has recorded. */
  readonly checksumOfCrLf: string;
}

/**
 * Applies all pending migrations in one transaction and returns their names. It keeps Prisma's own table, so that `prisma migrate deploy`
 * agrees.
 * Throws a StartupError if the database is newer than the program, if an applied migration was edited, or if a migration fails, also
 * because a table stays locked for a minute.
 */
export async function migrate(database: Database, folder: string): Promise<readonly string[]> {
  const migrations = await readMigrations(folder);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await database.exclusively((session) => applyPending(session, migrations));
    } catch (error) {
      if (attempt >= TRIES || !isLockedOut(error)) throw error;
    }
  }
}

async function applyPending(session: MigrationSession, migrations: readonly Migration[]): Promise<readonly string[]> {
  await session.script(`/* boundLocks */ set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await session.script(CREATE_TABLE);
  const applied = await readApplied(session);
  refuseForeign(applied, migrations);
  const pending = migrations.filter((migration) => !applied.has(migration.name));
  for (const migration of pending) await apply(session, migration);
  return pending.map((migration) => migration.name);
}

function isLockedOut(error: unknown): boolean {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: { readonly code?: unknown } };
  return LOCKED_OUT.has(code) || LOCKED_OUT.has(cause?.code);
}

/** The names of all migrations, in the order in which they are applied. */
export async function migrationNames(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The names of the migrations that the database has. */
export async function appliedMigrations(database: Database): Promise<ReadonlySet<string>> {
  const rows = await database.client.$queryRaw<{ migration_name: string }[]>`
    /* appliedMigrations */
    select migration_name from _prisma_migrations where finished_at is not null and rolled_back_at is null`;
  return new Set(rows.map((row) => row.migration_name));
}

/** Those of the names whose migrations the database lacks. */
export async function pendingMigrations(database: Database, names: readonly string[]): Promise<readonly string[]> {
  const applied = await appliedMigrations(database);
  return names.filter((name) => !applied.has(name));
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
  const names = await migrationNames(folder);
  return Promise.all(
    names.map(async (name) => {
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
      throw newerDatabase(name);
    }
    if (checksum !== migration.checksum && checksum !== migration.checksumOfCrLf) {
      throw new StartupError(`The migration ${name} was edited after the database had applied it.`);
    }
  }
}

/** The error for a database that has a migration this version does not know. */
export function newerDatabase(migration: string): StartupError {
  return new StartupError(
    `The database has the migration ${migration}, which this version does not know: it is newer.`,
  );
}

async function apply(session: MigrationSession, migration: Migration): Promise<void> {
  await session.script(migration.script).catch((error: Error) => {
    const hint = isLockedOut(error) ? '. Stop all other instances, and what reads the database for long.' : '';
    throw new StartupError(`The migration ${migration.name} failed, and nothing was changed: ${error.message}${hint}`, {
      cause: error,
    });
  });
  await session.query(
    `/* recordMigration */
     insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     values ($1, $2, $3, now(), 1)`,
    [randomUUID(), migration.checksum, migration.name],
  );
}
