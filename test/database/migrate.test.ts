import { createHash } from 'node:crypto';
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Database } from '../../src/database/handle.ts';
import { migrate, migrationNames, pendingMigrations } from '../../src/database/migrate.ts';
import { openDatabase } from '../../src/database/open.ts';
import { StartupError } from '../../src/errors.ts';
import { createLogger } from '../../src/logger.ts';
import { freshDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));

let folders: string;

beforeAll(async () => {
  folders = await mkdtemp(join(tmpdir(), 'milepost-migrations-'));
});

afterAll(() => rm(folders, { recursive: true, force: true }));

test('an empty database gets every migration once, and a second run does nothing', async () => {
  await using opened = await freshDatabase();
  const { database } = opened;
  const applied = await migrate(database, MIGRATIONS);
  expect(applied.length).toBeGreaterThan(0);
  expect(applied).toEqual([...applied].sort());
  const tables = await tablesOf(database);
  expect(tables).toContain('ChangeLog');
  expect(await pendingMigrations(database, await migrationNames(MIGRATIONS))).toEqual([]);

  expect(await migrate(database, MIGRATIONS)).toEqual([]);
  expect(await tablesOf(database)).toEqual(tables);
  expect(await appliedMigrations(database)).toEqual(applied);
});

test('two runs at once on an empty database both succeed, and one of them does the work', async () => {
  await using opened = await freshDatabase();
  await using other = await openSecond(opened);
  const [one, two] = await Promise.all([migrate(opened.database, MIGRATIONS), migrate(other, MIGRATIONS)]);
  expect([one.length === 0, two.length === 0].sort()).toEqual([false, true]);
  expect(await appliedMigrations(opened.database)).toEqual([...one, ...two]);
  expect(await opened.database.client.changeLog.count()).toBe(1);
});

describe('on a database with the tables', () => {
  let opened: TestDatabase;

  beforeAll(async () => {
    opened = await openTestDatabase();
  });

  afterAll(() => opened[Symbol.asyncDispose]());

  test('a migration that was edited after it was applied is refused', async () => {
    const { database } = opened;
    const [first] = await appliedMigrations(database);
    const edited = await copyMigrations('edited');
    await appendFile(join(edited, first as string, 'migration.sql'), '\n-- one line more\n');
    const refused = migrate(database, edited);
    await expect(refused).rejects.toThrow(StartupError);
    await expect(refused).rejects.toThrow(`${first} was edited`);
  });

  test('a checkout with other line endings has the same migrations', async () => {
    const { database } = opened;
    const checksums = await checksumsOf(database);
    const windows = await copyMigrations('windows');
    for (const [name] of checksums) await writeScript(windows, name, '\r\n');
    expect(await migrate(database, windows)).toEqual([]);
    expect(await pendingMigrations(database, await migrationNames(windows))).toEqual([]);
    expect(await checksumsOf(database)).toEqual(checksums);
  });

  test('a database migrated from a checkout with other line endings is recognised, and an edited migration is still refused', async () => {
    const { database } = opened;
    const checksums = await checksumsOf(database);
    for (const [name] of checksums) {
      const script = await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      await recordChecksum(database, name, sha256(script.replaceAll('\n', '\r\n')));
    }
    try {
      expect(await migrate(database, MIGRATIONS)).toEqual([]);
      const [[first = ''] = []] = checksums;
      const edited = await copyMigrations('edited-windows');
      await appendFile(join(edited, first, 'migration.sql'), '\r\n-- one line more\r\n');
      await expect(migrate(database, edited)).rejects.toThrow(`${first} was edited`);
    } finally {
      for (const [name, checksum] of checksums) await recordChecksum(database, name, checksum);
    }
  });

  test('a migration that fails is named, and the whole run is rolled back', async () => {
    const { database } = opened;
    const before = { tables: await tablesOf(database), applied: await appliedMigrations(database) };
    const folder = await copyMigrations('failing');
    await addMigration(folder, '29990101000000_notes', 'create table notes (id int)');
    await addMigration(folder, '29990102000000_failing', 'create table more (id int); select 1 / 0');
    const failed = migrate(database, folder);
    await expect(failed).rejects.toThrow(StartupError);
    await expect(failed).rejects.toThrow(/29990102000000_failing.*division by zero/);
    expect({ tables: await tablesOf(database), applied: await appliedMigrations(database) }).toEqual(before);
    // The lock is free afterwards.
    expect(await migrate(database, MIGRATIONS)).toEqual([]);
  });

  test('a later migration is applied on top, and a program that lacks it is then refused', async () => {
    const { database } = opened;
    const before = await appliedMigrations(database);
    const folder = await copyMigrations('later');
    await addMigration(folder, '29990101000000_notes', 'create table notes (id int); insert into notes values (7)');
    expect(await pendingMigrations(database, await migrationNames(folder))).toEqual(['29990101000000_notes']);
    expect(await migrate(database, folder)).toEqual(['29990101000000_notes']);
    expect(await pendingMigrations(database, await migrationNames(folder))).toEqual([]);
    expect(await appliedMigrations(database)).toEqual([...before, '29990101000000_notes']);

    const refused = migrate(database, MIGRATIONS);
    await expect(refused).rejects.toThrow(StartupError);
    await expect(refused).rejects.toThrow('29990101000000_notes, which this version does not know');
    expect(await database.client.$queryRaw`select id from notes`).toEqual([{ id: 7 }]);
  });
});

test.runIf(inject('backend') === 'postgres')(
  'a migration that waits for a table gives back its locks within seconds, and is applied once the table is free',
  async () => {
    await using opened = await openTestDatabase();
    const { database, databaseUrl } = opened;
    const folder = await copyMigrations('waiting');
    const name = '29990101000000_waiting';
    await addMigration(folder, name, 'lock table "Change"; alter table "Figure" add column waited int');
    const reader = new pg.Client(databaseUrl);
    await reader.connect();
    try {
      await reader.query('begin; lock table "Figure" in access share mode');
      let isDone = false;
      const migrated = migrate(database, folder).finally(() => {
        isDone = true;
      });
      await until('it waits for the table', async () => (await waitingFor(reader, '"Figure"')) > 0);
      // Its lock on the log is given back: otherwise this waits for as long as the reader.
      expect(await reader.query('select count(*) from "Change"')).toMatchObject({ rowCount: 1 });
      expect(isDone).toBe(false);
      await reader.query('commit');
      expect(await migrated).toEqual([name]);
    } finally {
      await reader.end();
    }
  },
);

test('a checkout with other line endings applies and records the same migrations', async () => {
  await using opened = await freshDatabase();
  const { database } = opened;
  const folder = join(folders, 'windows-first');
  const name = '20000101000000_notes';
  await addMigration(folder, name, "create table notes (text text);\r\ninsert into notes values ('two\r\nlines');\r\n");
  await migrate(database, folder);
  expect(await database.client.$queryRaw`select text from notes`).toEqual([{ text: 'two\nlines' }]);
  const recorded = sha256("create table notes (text text);\ninsert into notes values ('two\nlines');\n");
  expect(await checksumsOf(database)).toEqual([[name, recorded]]);
});

test('a first migration that fails leaves an empty database empty', async () => {
  await using opened = await freshDatabase();
  const { database } = opened;
  const folder = join(folders, 'failing-first');
  await addMigration(folder, '20000101000000_failing', 'create table notes (id int); select 1 / 0');
  await expect(migrate(database, folder)).rejects.toThrow('division by zero');
  expect(await tablesOf(database)).toEqual([]);
});

/** The number of sessions that wait for a lock on the table. */
async function waitingFor(client: pg.Client, table: string): Promise<number> {
  const { rows } = await client.query('select 1 from pg_locks where relation = $1::regclass and not granted', [table]);
  return rows.length;
}

/** Another handle on the same database. The embedded backend has only one. */
async function openSecond(opened: TestDatabase): Promise<Database> {
  if (inject('backend') === 'embedded') return { ...opened.database, [Symbol.asyncDispose]: async () => undefined };
  return openDatabase({ ...opened, databaseConnections: 2 }, createLogger('silent'));
}

async function copyMigrations(name: string): Promise<string> {
  const folder = join(folders, name);
  await cp(MIGRATIONS, folder, { recursive: true });
  return folder;
}

async function addMigration(folder: string, name: string, script: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, 'migration.sql'), script);
}

/** Rewrites a script of the copy with other line endings. */
async function writeScript(folder: string, name: string, lineEnd: string): Promise<void> {
  const path = join(folder, name, 'migration.sql');
  await writeFile(path, (await readFile(path, 'utf8')).replaceAll('\n', lineEnd));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function checksumsOf({ client }: Database): Promise<readonly (readonly [name: string, checksum: string])[]> {
  const rows = await client.$queryRaw<{ migration_name: string; checksum: string }[]>`
    /* checksumsOf */
    select migration_name, checksum from _prisma_migrations where finished_at is not null order by migration_name`;
  return rows.map((row) => [row.migration_name, row.checksum]);
}

async function recordChecksum({ client }: Database, name: string, checksum: string): Promise<void> {
  await client.$executeRaw`
    /* recordChecksum */
    update _prisma_migrations set checksum = ${checksum} where migration_name = ${name}`;
}

async function tablesOf({ client }: Database): Promise<string[]> {
  const rows = await client.$queryRaw<{ tablename: string }[]>`
    /* tablesOf */
    select tablename::text from pg_tables where schemaname = 'public' order by tablename`;
  return rows.map(({ tablename }) => tablename);
}

async function appliedMigrations({ client }: Database): Promise<string[]> {
  const rows = await client.$queryRaw<{ migration_name: string }[]>`
    /* appliedMigrations */
    select migration_name from _prisma_migrations where finished_at is not null order by migration_name`;
  return rows.map((row) => row.migration_name);
}
