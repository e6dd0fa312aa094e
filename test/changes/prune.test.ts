import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { findBrokenLinks } from '../../src/changes/chain.ts';
import { headOf, placeAt, readAfter, readLogState } from '../../src/changes/log.ts';
import { startPruning } from '../../src/changes/prune.ts';
import { write } from '../../src/changes/write.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { openDatabase } from '../../src/database/open.ts';
import { CursorExpired } from '../../src/errors.ts';
import { createLogger } from '../../src/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { deferred, until } from '../support/wait.ts';

const SILENT = createLogger('silent');
const onPostgres = test.runIf(inject('backend') === 'postgres');

let opened: TestDatabase;
let db: PrismaClient;
let subjectId: number;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.database.client;
  ({ id: subjectId } = await db.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'AITO' } }));
});

beforeEach(async () => {
  await db.$executeRaw`/* emptyLog */ truncate "Change"`;
  await db.changeLog.updateMany({ data: { prunedThrough: 0n, prunedAt: null } });
});

afterAll(() => opened[Symbol.asyncDispose]());

test('entries past their retention are cut in steps, and everything after them works as before', async () => {
  await append(25);
  await age(17, 31);
  const before = await readLogState(db, [16n, 17n]);
  await using _pruning = startPruning(opened.database, SILENT, { keepDays: 30, step: 5 });
  await untilCut(17n);
  const after = await readLogState(db);
  expect(after).toMatchObject({ head: 25n, prunedThrough: 17n });
  expect(after.digests.get(17n)).toEqual(before.digests.get(17n));
  expect(await readAfter(db, placeAt(before, 17n), 100)).toHaveLength(8);
  await expect(readAfter(db, placeAt(before, 16n), 100)).rejects.toThrow(CursorExpired);
  await append(2);
  expect(await readAfter(db, placeAt(before, 17n), 100)).toHaveLength(10);
  expect(await brokenEntries()).toEqual([]);
});

test('entries are cut once they are older than the retention, and not before', async () => {
  await append(6);
  await age(6, 29);
  await db.$executeRaw`update "Change" set at = now() - interval '30 days 1 minute' where position <= 2`;
  await db.$executeRaw`update "Change" set at = now() - interval '29 days 23 hours 59 minutes' where position = 3`;
  await using _pruning = startPruning(opened.database, SILENT, { keepDays: 30, step: 2, everyMs: 20 });
  await untilCut(2n);
  // Pruning has run again since.
  await sleep(200);
  expect((await readLogState(db)).prunedThrough).toBe(2n);
});

test('a read from the cut returns as many entries as a read from anywhere else', async () => {
  await append(9);
  await age(4, 31);
  const cut = placeAt(await readLogState(db, [4n]), 4n);
  await using _pruning = startPruning(opened.database, SILENT, { keepDays: 30 });
  await untilCut(4n);
  expect((await readAfter(db, cut, 3)).map(({ position }) => position)).toEqual([5n, 6n, 7n]);
});

test('a log that has only old entries is cut to nothing, keeps its head, and continues from there', async () => {
  await append(7);
  await age(7, 31);
  const { head } = await readLogState(db);
  const place = headOf(await readLogState(db));
  await using _pruning = startPruning(opened.database, SILENT, { keepDays: 30 });
  await untilCut(7n);
  expect(await db.change.count()).toBe(0);
  expect(headOf(await readLogState(db))).toEqual(place);
  expect(await readAfter(db, place, 10)).toEqual([]);
  await append(1);
  expect((await readAfter(db, place, 10)).map(({ position }) => position)).toEqual([head + 1n]);
  expect(await brokenEntries()).toEqual([]);
});

test('an old entry after a newer one is kept, because the log has no gaps', async () => {
  await append(6);
  await age(6, 31);
  await db.$executeRaw`update "Change" set at = now() where position = 4`;
  await using _pruning = startPruning(opened.database, SILENT, { keepDays: 30 });
  await untilCut(3n);
  expect((await db.change.findMany({ orderBy: { position: 'asc' } })).map(({ position }) => position)).toEqual([
    4n,
    5n,
    6n,
  ]);
});

test('pruning runs repeatedly while the instance runs', async () => {
  await append(4);
  const pruning = startPruning(opened.database, SILENT, { keepDays: 30, everyMs: 20 });
  await age(2, 31);
  await untilCut(2n);
  await age(3, 31);
  await untilCut(3n);
  await pruning[Symbol.asyncDispose]();
  await age(4, 31);
  await sleep(60);
  expect((await readLogState(db)).prunedThrough).toBe(3n);
});

onPostgres('instances that cut at the same time cut everything once, and never back', async () => {
  await append(300);
  await age(280, 31);
  const others = await Promise.all([openAnother(), openAnother(), openAnother()]);
  try {
    const prunings = others.map((other) => startPruning(other, SILENT, { keepDays: 30, step: 7, everyMs: 10 }));
    let last = 0n;
    await until('it is cut', async () => {
      const { prunedThrough, digests } = await readLogState(db);
      expect(prunedThrough >= last).toBe(true);
      expect(digests.has(prunedThrough)).toBe(true);
      last = prunedThrough;
      return prunedThrough === 280n;
    });
    for (const pruning of prunings) await pruning[Symbol.asyncDispose]();
    expect(await db.change.count()).toBe(20);
    expect(await readAfter(db, placeAt(await readLogState(db), 280n), 100)).toHaveLength(20);
  } finally {
    for (const other of others) await other[Symbol.asyncDispose]();
  }
});

onPostgres('a write that holds the log is not waited for, and does not wait', async () => {
  await append(5);
  await age(3, 31);
  const appended = deferred();
  const release = deferred();
  const writing = write(db, async ({ append: add }) => {
    await add([{ kind: 'SUBJECT', aboutId: subjectId, subjectId }]);
    appended.resolve();
    await release.promise;
  });
  await appended.promise;
  await using _pruning = startPruning(opened.database, SILENT, { keepDays: 30 });
  await untilCut(3n);
  release.resolve();
  await writing;
  expect(await readLogState(db)).toMatchObject({ head: 6n, prunedThrough: 3n });
});

// A Postgres server has autovacuum for this.
test.runIf(inject('backend') === 'embedded')('the space of cut entries is reused', async () => {
  const sizes: number[] = [];
  for (let round = 1; round <= 8; round += 1) {
    await append(1_000);
    sizes.push(await sizeOfLog());
    await age(1_000 * round, 31);
    const pruning = startPruning(opened.database, SILENT, { keepDays: 30 });
    await untilCut(BigInt(1_000 * round));
    await pruning[Symbol.asyncDispose]();
  }
  // An index frees a page one vacuum after it was emptied.
  const [, , third] = sizes;
  expect(Math.max(...sizes)).toBe(third);
});

async function append(count: number): Promise<void> {
  await write(db, ({ append: add }) =>
    add(Array.from({ length: count }, () => ({ kind: 'SUBJECT', aboutId: subjectId, subjectId }))),
  );
}

/** Makes the entries up to a position this many days old, and rebuilds the chain as if they had been written then. */
async function age(through: number, days: number): Promise<void> {
  await db.$executeRaw`update "Change" set at = now() - ${days}::int * interval '1 day' where position <= ${through}::bigint`;
  await db.$executeRaw`
    update "Change" c set digest = chained.digest
      from (select e.position, change_chain(l."prunedDigest", e.position, change_content(e)) over (order by e.position) as digest
              from "ChangeLog" l, "Change" e) chained
     where chained.position = c.position`;
}

function untilCut(position: bigint): Promise<void> {
  return until(`the log is cut through ${position}`, async () => {
    const { prunedThrough } = await readLogState(db);
    expect(prunedThrough <= position).toBe(true);
    return prunedThrough === position;
  });
}

async function brokenEntries(): Promise<string[]> {
  const broken: string[] = [];
  for await (const { position } of findBrokenLinks(db)) broken.push(String(position));
  return broken;
}

async function sizeOfLog(): Promise<number> {
  const [row] = await db.$queryRaw<{ size: number }[]>`select pg_total_relation_size('"Change"')::float8 as size`;
  return row?.size ?? 0;
}

function openAnother() {
  return openDatabase({ ...opened, databaseConnections: 2 }, SILENT);
}
