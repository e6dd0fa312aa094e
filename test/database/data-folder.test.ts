import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { lockDataFolder } from '../../src/database/data-folder-lock.ts';
import { openEmbedded } from '../../src/database/embedded.ts';
import { StartupError } from '../../src/errors.ts';
import { deferred, until } from '../support/wait.ts';

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return { ...real, rm: vi.fn(real.rm), mkdir: vi.fn(real.mkdir) };
});

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mp-lock-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('a data folder is taken by one at a time, and free again once given back', async () => {
  const dataDir = await makeFolder('taken');
  const lock = await lockDataFolder(dataDir);
  const refused = await lockDataFolder(dataDir).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(StartupError);
  expect((refused as StartupError).message).toContain(`${dataDir} is in use by process ${process.pid}`);
  expect((refused as StartupError).message).toContain('MILEPOST_DATA_DIR');
  await lock[Symbol.asyncDispose]();
  await using _again = await lockDataFolder(dataDir);
});

test('two data folders do not get in each other’s way', async () => {
  await using _one = await lockDataFolder(await makeFolder('one'));
  await using _other = await lockDataFolder(await makeFolder('other'));
});

test.each([
  ['a short path', 'short'],
  ['a path too long for a socket', 'long'.repeat(30)],
])('a data folder of %s is the same folder by whatever way it is reached', async (_what, name) => {
  const dataDir = await makeFolder(name);
  const link = join(folder, `link-to-${name}`);
  await symlink(dataDir, link);
  await using _held = await lockDataFolder(dataDir);
  await expect(lockDataFolder(`${dataDir}/`)).rejects.toThrow(StartupError);
  await expect(lockDataFolder(join(dataDir, '..', name))).rejects.toThrow(StartupError);
  await expect(lockDataFolder(link)).rejects.toThrow(StartupError);
});

test('the lock of a process that was killed is free at once', async () => {
  const dataDir = await makeFolder('left-behind');
  await leaveDeadSocket(join(dataDir, 'lock'));
  await using _lock = await lockDataFolder(dataDir);
  await expect(lockDataFolder(dataDir)).rejects.toThrow(StartupError);
});

test('of two who find the lock of a dead process at once, one gets it', async () => {
  const dataDir = await makeFolder('raced-for');
  await leaveDeadSocket(join(dataDir, 'lock'));
  // The first has seen that the owner is dead, and is about to remove its socket.
  const removed = deferred();
  const { rm: reallyRemove } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  const removal = vi.mocked(rm).mockImplementationOnce(async (...args) => {
    await removed.promise;
    await reallyRemove(...args);
  });
  const before = removal.mock.calls.length;
  const first = settle(lockDataFolder(dataDir));
  await until('the first is about to remove it', () => removal.mock.calls.length > before);
  const turns = vi.mocked(mkdir).mock.calls.length;
  let over = false;
  const second = settle(lockDataFolder(dataDir)).finally(() => {
    over = true;
  });
  await until('the second has it or waits for its turn', () => over || vi.mocked(mkdir).mock.calls.length > turns);
  removed.resolve();
  const outcomes = await Promise.all([first, second]);
  for (const { lock } of outcomes) await lock?.[Symbol.asyncDispose]();
  expect(outcomes.filter(({ lock }) => lock !== undefined)).toHaveLength(1);
  expect(outcomes.find(({ error }) => error !== undefined)?.error).toBeInstanceOf(StartupError);
});

test('a removal that a process died over is passed over', async () => {
  const dataDir = await makeFolder('died-twice');
  await leaveDeadSocket(join(dataDir, 'lock'));
  await mkdir(join(dataDir, 'lock.removal'));
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(join(dataDir, 'lock.removal'), longAgo, longAgo);
  await using _lock = await lockDataFolder(dataDir);
});

test('a data folder that is a file is refused with its name', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  await expect(openEmbedded(file)).rejects.toThrow(StartupError);
  await expect(openEmbedded(file)).rejects.toThrow(file);
});

async function makeFolder(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  return path;
}

/** A socket whose owner was killed: nobody listens on it, and it is still there. */
async function leaveDeadSocket(path: string): Promise<void> {
  const program = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program, path]), 'exit');
}

async function settle(attempt: Promise<AsyncDisposable>): Promise<{ lock?: AsyncDisposable; error?: unknown }> {
  return attempt.then(
    (lock) => ({ lock }),
    (error: unknown) => ({ error }),
  );
}
