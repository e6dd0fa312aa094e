import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const SOURCES = new URL('../src/', import.meta.url);
const MAY = [
  // Compares with the timestamps of the file system, which uses the system clock.
  'database/data-folder-lock.ts',
  // Writes such timestamps.
  'database/tar.ts',
  // Measure how long ago another instance committed, and tell when a span began: neither waits for anything.
  'changes/tail.ts',
  'telemetry/tracing.ts',
];

test('no timer depends on the system clock, which can be set', async () => {
  const files = (await readdir(SOURCES, { recursive: true })).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(50);
  const texts = await Promise.all(
    files.map(async (file) => [file.replaceAll('\\', '/'), await readFile(new URL(file, SOURCES), 'utf8')] as const),
  );
  const reading = texts.filter(([, text]) => /\bDate\.now\b|new Date\(\)\.getTime/.test(text)).map(([file]) => file);
  expect(reading.filter((file) => !MAY.includes(file) && !file.startsWith('database/generated/'))).toEqual([]);
});
