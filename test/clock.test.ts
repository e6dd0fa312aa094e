import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const SOURCES = new URL('../src/', import.meta.url);
/** Compares with what the file system says, which goes by the same clock. */
const MAY = ['database/data-folder-lock.ts'];

test('nothing that waits goes by the clock on the wall, which can be set', async () => {
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(50);
  const texts = await Promise.all(
    files.map(async (file) => [file.replaceAll('\\', '/'), await readFile(new URL(file, SOURCES), 'utf8')] as const),
  );
  const reading = texts.filter(([, text]) => /\bDate\.now\b|new Date\(\)\.getTime/.test(text)).map(([file]) => file);
  expect(reading.filter((file) => !MAY.includes(file) && !file.startsWith('database/generated/'))).toEqual([]);
});
