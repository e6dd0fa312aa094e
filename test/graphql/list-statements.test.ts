import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);

const api = await openApi({ seeded: true, key: null });
afterAll(() => api[Symbol.asyncDispose]());

/** The number of statements that each example about lists takes. */
const STATEMENTS: Readonly<Record<string, number>> = {
  '01-million-club': 1,
  '02-brand': 1,
  '03-disagreeing-sources': 2,
  '04-search': 5,
  '09-targets': 16,
  '10-resume': 5,
  '11-contradictions': 4,
  '13-what-changed': 5,
  '14-how-sure': 10,
  '18-next-millions': 4,
  '23-company': 2,
  '25-models-and-plants': 8,
  '26-markets': 7,
  '28-refetch': 2,
  '29-sources-and-conflicts': 7,
};

// What the process reads once, such as the names of all subjects, is read here.
beforeAll(() => api.ask('{ search(query: "nio") { slug } }'));

test.each(Object.entries(STATEMENTS))('%s takes %i statements', async (name, expected) => {
  const document = await readFile(new URL(`${name}.graphql`, OPERATIONS), 'utf8');
  const statements = await statementsOf(() => api.ask(document));
  expect(statements.map(nameOf), statements.map(nameOf).join('; ')).toHaveLength(expected);
});

/** What a statement reads, in a few words. */
function nameOf(statement: string): string {
  const [, name] = /\/\* (\w+) \*\//.exec(statement) ?? [];
  const [, table] = /\bFROM (?:\(SELECT "public"\.\S+ FROM )?"public"\."(\w+)"/.exec(statement) ?? [];
  return /^\W*select|^\W*with/i.test(statement) && table !== undefined ? `rows of ${table}` : (name ?? statement);
}
