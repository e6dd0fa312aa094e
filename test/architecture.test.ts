import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { readImportRules } from './support/import-rules.ts';

const ROOT = new URL('..', import.meta.url);
const GENERATED = 'src/database/generated/';
/** import … from '.…', export … from '.…', import '.…' and import('.…'). */
const IMPORT =
  /\b(?:import|export)\s(?:[\w*{][^;'"(=]*?\sfrom\s)?\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g;
/** These put everything together. */
const EVERYTHING = ['src/compose.ts', 'src/main.ts', 'src/server.ts'];

const RULES = readImportRules();

test('imports go the way the rules say', async () => {
  const imports = await readImports();
  expect(imports.length).toBeGreaterThan(20);
  expect(imports.filter((found) => !isAllowed(found)).map(describeImport)).toEqual([]);
});

test('every file of src has one rule', async () => {
  const files = (await readSources()).filter((file) => !EVERYTHING.includes(file));
  expect(files.filter((file) => RULES.filter(({ of }) => covers(of, file)).length !== 1)).toEqual([]);
});

test('every folder and file that a rule names exists', () => {
  const named = RULES.flatMap(({ of, mayImport }) => [of, ...mayImport]);
  expect(named.filter((path) => !existsSync(new URL(path.replace('/**', ''), ROOT)))).toEqual([]);
});

test('no rule lets folders import each other in a cycle', () => {
  const below = new Map(
    RULES.map(({ of, mayImport }) => [of, RULES.filter((rule) => mayImport.some((path) => overlap(path, rule.of)))]),
  );
  const climb = (of: string, path: readonly string[]): readonly string[] =>
    path.includes(of)
      ? [[...path, of].join(' → ')]
      : (below.get(of) ?? []).flatMap((rule) => climb(rule.of, [...path, of]));
  expect(RULES.flatMap(({ of }) => climb(of, []))).toEqual([]);
});

interface Import {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly target: string;
}

function isAllowed({ file, target }: Import): boolean {
  if (EVERYTHING.includes(file)) return true;
  const rule = RULES.find(({ of }) => covers(of, file));
  return rule !== undefined && [rule.of, ...rule.mayImport].some((path) => covers(path, target));
}

/** Whether a folder with a star, or a file, holds a file. */
function covers(path: string, file: string): boolean {
  return path === file || (path.endsWith('/**') && file.startsWith(path.slice(0, -2)));
}

function overlap(a: string, b: string): boolean {
  return covers(a, b.replace('/**', '/any.ts')) || covers(b, a.replace('/**', '/any.ts'));
}

function describeImport({ file, line, text }: Import): string {
  return `${file}:${line}: ${text}`;
}

async function readSources(): Promise<readonly string[]> {
  const entries = await readdir(new URL('src', ROOT), { recursive: true });
  const files = entries.map((entry) => posix.join('src', entry.replaceAll('\\', '/')));
  return files.filter((file) => /\.m?[jt]sx?$/.test(file) && !file.startsWith(GENERATED));
}

/** Every import of a file of src, including re-exports and dynamic imports. */
async function readImports(): Promise<readonly Import[]> {
  const sources = await readSources();
  const found = await Promise.all(
    sources.map(async (file) => importsOf(file, await readFile(new URL(file, ROOT), 'utf8'))),
  );
  return found.flat();
}

function importsOf(file: string, source: string): readonly Import[] {
  return [...source.matchAll(IMPORT)].map((match) => ({
    file,
    line: source.slice(0, match.index).split('\n').length,
    text: match[0].replace(/\s+/g, ' '),
    target: posix.join(posix.dirname(file), match[1] ?? match[2] ?? ''),
  }));
}
