import { readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { openEmbedded } from '../../src/database/embedded.ts';
import type { Database } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';
import { StartupError } from '../../src/errors.ts';
import { MIGRATIONS } from '../../src/root.ts';
import { freshDatabase, placeDatabase, type TestDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';

const UPKEEP_MS = 15_000;
/** A checkpoint is due after at most this much of the log. */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;

afterEach(() => vi.useRealTimers());

describe.runIf(inject('backend') === 'embedded')('the embedded database', () => {
  test('syncs its files unless a test asks it not to', async () => {
    await using place = await placeDatabase('empty');
    await using database = await openEmbedded(place.dataDir);
    expect(await settingOf(database, 'fsync')).toBe('on');
    expect(await settingOf(database, 'synchronous_commit')).toBe('on');
    expect(await settingOf(database, 'full_page_writes')).toBe('on');
  });

  test.each<[string, (files: string) => Promise<void>, RegExp]>([
    [
      'a control file that was cut',
      (files) => truncate(join(files, 'global', 'pg_control'), 100),
      /could not read file "global\/pg_control": read 100 of \d+\nPut a backup/,
    ],
    [
      'files of another version',
      (files) => writeFile(join(files, 'PG_VERSION'), '17\n'),
      /initialized by PostgreSQL version 17.*\nStart it with the version of Milepost that it was made with/,
    ],
    [
      'a log without the last checkpoint',
      async (files) => {
        for (const name of await segmentsOf(files)) await writeFile(join(files, 'pg_wal', name), Buffer.alloc(2 ** 24));
      },
      /could not locate a valid checkpoint record.*\nPut a backup/,
    ],
    [
      'no configuration',
      (files) => rm(join(files, 'postgresql.conf')),
      /could not access the server configuration file "\/.*\/db\/postgresql\.conf".*\nPut a backup/,
    ],
  ])('with %s is refused with the folder, the fault and what to do', async (_what, damage, message) => {
    await using place = await placeDatabase('empty');
    const files = join(place.dataDir, 'db');
    await damage(files);
    const refused = await openEmbedded(place.dataDir).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartupError);
    expect((refused as StartupError).message).toMatch(message);
    expect((refused as StartupError).message).toContain(`data folder ${place.dataDir} `);
    expect((refused as StartupError).message).not.toMatch(/Aborted|wasm|^ +at /m);
  });

  test('that lacks the file of a table is refused by the migrations', async () => {
    await using place = await placeDatabase('migrated');
    const path = await fileOf(place.dataDir, '_prisma_migrations');
    await rm(path);
    await using database = await openEmbedded(place.dataDir);
    const refused = await migrate(database, MIGRATIONS).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartupError);
    expect((refused as StartupError).message).toMatch(/could not open file "base\/.*\nPut a backup/);
    expect((refused as StartupError).message).toContain(`data folder ${place.dataDir} `);
  });

  test('shrinks its write-ahead log while it runs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using opened = await freshDatabase();
    const { client } = opened.database;
    await client.$executeRaw`create table notes (text text)`;
    for (let round = 0; round < 4; round++) {
      await client.$executeRaw`insert into notes select repeat('x', 1000) from generate_series(1, 35_000)`;
      expect(await bytesSinceCheckpoint(opened)).toBeGreaterThan(CHECKPOINT_BYTES);
      vi.advanceTimersByTime(UPKEEP_MS);
      await until('it has run a checkpoint', async () => (await bytesSinceCheckpoint(opened)) < CHECKPOINT_BYTES);
    }
    // 140 MiB were written, in segments of 16.
    expect((await segmentsOf(join(opened.dataDir, 'db'))).length).toBeLessThan(9);
  });

  test('reuses the space of deleted rows while it runs', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    await using opened = await freshDatabase();
    const { client } = opened.database;
    await client.$executeRaw`create table "Notes" (number int)`;
    await client.$executeRaw`insert into "Notes" select generate_series(1, 10_000)`;
    await client.$executeRaw`delete from "Notes" where number > 5_000`;
    vi.advanceTimersByTime(UPKEEP_MS);
    await until('it has vacuumed and looked through the table', async () => {
      const [row] = await client.$queryRaw<{ rows: number; pages: number }[]>`
        select reltuples::int as rows, relpages as pages from pg_class where relname = 'Notes'`;
      return row?.rows === 5_000 && row.pages < 30;
    });
  });
});

test('a commit that fails is an error of its transaction, and a rollback has ended when it is answered', async () => {
  await using opened = await freshDatabase();
  const { client } = opened.database;
  await client.$executeRaw`create table notes (number int unique deferrable initially deferred)`;
  const twice = client.$transaction([
    client.$executeRaw`insert into notes values (1)`,
    client.$executeRaw`insert into notes values (1)`,
  ]);
  await expect(twice).rejects.toThrow(/duplicate key|UniqueConstraintViolation/);
  const given = client.$transaction(async (transaction) => {
    await transaction.$executeRaw`insert into notes values (2)`;
    throw new Error('given up');
  });
  await expect(given).rejects.toThrow('given up');
  expect(await client.$queryRaw`select number from notes`).toEqual([]);
  await client.$transaction((transaction) => transaction.$executeRaw`insert into notes values (3)`);
  expect(await client.$queryRaw`select number from notes`).toEqual([{ number: 3 }]);
});

async function settingOf({ client }: Database, name: string): Promise<string> {
  const [row] = await client.$queryRaw<{ value: string }[]>`select current_setting(${name}) as value`;
  return row?.value ?? '';
}

async function bytesSinceCheckpoint({ database }: TestDatabase): Promise<number> {
  const [row] = await database.client.$queryRaw<{ bytes: number }[]>`
    select (pg_current_wal_insert_lsn() - redo_lsn)::int as bytes from pg_control_checkpoint()`;
  return row?.bytes ?? 0;
}

async function segmentsOf(files: string): Promise<readonly string[]> {
  return (await readdir(join(files, 'pg_wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name));
}

async function fileOf(dataDir: string, table: string): Promise<string> {
  await using database = await openEmbedded(dataDir, { sync: false });
  const [row] = await database.client.$queryRaw<
    { path: string }[]
  >`select pg_relation_filepath(${table}::regclass) as path`;
  return join(dataDir, 'db', row?.path ?? '');
}
