import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { installedMilepost, milepost } from '../support/command.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';
import { startProduct } from '../support/product.ts';

/** A process takes less than a second, on a machine that has nothing else to do. */
const PATIENCE_MS = 120_000;
const ALL_IS_WELL =
  /^Verified (\d+ figures, \d+ entries of the log, (\d+) observations and (\d+) milestones): all are as they should be\.\n$/;

/** A folder that no test is to leave anything in. */
let elsewhere: string;

beforeAll(async () => {
  elsewhere = await mkdtemp(join(tmpdir(), 'milepost-elsewhere-'));
});

afterAll(() => rm(elsewhere, { recursive: true, force: true }));

test(
  'verify counts what it compared, lists what differs once something does, and repairs what is derived',
  async () => {
    await using place = await placeDatabase('seeded');
    const before = await milepost(place, 'verify');
    expect(before).toEqual({ code: 0, stdout: expect.stringMatching(ALL_IS_WELL), stderr: '' });
    const [, all, observations, milestones] = ALL_IS_WELL.exec(before.stdout) ?? [];
    expect(Number(observations)).toBeGreaterThan(100);
    expect(Number(milestones)).toBeGreaterThan(10);

    await tamper(
      place,
      `update "Observation" set value = 1 where metric = 'BATTERY_SWAPS' and value = 96000000`,
      `update "Milestone" set status = 'DISPUTED' where threshold = 1000000 and key like '%PRODUCTION%'`,
    );
    const after = await milepost(place, 'verify');
    expect({ code: after.code, stderr: after.stderr }).toEqual({ code: 1, stderr: '' });
    expect(after.stdout).toMatch(
      /^nio-inc BATTERY_SWAPS \.\.\/2026-01-19\n {2}kept: {7}OVER 1 .+\n {2}recomputed: OVER 96000000 /,
    );
    expect(after.stdout).toMatch(/^li-auto: .+\n {2}kept: {7}.*DISPUTED.*\n {2}recomputed: .*ANNOUNCED/m);
    expect(after.stdout).toMatch(new RegExp(`\nOf ${all}, \\d differ\\.\n$`));

    await tamper(place, `update "Observation" set revised = not revised`);
    const much = await milepost(place, 'verify', '--repair');
    expect({ code: much.code, stderr: much.stderr }).toEqual({ code: 0, stderr: '' });
    expect(much.stdout.match(/^ {2}recomputed: .+\n {2}repaired$/gm)).toHaveLength(50);
    const [, more] = /^… and (\d+) more\n/m.exec(much.stdout) ?? [];
    const count = Number(more) + 50;
    expect(much.stdout).toContain(`\nOf ${all}, ${count} differed; ${count} are repaired, 0 are left.\n`);

    // The log is not derived: that it lost a figure is told of the entry, its digest and the figure, and stays; all else is as it was before.
    await tamper(place, `update "Change" set "figureId" = null where position = 1000`);
    const lost = await milepost(place, 'verify', '--repair');
    expect(lost.code).toBe(1);
    expect(lost.stdout).toMatch(/^the log at 1000\n(.+\n){2} {2}not repaired\n/);
    expect(lost.stdout).toMatch(/, 3 differed; 0 are repaired, 3 are left\.\n$/);
  },
  PATIENCE_MS,
);

test(
  'where there is no database a command makes none, and says how to name the one that is meant',
  async () => {
    const folder = join(elsewhere, 'nothing');
    const nowhere = { databaseUrl: undefined, dataDir: folder };
    const refused = {
      code: 1,
      stdout: '',
      stderr: `There is no database in ${folder}. Name the server's folder with MILEPOST_DATA_DIR, or its DATABASE_URL, or start the server once.\n`,
    };
    const commands = [['verify'], ['keys', 'list'], ['keys', 'create', '--label', 'x'], ['keys', 'revoke', '1']];
    const ends = await Promise.all(commands.map((words) => milepost(nowhere, ...words)));
    expect(ends).toEqual(commands.map(() => refused));
    expect(await readdir(elsewhere)).toEqual([]);
    await mkdir(folder);
    expect(await milepost(nowhere, 'keys', 'list')).toEqual(refused);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
  },
  PATIENCE_MS,
);

test(
  'on a database without tables a command makes none, and says how to name the one that is meant',
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
  PATIENCE_MS,
);

test(
  'no command, an unknown one and too much of one print the usage',
  async () => {
    const place = { databaseUrl: undefined, dataDir: join(elsewhere, 'none') };
    const wrong = [[], ['verfy'], ['toString'], ['verify', 'everything'], ['verify', '--repair', '--repair']];
    for (const { code, stdout, stderr } of await Promise.all(wrong.map((args) => milepost(place, ...args)))) {
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^Usage:\nmilepost verify \[--repair\]\n {2,}\S.*\n/);
      expect(stderr).toContain('MILEPOST_DATA_DIR');
    }
    const installed = await installedMilepost(place);
    expect({ code: installed.code, stdout: installed.stdout }).toEqual({ code: 2, stdout: '' });
    expect(installed.stderr).toContain('Usage:\nmilepost verify');
    expect(await readdir(elsewhere)).toEqual([]);
  },
  PATIENCE_MS,
);

test.each([[['--help']], [['help']], [['keys', 'create', '--help']]])(
  '%j prints the usage, as what was asked for',
  async (words) => {
    const { code, stdout, stderr } = await milepost(
      { databaseUrl: undefined, dataDir: join(elsewhere, 'none') },
      ...words,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage:\nmilepost verify \[--repair\]\n/);
    expect(stdout).toContain('milepost keys create --label');
  },
  PATIENCE_MS,
);

test(
  'verify says which process has the data folder, and on a server of its own compares while Milepost runs',
  async () => {
    await using place = await placeDatabase('migrated');
    await using server = await startProduct({ place, environment: { MILEPOST_SEED: 'off' } });
    const { code, stdout, stderr } = await milepost(place, 'verify');
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
  PATIENCE_MS,
);

test(
  'verify says why a database cannot be reached',
  async () => {
    const nobody = { databaseUrl: 'postgresql://nobody@127.0.0.1:1/nothing', dataDir: elsewhere };
    const { code, stdout, stderr } = await milepost(nobody, 'verify');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^The database of DATABASE_URL cannot be reached: .+\n$/);
  },
  PATIENCE_MS,
);

/** Changes rows past the program. */
async function tamper({ databaseUrl, dataDir }: TestPlace, ...statements: readonly string[]): Promise<void> {
  await using database = await openDatabase({ databaseUrl, dataDir, databaseConnections: 1 }, createLogger('silent'));
  for (const sql of statements) expect(await database.client.$executeRawUnsafe(sql)).toBeGreaterThan(0);
}
