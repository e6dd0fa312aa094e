import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { readImportRules } from './support/import-rules.ts';

/** May be imported everywhere, so the map leaves it out. */
const BY_ALL = 'required';
const ROOT = new URL('..', import.meta.url);
const ROOMS = 'src/domain';
/** A row of the map: the folder that it links to, and the names that the folder may import. */
const ROW = /^\| \[`(src\/[\w/-]+)`\]\(\.\.\/([\w/-]+)\) \|[^|]*\|([^|]*)\|$/gm;
const LINK = /\]\((?!\w+:)([^)#\s]+)(?:#[^)]*)?\)/g;
const TEST_FILE = /\btest\/[\w/-]+\.test\.ts\b/g;

const rows = [...read('docs/architecture.md').matchAll(ROW)].map(([, folder = '', link = '', names = '']) => ({
  folder,
  link,
  mayImport: [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name as string),
}));

test('the map of the architecture has every folder of src and every room of the domain', async () => {
  const there = [...(await foldersIn('src')), ...(await foldersIn(ROOMS))];
  expect(there.length).toBeGreaterThan(10);
  expect(rows.map(({ folder }) => folder).sort()).toEqual(there.sort());
  expect(rows.filter(({ folder, link }) => folder !== link)).toEqual([]);
});

test('the map says of each folder what the rules let it import', () => {
  const written = rows.filter(({ folder }) => folder !== ROOMS);
  expect(Object.fromEntries(written.map(({ folder, mayImport }) => [folder, [...mayImport].sort()]))).toEqual(
    Object.fromEntries(written.map(({ folder }) => [folder, allowedFor(folder)])),
  );
});

test('the links of the documentation lead to existing files', async () => {
  const links = (await readPages()).flatMap(({ file, text }) =>
    [...text.matchAll(LINK)].map(([, path]) => ({ file, target: posix.join(posix.dirname(file), path as string) })),
  );
  expect(links.length).toBeGreaterThan(30);
  expect(links.filter(({ target }) => !existsSync(new URL(target, ROOT)))).toEqual([]);
});

test('the test files in the commands of the documentation exist', async () => {
  const named = (await readPages()).flatMap(({ file, text }) =>
    [...text.matchAll(TEST_FILE)].map(([target]) => ({ file, target })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ target }) => !existsSync(new URL(target, ROOT)))).toEqual([]);
});

/** The pages of the documentation. */
async function readPages(): Promise<readonly { readonly file: string; readonly text: string }[]> {
  const pages = (await readdir(new URL('docs', ROOT))).filter((name) => name.endsWith('.md'));
  const files = [...pages.map((name) => `docs/${name}`), 'CONTRIBUTING.md', 'README.md'];
  return files.map((file) => ({ file, text: read(file) }));
}

function allowedFor(folder: string): readonly string[] {
  const paths = readImportRules().flatMap(({ of, mayImport }) => (of === `${folder}/**` ? mayImport : []));
  return [...new Set(paths.map(nameOf))].filter((name) => name !== BY_ALL).sort();
}

/** The room of a path below the domain, else the folder or file below src. */
function nameOf(path: string): string {
  const [, top = '', room = '**'] = path.split('/');
  return (top === 'domain' && room !== '**' ? room : top).replace('.ts', '');
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(new URL(folder, ROOT), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${folder}/${name}`);
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}
