import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';

/** The statements of the examples of boards and series: one for each list of a root field, and one for each list below it. */
const STATEMENTS: Readonly<Record<string, number>> = {
  '14-how-sure': 0,
  '16-one-screen': 0,
  '17-curves': 0,
  '18-next-millions': 0,
  '19-monthly-table': 0,
  '20-board-of-the-month': 0,
  '21-who-moved': 0,
  '22-market-shares': 0,
  '24-alliance': 0,
  '26-markets': 0,
  '27-compare': 0,
};

let api: Api;
beforeAll(async () => {
  api = await openApi({ seeded: true });
});
afterAll(() => api[Symbol.asyncDispose]());

function countOf(operation: string): Promise<number> {
  // A text that is asked for the first time is not answered from memory.
  return statementsOf(() => api.ask(`# ${Math.random()}\n${operation}`)).then(({ length }) => length);
}

test.each(Object.entries(STATEMENTS))('%s takes %i statements', async (name, count) => {
  const operation = await readFile(new URL(`../../schema/operations/${name}.graphql`, import.meta.url), 'utf8');
  // Once before: reading the key of the client is a statement too, and is remembered.
  await api.ask('{ __typename }');
  const sent = await statementsOf(() => api.ask(`# ${Math.random()}\n${operation}`));
  if (process.env.SHOW) console.log(name, sent.map((text) => text.replace(/\s+/g, ' ').slice(0, 100)));
  expect(sent.length).toBe(count);
});
