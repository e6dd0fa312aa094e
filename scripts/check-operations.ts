import { readdir, readFile } from 'node:fs/promises';
import { parse } from 'graphql';
import { schema } from '../src/graphql/schema.ts';
import { ROOT } from '../src/root.ts';
import { coverageOf, problemsOf } from './operation-coverage.ts';

const FOLDER = new URL('schema/operations/', ROOT);

const names = (await readdir(FOLDER)).sort();
const examples = await Promise.all(
  names.map(async (name) => ({ name, document: parse(await readFile(new URL(name, FOLDER), 'utf8')) })),
);
for (const { root, fields, missing } of coverageOf(schema, examples)) {
  console.log(`${root}: the examples show ${fields - missing.length} of ${fields} fields`);
  if (missing.length > 0) fail(`No file in schema/operations shows ${missing.join(', ')}.`);
}
for (const { name, document } of examples)
  for (const problem of problemsOf(schema, document)) fail(`schema/operations/${name}: ${problem}`);

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}
