import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { withLock } from '../../scripts/lock.mjs';
import { takeDataFolder } from '../../src/database/data-folder.ts';
import { openEmbedded } from '../../src/database/embedded.ts';
import { restoreEmbedded } from '../../src/database/restore.ts';
import { tarEnd, tarHead } from '../../src/database/tar.ts';
import { StartupError } from '../../src/errors.ts';
import { deferred, soon, until } from '../support/wait.ts';

const FILE_LOCK = fileURLToPath(new URL('../../src/database/file-lock.mjs', import.meta.url));
const NOBODY = 65_534;
/** Longer than the path of a socket may be. */
const LONG = 'long'.repeat(30);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mp-lock-'));
});

afterEach(() => vi.unstubAllEnvs());

afterAll(() => rm(folder, { recursive: true, force: true }));

test('one process at a time holds a data folder, and it is free again once released', async () => {
  const dataDir = await makeFolder('taken');
  const taken = await takeDataFolder(dataDir);
  const refused = await takeDataFolder(dataDir).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartupError);
  expect((refused as StartupError).message).toContain(`${dataDir} is in use by process ${process.pid}.`);
  expect((refused as StartupError).message).toContain('MILEPOST_DATA_DIR');
  await taken[Symbol.asyncDispose]();
  await using _again = await takeDataFolder(dataDir);
});

test('two data folders can be held at the same time', async () => {
  await using _one = await takeDataFolder(await makeFolder('one'));
  await using _other = await takeDataFolder(await makeFolder('other'));
});

test.each([
  ['a short path', 'short'],
  ['a long path', LONG],
  ['a path with spaces and signs of other alphabets', "a b'c ü 里程碑"],
])('a data folder of %s is the same folder by any path and with any temporary folder', async (_what, name) => {
  const dataDir = await makeFolder(name);
  const link = join(folder, `link-to-${name}`);
  await symlink(dataDir, link);
  await using _held = await takeDataFolder(dataDir);
  vi.stubEnv('TMPDIR', await makeFolder(`temporary-${name}`));
  for (const same of [dataDir, `${dataDir}/`, join(dataDir, '..', name), link]) {
    await expect(takeDataFolder(same), same).rejects.toThrow(StartupError);
  }
});

test.each([
  ['a short path', 'killed'],
  ['a long path', `${LONG}-killed`],
])(
  'a paused process keeps its data folder of %s, and the folder of a killed process is free at once',
  async (_what, name) => {
    const dataDir = await makeFolder(name);
    const owner = await lockInProcess(join(dataDir, 'db.lock'));
    try {
      owner.kill('SIGSTOP');
      await expect(takeDataFolder(dataDir)).rejects.toThrow(`in use by process ${owner.pid}.`);
    } finally {
      owner.kill('SIGKILL');
    }
    await soon('the end', once(owner, 'exit'));
    await using _taken = await takeDataFolder(dataDir);
  },
);

test('one of many processes gets the data folder of a killed process', async () => {
  const dataDir = await makeFolder('raced-for');
  const owner = await lockInProcess(join(dataDir, 'db.lock'));
  owner.kill('SIGKILL');
  await soon('the end', once(owner, 'exit'));
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => takeDataFolder(dataDir)));
  const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled');
  for (const { value } of taken) await value[Symbol.asyncDispose]();
  expect(taken).toHaveLength(1);
});

test('preparing the clone waits for another process that prepares it', async () => {
  const path = join(folder, 'prepare.lock');
  const first = deferred();
  const order: string[] = [];
  const one = withLock(path, async () => {
    order.push('first begins');
    await first.promise;
    order.push('first ends');
  });
  await until('the first has begun', () => order.length > 0);
  const said = vi.spyOn(console, 'error').mockReturnValue();
  const other = withLock(path, async () => void order.push('second'));
  expect(said).toHaveBeenCalledWith(expect.stringContaining(`Waiting for process ${process.pid}`));
  said.mockRestore();
  first.resolve();
  await Promise.all([one, other]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

test('a data folder that is a file, or inside a file, is refused with its name and what to do', async () => {
  const file = join(folder, 'file');
  await writeFile(file, 'kept');
  for (const path of [file, join(file, 'below')]) {
    await expectRefusal(path, /cannot be used; choose another with MILEPOST_DATA_DIR/);
  }
  expect(await readFile(file, 'utf8')).toBe('kept');
});

test('the root of the disk is refused as a data folder', async () => {
  await expectRefusal(parse(folder).root, /all of the disk; name a folder of its own/);
});

test('a data folder without write permission is refused with what to do', async () => {
  const dataDir = await makeFolder('not-ours');
  await chmod(folder, 0o755);
  await chmod(dataDir, 0o555);
  const isRoot = process.getuid?.() === 0;
  // Root may write anywhere.
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await expectRefusal(dataDir, /cannot be used; choose another.*(EACCES|permission denied)/);
    await expectRefusal(join(dataDir, 'below'), /cannot be used; choose another.*(EACCES|permission denied)/);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
  expect(await readdir(dataDir)).toEqual([]);
});

test('a folder with other files and no database is left unchanged and refused with what to do', async () => {
  const dataDir = await makeFolder('foreign');
  await writeFile(join(dataDir, 'thesis.txt'), 'kept');
  await expectRefusal(
    dataDir,
    /has no database, and other files in it, such as thesis\.txt\. Name an empty folder, or/,
  );
  expect(await readdir(dataDir)).toEqual(['thesis.txt']);
});

test('a folder that has only files of the system is accepted', async () => {
  const dataDir = await makeFolder('nearly-empty');
  await writeFile(join(dataDir, '.gitkeep'), '');
  await mkdir(join(dataDir, 'lost+found'));
  await using _taken = await takeDataFolder(dataDir);
});

test('missing parents of the data folder are created', async () => {
  const dataDir = join(folder, 'above', 'and', 'below');
  await using _taken = await takeDataFolder(dataDir);
  expect(await readdir(dataDir)).toEqual(['db.lock']);
});

test.runIf(process.platform === 'linux')('a place where the system creates no folders is refused at once', async () => {
  await expectRefusal('/proc/milepost/data', /cannot be used; choose another with MILEPOST_DATA_DIR\. ENOENT/);
});

test('a folder without PG_VERSION is left unchanged and refused with what to do', async () => {
  const dataDir = await makeFolder('without-version');
  await mkdir(join(dataDir, 'db', 'base'), { recursive: true });
  await writeFile(join(dataDir, 'db', 'base', 'figures'), 'kept');
  await expectRefusal(
    dataDir,
    /db\/PG_VERSION is missing, and other files are there\.\nPut a backup in the place of .*, or move it away/,
  );
  expect(await readdir(join(dataDir, 'db'))).toEqual(['base']);
  // The refused folder is released, so that it can be repaired.
  await using _taken = await takeDataFolder(dataDir);
});

test('a file where the database’s folder should be is refused with what to do', async () => {
  const dataDir = await makeFolder('file-for-database');
  await writeFile(join(dataDir, 'db'), 'kept');
  await expectRefusal(dataDir, /ENOTDIR.*\nPut a backup in the place of/);
  expect(await readFile(join(dataDir, 'db'), 'utf8')).toBe('kept');
});

test.each([
  'db/../stolen',
  'db/..',
  'db/base//1',
  'db/..\\..\\stolen',
  'db/C:\\stolen',
  'db/PG_VERSION:hidden',
  'elsewhere/file',
])('a backup that has the path %s is refused, and leaves nothing behind', async (name) => {
  const dataDir = await makeFolder(`restored-${randomUUID()}`);
  const tar = Readable.from([tarHead({ name, kind: 'file', size: 0 }), tarEnd()]);
  const check = (): Promise<void> => Promise.reject(new Error('it was opened'));
  await expect(restoreEmbedded(dataDir, { tar, replace: false, check })).rejects.toThrow('which no database has');
  expect((await readdir(dataDir)).filter((entry) => entry !== 'db.lock')).toEqual([]);
});

async function expectRefusal(dataDir: string, message: RegExp): Promise<void> {
  const refused = await openEmbedded(dataDir).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartupError);
  expect((refused as StartupError).message).toMatch(message);
  expect((refused as StartupError).message).toMatch(/data folder (is )?\//);
  expect((refused as StartupError).message).toContain(dataDir);
}

async function makeFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  return path;
}

/** Takes the lock in a separate process; resolves once that process has it. */
async function lockInProcess(path: string): Promise<ChildProcess> {
  const program = `const { tryLock } = await import(process.argv[1]);
    console.log(tryLock(process.argv[2]).owner ?? 'taken');
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, FILE_LOCK, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = await soon('the lock', once(child.stdout, 'data'));
  expect(String(said)).toBe('taken\n');
  return child;
}
