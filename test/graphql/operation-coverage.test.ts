import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { coverageOf, problemsOf } from '../../scripts/operation-coverage.ts';
import { schema } from '../../src/graphql/schema.ts';

const FOLDER = new URL('../../schema/operations/', import.meta.url);
const examples = readdirSync(FOLDER).map((name) => ({
  name,
  document: parse(readFileSync(new URL(name, FOLDER), 'utf8')),
}));

test('the examples show every query, mutation and subscription', () => {
  const coverage = coverageOf(schema, examples);
  expect(coverage.map(({ root }) => root)).toEqual(['Query', 'Mutation', 'Subscription']);
  expect(coverage.reduce((sum, { fields }) => sum + fields, 0)).toBeGreaterThan(40);
  expect(coverage.flatMap(({ missing }) => missing)).toEqual([]);
});

test('what no example shows is noticed', () => {
  expect(coverageOf(schema, []).every(({ fields, missing }) => missing.length === fields)).toBe(true);
  expect(coverageOf(schema, [{ name: 'one', document: parse('{ head }') }])[0]?.missing).not.toContain('head');
});

test.each(examples)('$name fits the schema, and asks for the id of each object that has one', ({ document }) => {
  expect(problemsOf(schema, document)).toEqual([]);
});

test('an object whose id is not asked for is noticed, also behind a fragment', () => {
  const document = parse(`{
    brand(slug: "nio") { ...Named company { id slug } }
    search(query: "nio") { ...Found }
  } fragment Named on Brand { slug } fragment Found on Subject { id }`);
  expect(problemsOf(schema, document)).toEqual(['"brand" is asked for without its id.']);
  expect(problemsOf(schema, parse('{ nonsense }'))).toEqual([expect.stringContaining('nonsense')]);
});
