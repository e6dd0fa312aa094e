import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { buildSchema, getOperationAST, getVariableValues, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { decodeCursor } from '../src/changes/cursor.ts';
import { readConfig } from '../src/config.ts';

const ROOT = new URL('..', import.meta.url);
/** A row of a table that begins with a name as code: the name, and the next cell. */
const ROW = /^\| `([A-Z_]+)` \| (?:`([^`]*)`|([^|]*)) \|/gm;

const readme = await read('README.md');

test('the README has every variable of the configuration, with its default', async () => {
  const names = [...(await read('src/config.ts')).matchAll(/^ {2}([A-Z_]+): \{/gm)].map(([, name]) => name as string);
  expect(names.length).toBeGreaterThan(5);
  const written = new Map([...sectionOf('Run it').matchAll(ROW)].map(([, name, value]) => [name, value]));
  expect([...written.keys()].sort()).toEqual(names.sort());
  const defaults = Object.values(readConfig({})).map((value) =>
    typeof value === 'boolean' ? (value ? 'on' : 'off') : value === undefined ? undefined : String(value),
  );
  // Several variables without a default may be one value of the configuration.
  const isSet = (value: string | undefined): boolean => value !== undefined;
  expect([...written.values()].filter(isSet).sort()).toEqual(defaults.filter(isSet).sort());
});

test('the README shows cursors as they are', () => {
  const cursors = [...readme.matchAll(/^id: (.*)$/gm)].map(([, cursor]) => cursor as string);
  expect(cursors.length).toBeGreaterThan(3);
  for (const cursor of cursors) expect([cursor, decodeCursor(cursor)?.log]).toEqual([cursor, expect.any(String)]);
});

test('what the README sends with curl as JSON is valid', async () => {
  const bodies = [...readme.matchAll(/--data-binary '(\{\n[\s\S]*?\n\})'/g)].map(([, body = '']) => JSON.parse(body));
  expect(bodies.length).toBeGreaterThan(0);
  const schema = buildSchema(await read('schema/milepost.graphql'));
  for (const { query, variables } of bodies) {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    const { variableDefinitions = [] } = getOperationAST(document) ?? {};
    expect(getVariableValues(schema, variableDefinitions, variables).errors).toBe(undefined);
  }
});

test('the README links to existing files', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path]) => path as string);
  expect(links.length).toBeGreaterThan(5);
  expect(links.filter((path) => !existsSync(new URL(path, ROOT)))).toEqual([]);
});

test('the README has the first five operations, and scripts that exist', async () => {
  const operations = (await readdir(new URL('schema/operations', ROOT))).filter((name) => name.endsWith('.graphql'));
  for (const name of operations.sort().slice(0, 5)) expect(sectionOf('Start')).toContain(`(schema/operations/${name})`);
  const { scripts } = JSON.parse(await read('package.json')) as { scripts: Record<string, string> };
  const named = [...readme.matchAll(/\bnpm run ([\w:]+)/g)].map(([, name]) => name);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test('the README has every table, and subscriptions and codes that exist', async () => {
  const tables = [...(await read('prisma/schema.prisma')).matchAll(/^model (\w+)/gm)].map(([, name]) => name as string);
  const inner = ['Budget', 'ChangeLog', 'SeedLoad'];
  const described = [...sectionOf('The data').matchAll(/^\| ([A-Z]\w+) \|/gm)].map(([, name]) => name as string);
  expect(described.sort()).toEqual(tables.filter((name) => !inner.includes(name)).sort());
  const contract = await read('schema/milepost.graphql');
  for (const [, name] of sectionOf('Subscribe and resume').matchAll(/^\| `(\w+)/gm))
    expect(contract).toContain(`  ${name}`);
  const sources = await readSources();
  const codes = [...sectionOf('When something is wrong').matchAll(ROW)].map(([, code]) => code as string);
  expect(codes).toContain('CURSOR_EXPIRED');
  for (const code of codes.filter((each) => !each.startsWith('GRAPHQL_'))) expect(sources).toContain(`'${code}'`);
});

function sectionOf(title: string): string {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${title}\n`));
  if (section === undefined) throw new Error(`The README has no section "${title}".`);
  return section;
}

function read(path: string): Promise<string> {
  return readFile(new URL(path, ROOT), 'utf8');
}

async function readSources(): Promise<string> {
  const files = (await readdir(new URL('src', ROOT), { recursive: true })).filter((file) => file.endsWith('.ts'));
  return (await Promise.all(files.map((file) => read(`src/${file}`)))).join('\n');
}
