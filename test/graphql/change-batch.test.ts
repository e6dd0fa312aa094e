import { execute, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChangeEntry, cutOf, readAfter, readLogState } from '../../src/changes/log.ts';
import { openChanges } from '../../src/changes/stream.ts';
import { startTail, type Tail } from '../../src/changes/tail.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeMaker } from '../support/makers.ts';
import { statementsOf } from '../support/statements.ts';

const DOCUMENT = parse(`subscription {
  figureRecorded {
    cursor action before observation { value resolution }
    figure { value period source { title } } subject { name milestones(first: 2) { nodes { title } } }
  }
}`);

let opened: TestDatabase;
let tail: Tail;
let entries: readonly ChangeEntry[];

beforeAll(async () => {
  opened = await openTestDatabase();
  const db = opened.database.client;
  const maker = await makeMaker(db);
  await maker.recordMany(30, 'Many.');
  tail = await startTail(opened.database, createLogger('silent'));
  entries = (await readAfter(db, cutOf(await readLogState(db)), 100)).filter(({ kind }) => kind === 'FIGURE');
});

afterAll(async () => {
  await tail[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
});

test('the entries of a batch are read by one query, and each gets the answer of a single execution', async () => {
  const statements: string[] = [];
  const alone = await executeAll(entries, undefined);
  const together = await executeAll(entries, entries, statements);
  expect(together).toEqual(alone);
  expect(together).toMatchObject(entries.map(({ cursor }) => ({ data: { figureRecorded: { cursor } } })));
  expect(statements).toEqual(['findMany']);
});

test('the entries are read past the client, with the same answers', async () => {
  const { client } = opened.database;
  const throughClient = await executeAll(entries, [...entries]);
  let past: unknown;
  const statements = await statementsOf(async () => {
    past = await executeOn(client, entries, [...entries]);
  });
  expect(past).toEqual(throughClient);
  expect(statements.map((text) => text.slice(0, 14))).toEqual(['/* readRows */']);
});

test('an entry that was cut from the log fails alone in its batch', async () => {
  const [first, second, third] = entries as [ChangeEntry, ChangeEntry, ChangeEntry];
  const other = { ...second, cursor: first.cursor };
  const batch = [first, other, third];
  const results = await executeAll(batch, batch);
  expect(results.map(({ errors }) => errors?.length ?? 0)).toEqual([0, 1, 0]);
});

async function executeAll(
  events: readonly ChangeEntry[],
  batch: readonly ChangeEntry[] | undefined,
  statements: string[] = [],
) {
  const db = opened.database.client.$extends({
    query: {
      $allModels: {
        $allOperations: ({ operation, args, query }) => {
          statements.push(operation);
          return query(args);
        },
      },
    },
  }) as unknown as PrismaClient;
  return executeOn(db, events, batch);
}

function executeOn(db: PrismaClient, events: readonly ChangeEntry[], batch: readonly ChangeEntry[] | undefined) {
  const context = { db, changes: openChanges({ log: db, push: db }, tail), viewer: { keyId: null, canWrite: false } };
  return Promise.all(
    events.map((rootValue) =>
      execute({
        schema,
        document: DOCUMENT,
        rootValue,
        contextValue: batch === undefined ? { ...context } : { ...context, together: batch },
      }),
    ),
  );
}
