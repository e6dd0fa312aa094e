import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { documentIdOf } from '../../src/digest.ts';
import { readTrustedDocuments } from '../../src/http/trusted-documents.ts';
import { milepost, milepostProcess } from '../support/command.ts';

const SCHEMA = fileURLToPath(new URL('../../schema', import.meta.url));
const BRAND = 'query Brand($slug: String!) { brand(slug: $slug) { ...Named } }\n';
const NAMED = 'fragment Named on Brand { slug ...Chinese }';
const CHINESE = 'fragment Chinese on Brand {\n  nameZh\n}';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-documents-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Writes files and returns what the command makes of their folder. */
async function make(files: Readonly<Record<string, string>>, ...more: string[]) {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return milepost(nowhere(), 'documents', folder, ...more);
}

/** It needs no database. */
function nowhere() {
  return { databaseUrl: undefined, dataDir: join(folder, 'none') };
}

test('each file with an operation is one document as it is, named by its digest', async () => {
  const text = '# Mine\nquery A { head }\n\nquery B { ...C }\nfragment C on Query { head }\n';
  const { code, stdout } = await make({ 'a.graphql': text, 'deep/er/b.gql': '{ __typename }', 'c.txt': '{ nothing }' });
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    [documentIdOf(text)]: text,
    [documentIdOf('{ __typename }')]: '{ __typename }',
  });
  // The example of the draft on persisted documents.
  expect(documentIdOf('query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}')).toBe(
    'sha256:7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e',
  );
});

test('fragments of other files are added, also those that they use', async () => {
  const { stdout } = await make({
    'brand.graphql': BRAND,
    'fragments/named.graphql': NAMED,
    'fragments/more.graphql': `${CHINESE}\nfragment Unused on Company { slug }`,
  });
  expect(Object.values(JSON.parse(stdout))).toEqual([`${BRAND.trimEnd()}\n\n${NAMED}\n\n${CHINESE}`]);
});

test('what is not valid is listed with its file and place, and nothing is written', async () => {
  const out = join(folder, 'manifest.json');
  const { code, stdout, stderr } = await make(
    { 'a.graphql': '{ nothing }', 'b.graphql': BRAND, 'c.graphql': '{ head {', 'd.graphql': NAMED },
    '--out',
    out,
  );
  expect([code, stdout, stderr]).toEqual([
    1,
    '',
    `${join(folder, 'c.graphql')}:1:9: Syntax Error: Expected Name, found <EOF>.\n`,
  ]);
  await rm(join(folder, 'c.graphql'));
  expect(await make({}, '--out', out)).toEqual({
    code: 1,
    stdout: '',
    stderr: [
      `${join(folder, 'a.graphql')}:1:3: Cannot query field "nothing" on type "Query".`,
      `${join(folder, 'd.graphql')}:1:35: Unknown fragment "Chinese".`,
      '',
    ].join('\n'),
  });
  await expect(readFile(out)).rejects.toThrow('ENOENT');
});

test('two fragments of one name that differ are not told apart', async () => {
  const { code, stderr } = await make({
    'a.graphql': NAMED,
    'b.graphql': BRAND,
    'c.graphql': 'fragment Named on Brand { name }',
  });
  expect([code, stderr]).toEqual([1, expect.stringContaining('The fragment "Named" is another one in')]);
});

test.each([
  [['documents'], 2, 'milepost documents <folder'],
  [['documents', 'a', '--output', 'b'], 2, "Unknown option '--output'"],
  [['documents', '/there/is/nothing'], 1, '/there/is/nothing: ENOENT'],
])('%j is refused with the reason', async (words, code, reason) => {
  const ended = await milepost(nowhere(), ...words);
  expect([ended.code, ended.stdout]).toEqual([code, '']);
  expect(ended.stderr).toContain(reason);
});

test('a folder without an operation is refused', async () => {
  expect(await make({ 'a.graphql': CHINESE })).toMatchObject({
    code: 1,
    stderr: 'There is no operation in these files.\n',
  });
});

test('the examples, beside the schema, make a manifest that a server takes', async () => {
  const out = join(folder, 'manifest.json');
  const { code, stdout } = await milepostProcess(nowhere(), 'documents', SCHEMA, '--out', out);
  const examples = await readdir(join(SCHEMA, 'operations'));
  expect([code, stdout]).toEqual([0, `${examples.length} documents are in ${out}.\n`]);
  const dashboard = new URL('../../dist/dashboard/', import.meta.url);
  const documents = await readTrustedDocuments({ path: out, dashboard, introspection: false });
  const text = await readFile(join(SCHEMA, 'operations/02-brand.graphql'), 'utf8');
  expect(documents.find({ documentId: documentIdOf(text) })).toMatchObject({ query: text });
});
