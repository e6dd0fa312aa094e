import { execute, parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ChangeEntry, cutOf, readAfter, readLogState } from '../../src/changes/log.ts';
import { openChanges } from '../../src/changes/stream.ts';
import { startTail, type Tail } from '../../src/changes/tail.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { inGroups, takeTurns } from '../../src/execution/ahead.ts';
import { schema } from '../../src/graphql/schema.ts';
import { createLogger } from '../../src/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeMaker } from '../support/makers.ts';
import { deferred, soon } from '../support/wait.ts';

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

test('entries that are executed together are read by one query, and each is answered as by itself', async () => {
  const statements: string[] = [];
  const alone = await executeAll(entries, undefined);
  const together = await executeAll(entries, entries, statements);
  expect(together).toEqual(alone);
  expect(together).toMatchObject(entries.map(({ cursor }) => ({ data: { figureRecorded: { cursor } } })));
  expect(statements).toEqual(['findMany']);
});

test('of entries that are executed together one that the log has no longer fails alone', async () => {
  const [first, second, third] = entries as [ChangeEntry, ChangeEntry, ChangeEntry];
  const other = { ...second, cursor: first.cursor };
  const group = [first, other, third];
  const results = await executeAll(group, group);
  expect(results.map(({ errors }) => errors?.length ?? 0)).toEqual([0, 1, 0]);
});

test('events that are there come in groups, and nobody waits for more than the first', async () => {
  const more = deferred();
  const groups = inGroups(
    (async function* () {
      yield* [1, 2, 3, 4, 5, 6, 7];
      await more.promise;
      yield 8;
      throw new Error('broken');
    })(),
    3,
  );
  expect(await groups.next()).toEqual({ done: false, value: [1, 2, 3] });
  expect(await groups.next()).toEqual({ done: false, value: [4, 5, 6] });
  expect((await soon('what is there', groups.next())).value).toEqual([7]);
  const pending = groups.next();
  more.resolve();
  expect((await pending).value).toEqual([8]);
  await expect(groups.next()).rejects.toThrow('broken');
});

test('the end comes after the last group', async () => {
  const groups = inGroups(
    (async function* () {
      yield* [1, 2];
    })(),
    3,
  );
  expect(await groups.next()).toEqual({ done: false, value: [1, 2] });
  expect(await groups.next()).toEqual({ done: true, value: undefined });
});

test('so many take turns at a time, the others in the order in which they came, also after one that fails', async () => {
  const turns = takeTurns(2);
  const begun: number[] = [];
  const gates = Array.from({ length: 5 }, deferred);
  const all = gates.map((gate, index) =>
    turns(async () => {
      begun.push(index);
      await gate.promise;
      if (index === 1) throw new Error('broken');
    }).catch(() => undefined),
  );
  expect(begun).toEqual([0, 1]);
  gates[1]?.resolve();
  await all[1];
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toEqual([0, 1, 2]);
  for (const { resolve } of gates) resolve();
  await Promise.all(all);
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

async function executeAll(
  events: readonly ChangeEntry[],
  together: readonly ChangeEntry[] | undefined,
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
  const context = { db, changes: openChanges(db, tail), viewer: { keyId: null, canWrite: false } };
  return Promise.all(
    events.map((rootValue) =>
      execute({
        schema,
        document: DOCUMENT,
        rootValue,
        contextValue: together === undefined ? { ...context } : { ...context, together },
      }),
    ),
  );
}
