import { expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { milepost, milepostProcess } from '../support/command.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { startProduct } from '../support/product.ts';

/** A process takes less than a second on an idle machine. */
const TIMEOUT_MS = 120_000;
const ALL_IS_WELL =
  /^Verified (\d+ figures, \d+ entries of the log, (\d+) observations, (\d+) contradictions and (\d+) milestones): all are as they should be\.\n$/;

test(
  'verify counts what it compared, lists differences, and repairs what is derived',
  async () => {
    await using place = await placeDatabase('seeded');
    const before = await milepostProcess(place, 'verify');
    expect(before).toEqual({ code: 0, stdout: expect.stringMatching(ALL_IS_WELL), stderr: '' });
    const [, all, observations, contradictions, milestones] = ALL_IS_WELL.exec(before.stdout) ?? [];
    expect(Number(observations)).toBeGreaterThan(100);
    expect(Number(contradictions)).toBeGreaterThan(10);
    expect(Number(milestones)).toBeGreaterThan(10);

    const changed = await tamper(
      place,
      `update "Observation" set value = 1 where metric = 'BATTERY_SWAPS' and value = 96000000`,
      `update "Milestone" set status = 'DISPUTED' where threshold = 1000000 and key like '%PRODUCTION%' and status <> 'DISPUTED'`,
    );
    const after = await milepost(place, 'verify');
    expect({ code: after.code, stderr: after.stderr }).toEqual({ code: 1, stderr: '' });
    expect(after.stdout).toMatch(
      /^nio-inc BATTERY_SWAPS \.\.\/2026-01-19\n {2}kept: {7}OVER 1 .+\n {2}recomputed: OVER 96000000 /,
    );
    expect(after.stdout).toMatch(/^li-auto: .+\n {2}kept: {7}.*DISPUTED.*\n {2}recomputed: .*ANNOUNCED/m);
    expect(after.stdout).toMatch(new RegExp(`\nOf ${all}, ${changed} differ\\.\n$`));

    expect(await tamper(place, `update "Observation" set revised = not revised`)).toBe(Number(observations));
    const much = await milepost(place, 'verify', '--repair');
    expect({ code: much.code, stderr: much.stderr }).toEqual({ code: 0, stderr: '' });
    expect(much.stdout.match(/^ {2}recomputed: .+\n {2}repaired$/gm)).toHaveLength(50);
    const [, more] = /^… and (\d+) more\n/m.exec(much.stdout) ?? [];
    const count = Number(more) + 50;
    // The observation that was changed before is among them, the milestones are not.
    expect(count).toBe(Number(observations) + changed - 1);
    expect(much.stdout).toContain(`\nOf ${all}, ${count} differed; ${count} are repaired, 0 are left.\n`);

    // The log is not derived: its lost figure is reported for the entry, its digest and the figure, and stays. Everything else is as before.
    await tamper(
      place,
      `update "Change" set "aboutId" = 0
        where position = (select min(position) from "Change" where kind = 'FIGURE' and position >= 1000)`,
    );
    const lost = await milepostProcess(place, 'verify', '--repair');
    expect(lost.code).toBe(1);
    expect(lost.stdout).toMatch(/^the log at \d+\n(.+\n){2} {2}not repaired\n/);
    expect(lost.stdout).toMatch(/, 3 differed; 0 are repaired, 3 are left\.\n$/);
  },
  TIMEOUT_MS,
);

test(
  'on a database without tables a command creates none, and says how to name the right database',
  async () => {
    await using place = await placeDatabase('empty');
    for (const words of [['verify'], ['keys', 'list']]) {
      const { code, stdout, stderr } = await milepost(place, ...words);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^The database has no tables of Milepost\. Name the one of the server .+ once\.\n$/);
    }
    await using database = await openDatabase({ ...place, databaseConnections: 1 }, createLogger('silent'));
    expect(await database.client.$queryRaw`select tablename from pg_tables where schemaname = 'public'`).toEqual([]);
  },
  TIMEOUT_MS,
);

test(
  'verify of an empty database says so, and does not end as if something had been compared',
  async () => {
    await using place = await placeDatabase('migrated');
    const { code, stdout, stderr } = await milepost(place, 'verify');
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    expect(stdout).toBe('The database is empty: there was nothing to compare. Is it the one that is meant?\n');
  },
  TIMEOUT_MS,
);

if (inject('backend') === 'postgres') {
  test(
    'tables that the role may not read are told apart from none',
    async () => {
      await using place = await placeDatabase('migrated');
      await using database = await openDatabase({ ...place, databaseConnections: 1 }, createLogger('silent'));
      await database.client.$executeRawUnsafe('create role stranger');
      const address = new URL(place.databaseUrl as string);
      address.searchParams.set('options', '-c role=stranger');
      const { code, stdout, stderr } = await milepost({ ...place, databaseUrl: address.href }, 'verify');
      await database.client.$executeRawUnsafe('drop role stranger');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^The role of DATABASE_URL may not read the tables of the database: permission denied/);
    },
    TIMEOUT_MS,
  );
}

test(
  'a command of an older version says that the database is newer',
  async () => {
    await using place = await placeDatabase('migrated');
    await tamper(
      place,
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('later', '', '29990101000000_later', now())`,
    );
    const { code, stdout, stderr } = await milepost(place, 'verify');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(
      'The database has the migration 29990101000000_later, which this version does not know: it is newer.\n',
    );
  },
  TIMEOUT_MS,
);

test(
  'verify names the process that has the data folder, and on a Postgres server compares while Milepost runs',
  async () => {
    await using place = await placeDatabase('seeded');
    await using server = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    const { code, stdout, stderr } = await milepostProcess(place, 'verify');
    if (inject('backend') === 'embedded') {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toBe(
        `The data folder ${place.dataDir} is in use by process ${server.pid}. Stop that process, or choose another folder with MILEPOST_DATA_DIR.\n`,
      );
      expect(server.running).toBe(true);
      await server.stop();
      expect((await milepost(place, 'verify')).stdout).toMatch(ALL_IS_WELL);
    } else {
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(ALL_IS_WELL) });
      expect(server.running).toBe(true);
    }
  },
  TIMEOUT_MS,
);

/** Changes rows directly in the database, at least one with each statement. Returns their number. */
async function tamper({ databaseUrl, dataDir }: TestPlace, ...statements: readonly string[]): Promise<number> {
  await using database = await openDatabase({ databaseUrl, dataDir, databaseConnections: 1 }, createLogger('silent'));
  let changed = 0;
  for (const sql of statements) {
    const rows = await database.client.$executeRawUnsafe(sql);
    expect(rows).toBeGreaterThan(0);
    changed += rows;
  }
  return changed;
}
