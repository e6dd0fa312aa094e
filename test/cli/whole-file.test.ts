import fs from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeWhole } from '../../src/cli/whole-file.ts';
import { StartupError } from '../../src/errors.ts';
import { deferred } from '../support/wait.ts';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-whole-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('of two that write a file at the same time one gets the name, and the other overwrites nothing', async () => {
  const path = newPath();
  const both = deferred();
  let begun = 0;
  const outcomes = await Promise.allSettled(
    ['one', 'other'].map((text) =>
      writeWhole(path, async (unfinished) => {
        begun += 1;
        if (begun === 2) both.resolve();
        await both.promise;
        await writeFile(unfinished, text, { flag: 'r+' });
      }),
    ),
  );
  const [winner] = outcomes.flatMap((outcome, index) => (outcome.status === 'fulfilled' ? [index] : []));
  const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  expect(refused).toEqual([expect.any(StartupError)]);
  expect(refused[0].message).toBe(`There is a file ${path} already. Name another.`);
  expect(await readFile(path, 'utf8')).toBe(['one', 'other'][winner ?? -1]);
  expect(await leftOf(path)).toEqual([]);
});

test('a file that comes to be while it is written is kept', async () => {
  const path = newPath();
  const writing = writeWhole(path, () => writeFile(path, 'of another'));
  await expect(writing).rejects.toThrow(`There is a file ${path} already.`);
  expect(await readFile(path, 'utf8')).toBe('of another');
  expect(await leftOf(path)).toEqual([]);
});

test('where a file can have one name only, it gets that as well, and overwrites nothing', async () => {
  const { link } = fs.promises;
  fs.promises.link = () => Promise.reject(Object.assign(new Error('not here'), { code: 'EPERM' }));
  syncBuiltinESMExports();
  try {
    const [path, taken] = [newPath(), newPath()];
    await writeWhole(path, (unfinished) => writeFile(unfinished, 'whole', { flag: 'r+' }));
    expect(await readFile(path, 'utf8')).toBe('whole');
    await expect(writeWhole(taken, () => writeFile(taken, 'of another'))).rejects.toThrow('There is a file');
    expect(await readFile(taken, 'utf8')).toBe('of another');
    expect([await leftOf(path), await leftOf(taken)]).toEqual([[], []]);
  } finally {
    fs.promises.link = link;
    syncBuiltinESMExports();
  }
});

test('a file has its name when it is whole, and only its owner may read it', async () => {
  const path = newPath();
  const bytes = await writeWhole(path, async (unfinished) => {
    await expect(stat(path)).rejects.toThrow('ENOENT');
    await writeFile(unfinished, 'whole', { flag: 'r+' });
  });
  expect(bytes).toBe(5);
  const { mode, nlink } = await stat(path);
  expect([mode & 0o777, nlink]).toEqual([0o600, 1]);
  await expect(writeWhole(newPath(), () => Promise.reject(new Error('no data')))).rejects.toThrow('no data');
  expect((await readdir(folder)).filter((name) => name.includes('unfinished'))).toEqual([]);
});

async function leftOf(path: string): Promise<readonly string[]> {
  return (await readdir(folder))
    .map((name) => join(folder, name))
    .filter((name) => name !== path && name.startsWith(path));
}

function newPath(): string {
  count += 1;
  return join(folder, `file-${count}`);
}
