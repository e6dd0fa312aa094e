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
import { deferred, soon, until } from '../support/wait.ts';

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

test('those who catch up take turns, in the order in which they came, also after one that fails', async () => {
  const { later } = takeTurns();
  const begun: number[] = [];
  const gates = Array.from({ length: 4 }, deferred);
  const all = gates.map((gate, index) =>
    later(async () => {
      begun.push(index);
      await gate.promise;
      if (index === 1) throw new Error('broken');
    }).catch(() => undefined),
  );
  for (const [index, gate] of gates.entries()) {
    await until('it has begun', () => begun.length > index);
    expect(begun).toEqual([0, 1, 2, 3].slice(0, index + 1));
    gate.resolve();
    await all[index];
  }
});

test('those who go first wait for nobody, and whoever catches up waits for those of them that have begun', async () => {
  const { first, later } = takeTurns();
  const urgent = deferred();
  const next = deferred();
  const going = first(() => urgent.promise);
  let begun = false;
  const waiting = later(async () => {
    begun = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const after = first(() => next.promise);
  expect(begun).toBe(false);
  urgent.resolve();
  await going;
  // Not for those that began since.
  await soon('its turn', waiting);
  next.resolve();
  await after;
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
  const context = { db, changes: openChanges({ log: db, push: db }, tail), viewer: { keyId: null, canWrite: false } };
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
