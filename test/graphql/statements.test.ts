import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';
import { unique } from '../support/writes.ts';

const OPERATIONS = new URL('../../schema/operations/', import.meta.url);

/**
 * The number of statements that each example takes: one for the list of a root field, and one for each list below it. More are those that
 * explain a value from the claims about all relatives, and targets, which are judged by them.
 */
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
  '15-citation': 14,
  '16-one-screen': 17,
  '17-curves': 2,
  '18-next-millions': 3,
  '19-monthly-table': 3,
  '20-board-of-the-month': 7,
  '21-who-moved': 7,
  '22-market-shares': 6,
  '23-company': 2,
  '24-alliance': 6,
  '25-models-and-plants': 7,
  '26-markets': 7,
  '27-compare': 6,
  '28-refetch': 2,
  '29-sources-and-conflicts': 7,
};
/**
 * Works out anew what was known then, with a number of statements that follows from how many subjects are read at a time; needs an admin key.
 */
const UNCOUNTED = ['37-as-of', '39-which-keys'];

const api = await openApi({ seeded: true, key: null });
afterAll(() => api[Symbol.asyncDispose]());

// What the process reads once, such as the names of all subjects, is read here.
beforeAll(() => api.ask('{ search(query: "nio") { slug } }'));

test.each(Object.entries(STATEMENTS))('%s takes %i statements', async (name, expected) => {
  const document = await readFile(new URL(`${name}.graphql`, OPERATIONS), 'utf8');
  // A text that nobody has asked before: a kept answer takes none.
  const statements = await statementsOf(() => api.ask(`# ${unique('counted')}\n${document}`));
  expect(statements.map(nameOf), statements.map(nameOf).join('; ')).toHaveLength(expected);
});

test('every example that is a query is counted', async () => {
  const names = (await readdir(OPERATIONS)).filter((name) => name.endsWith('.graphql'));
  const queries: string[] = [];
  for (const name of names)
    if (/^query/m.test(await readFile(new URL(name, OPERATIONS), 'utf8'))) queries.push(name.replace('.graphql', ''));
  expect([...Object.keys(STATEMENTS), ...UNCOUNTED].sort()).toEqual(queries.sort());
});

/** What a statement reads, in a few words. */
function nameOf(statement: string): string {
  const [, name] = /\/\* (\w+) \*\//.exec(statement) ?? [];
  const [, table] = /\bFROM (?:\(SELECT "public"\.\S+ FROM )?"public"\."(\w+)"/.exec(statement) ?? [];
  return /^\W*select|^\W*with/i.test(statement) && table !== undefined ? `rows of ${table}` : (name ?? statement);
}
