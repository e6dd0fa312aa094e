import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, openApi } from '../support/api.ts';
import { statementsOf } from '../support/statements.ts';

/**
 * How many statements the examples of boards and series take: one for the list of a root field, and one for each list below it. More are
 * those that explain a value from the claims about all relatives, and targets, which are judged by them.
 */
const STATEMENTS: Readonly<Record<string, number>> = {
  '14-how-sure': 11,
  '16-one-screen': 17,
  '17-curves': 2,
  '18-next-millions': 3,
  '19-monthly-table': 3,
  '20-board-of-the-month': 7,
  '21-who-moved': 7,
  '22-market-shares': 6,
  '24-alliance': 7,
  '26-markets': 7,
  '27-compare': 6,
};

let api: Api;
beforeAll(async () => {
  api = await openApi({ seeded: true, key: null });
});
afterAll(() => api[Symbol.asyncDispose]());

test.each(Object.entries(STATEMENTS))('%s takes %i statements', async (name, count) => {
  const operation = await readFile(new URL(`../../schema/operations/${name}.graphql`, import.meta.url), 'utf8');
  // A text that was not asked for before is not answered from memory.
  const sent = await statementsOf(() => api.ask(`# ${Math.random()}\n${operation}`));
  if (process.env.SHOW)
    console.log(
      name,
      sent.map((text) => text.replace(/\s+/g, ' ').slice(0, 100)),
    );
  expect(sent, sent.join('\n')).toHaveLength(count);
});
