import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = new URL('..', import.meta.url);
const GENERATED = 'src/database/generated/';

/** Who may import whom below src: a folder, or one file; "type" in front: only types of it. The linter has the same table. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  cli: ['changes', 'config', 'database', 'domain', 'errors', 'graphql/schema', 'logger', 'root'],
  http: ['type config', 'type database', 'domain/api-key', 'errors', 'execution', 'graphql', 'logger', 'root'],
  execution: ['changes', 'errors', 'logger'],
  graphql: [
    'changes',
    'database/generated',
    'database/unavailable',
    'type database/handle',
    'domain',
    'errors',
    'logger',
  ],
  domain: ['changes/chain', 'changes/hierarchy', 'changes/log', 'database/generated', 'type database/handle', 'errors'],
  changes: ['database/generated', 'database/unavailable', 'type database/handle', 'errors', 'logger'],
  database: ['type config', 'errors', 'logger'],
  config: ['errors'],
  errors: [],
  logger: [],
  root: [],
};
/** import … from '.…', export … from '.…', import '.…' and import('.…'). */
const IMPORT =
  /\b(?:import|export)\s(?:[\w*{][^;'"(=]*?\sfrom\s)?\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/g;

/** They put everything together. */
const EVERYTHING = ['main', 'server'];

test('imports go the way the table says', async () => {
  const imports = await readImports('src');
  expect(imports.length).toBeGreaterThan(20);
  expect(imports.filter((found) => !isAllowed(found)).map(describeImport)).toEqual([]);
});

test('the dashboard imports nothing of src', async () => {
  const imports = await readImports('dashboard');
  expect(imports.filter(({ target }) => target.startsWith('src/')).map(describeImport)).toEqual([]);
});

interface Import {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly target: string;
}

function isAllowed({ file, target, text }: Import): boolean {
  const from = unitOf(file);
  if (EVERYTHING.includes(from)) return true;
  if (!target.startsWith('src/')) return false;
  if (unitOf(target) === from) return true;
  const path = target.replace(/^src\//, '').replace(/\.ts$/, '');
  const onlyTypes = text.startsWith('import type ');
  return (MAY_IMPORT[from] ?? []).some((entry) => {
    const allowed = entry.replace(/^type /, '');
    return (path === allowed || path.startsWith(`${allowed}/`)) && (onlyTypes || !entry.startsWith('type '));
  });
}

/** The folder below src, or the file right in it without its ending. */
function unitOf(path: string): string {
  return path.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

function describeImport({ file, line, text }: Import): string {
  const allowed = MAY_IMPORT[unitOf(file)]?.join(', ') || 'nothing';
  return `${file}:${line}: ${text} (${unitOf(file)} may import ${allowed})`;
}

/** Every import, also exports from elsewhere and dynamic ones, of a file of this project. */
async function readImports(folder: string): Promise<readonly Import[]> {
  const entries = await readdir(new URL(folder, ROOT), { recursive: true }).catch(() => []);
  const files = entries.map((entry) => posix.join(folder, entry.replaceAll('\\', '/')));
  const sources = files.filter((file) => /\.m?[jt]sx?$/.test(file) && !file.startsWith(GENERATED));
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
