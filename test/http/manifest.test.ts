import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentIdOf } from '../../src/digest.ts';
import { StartupError } from '../../src/errors.ts';
import { readTrustedDocuments } from '../../src/http/trusted-documents.ts';

const DASHBOARD = new URL('../../dist/dashboard/', import.meta.url);
const HEAD = '{ head }';
const SCHEMA = '{ __schema { queryType { name } } }';

let folder: string;
let path: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-manifest-'));
  path = join(folder, 'manifest.json');
});
afterAll(() => rm(folder, { recursive: true }));

async function read(content: string | object, introspection = true) {
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return readTrustedDocuments({ path, dashboard: DASHBOARD, introspection });
}

async function complaintOf(content: string | object, introspection = true): Promise<string> {
  const error = await read(content, introspection).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StartupError);
  const { message } = error as Error;
  expect(message.split('\n')[0]).toBe(`MILEPOST_TRUSTED_DOCUMENTS is "${path}", which cannot be used:`);
  return message.split('\n').slice(1).join('\n');
}

describe('a manifest', () => {
  test('of several tools is read: digests, prefixes and words name documents', async () => {
    const ids = [documentIdOf(HEAD), 'x-mine:a.b', '0123456789abcdef0123456789abcdef', 'app~1.0~abc'];
    const documents = await read(Object.fromEntries(ids.map((id) => [id, HEAD])));
    for (const documentId of ids) expect(documents.find({ documentId })).toMatchObject({ query: HEAD });
    // The digest is known whatever the manifest calls the document.
    const renamed = await read({ a: '{ __typename }' });
    expect(renamed.find({ documentId: documentIdOf('{ __typename }') })).toMatchObject({ query: '{ __typename }' });
  });

  test('trusts what the dashboard asks besides', async () => {
    const documents = await read({ a: HEAD });
    const { default: own } = await import('../../dist/dashboard/documents.json', { with: { type: 'json' } });
    const texts: readonly string[] = Object.values(own);
    expect(texts.length).toBeGreaterThan(50);
    for (const query of texts) expect(documents.find({ query })).toEqual({ query });
  });

  test('is refused with everything that is wrong, each with its place', async () => {
    expect(
      await complaintOf({
        one: '{ nothing }',
        two: '{\n  head(a: 1)\n}',
        three: '{',
        four: 'fragment A on Query { head }',
        'a b': HEAD,
        [`sha256:${'0'.repeat(64)}`]: HEAD,
        'sha256:abc': HEAD,
      }),
    ).toBe(
      [
        'one: line 1, column 3: Cannot query field "nothing" on type "Query".',
        'two: line 2, column 8: Unknown argument "a" on field "Query.head".',
        'three: line 1, column 2: Syntax Error: Expected Name, found <EOF>.',
        'four: line 1, column 1: Fragment "A" is never used.',
        'a b: This is not an identifier: it has letters, digits and -._~, or begins with sha256: or x-….',
        `sha256:${'0'.repeat(64)}: The text has the digest ${documentIdOf(HEAD)}.`,
        'sha256:abc: This is not an identifier: it has letters, digits and -._~, or begins with sha256: or x-….',
      ].join('\n'),
    );
  });

  test('is refused when it asks for the schema and introspection is off', async () => {
    expect(await complaintOf({ a: SCHEMA }, false)).toContain('Introspection is switched off');
    expect((await read({ a: SCHEMA })).has(SCHEMA)).toBe(true);
  });

  test('with many mistakes is refused with the first of them, and how many there are', async () => {
    const wrong = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, '{ a }']));
    expect((await complaintOf(wrong)).split('\n').slice(-1)).toEqual(['… and 10 more']);
  });

  test.each(['', '[]', '{"a": 1}', 'null', 'query A { head }', '{"format":"x","operations":[]}'])(
    'that is %s is none',
    async (content) => {
      expect(await complaintOf(content)).toContain('`milepost documents`');
    },
  );

  test('that is not there is said', async () => {
    const options = { path: join(folder, 'none.json'), dashboard: DASHBOARD, introspection: true };
    await expect(readTrustedDocuments(options)).rejects.toThrow(/none\.json", which cannot be used:\nENOENT/);
  });
});
