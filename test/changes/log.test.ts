import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type CursorContent, encodeCursor } from '../../src/changes/cursor.ts';
import { clearFailedWrite, sinceFailedWrite } from '../../src/changes/failed-writes.ts';
import {
  type ChangeEntry,
  cutOf,
  headOf,
  type LogState,
  type Place,
  placeAt,
  readAfter,
  readLogState,
  resolveCursor,
} from '../../src/changes/log.ts';
import { write } from '../../src/changes/write.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { openDatabase } from '../../src/database/open.ts';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { CursorExpired, CursorInvalid } from '../../src/errors.ts';
import { createLogger } from '../../src/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { cutLog } from '../support/log.ts';
import { deferred, until } from '../support/wait.ts';

const onPostgres = inject('backend') === 'postgres';
const WRITERS = 8;
/** The embedded database has one connection, which runs them one after the other. */
const WRITES_OF_EACH = onPostgres ? 30 : 12;
const MONTHS = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12'];

const STATE: LogState = {
  log: '0123456789abcdef',
  head: 20n,
  prunedThrough: 10n,
  digests: new Map([10, 11, 20].map((position) => [BigInt(position), digestOf(position)])),
};

let opened: TestDatabase;
let db: PrismaClient;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.database.client;
});

beforeEach(async () => {
  await db.$executeRaw`/* emptyTables */ truncate "Subject", "Publisher", "Change" restart identity cascade`;
  await db.changeLog.updateMany({ data: { prunedThrough: 0n } });
});

afterAll(() => opened[Symbol.asyncDispose]());

test('a write that succeeds leaves its row and its entry', async () => {
  const { subject, cursor } = await createSubject(db, { kind: 'BRAND', slug: 'aito', name: 'AITO' });
  const { head } = await readLogState(db);
  const entries = await readEntries(0n, 10);
  expect(entries).toMatchObject([
    { position: 1n, kind: 'SUBJECT', aboutId: subject.id, subjectId: subject.id, subjectKind: 'BRAND', cursor },
  ]);
  expect(head).toBe(1n);
});

test.each([
  ['57014', 'was cancelled, or took too long', false],
  ['55P03', 'waited too long for a lock', false],
  ['40P01', 'lost a race', false],
  ['23514', 'was wrong', false],
  ['53100', 'found the disk full', true],
  ['25006', 'found the database read-only', true],
])('a write that fails with %s, because it %s, says of all others that they fail: %s', async (code, _why, says) => {
  clearFailedWrite(db);
  const failing = write(db, ({ tx }) =>
    tx.$executeRawUnsafe(`do $$ begin raise exception 'made to fail' using errcode = '${code}'; end $$`),
  );
  await expect(failing).rejects.toThrow();
  expect(sinceFailedWrite(db) !== null).toBe(says);
  clearFailedWrite(db);
});

test('a write that fails leaves neither its row nor its entry', async () => {
  let tries = 0;
  const failing = write(db, async ({ tx, append }) => {
    tries += 1;
    const { id } = await tx.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'AITO' } });
    await append([{ kind: 'SUBJECT', aboutId: id, subjectId: id }]);
    throw new Error('refused after the append');
  });
  await expect(failing).rejects.toThrow('refused after the append');
  expect(tries).toBe(1);
  expect(await db.subject.count()).toBe(0);
  expect(await db.change.count()).toBe(0);
  // The next write takes the position that was given back.
  await createSubject(db, { kind: 'BRAND', slug: 'aito', name: 'AITO' });
  expect((await readLogState(db)).head).toBe(1n);
});

test('a write whose entry is refused leaves no row', async () => {
  const failing = write(db, async ({ tx, append }) => {
    await tx.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'AITO' } });
    return append([{ kind: 'SUBJECT', aboutId: 2_000_000_000, subjectId: 2_000_000_000 }]);
  });
  await expect(failing).rejects.toThrow();
  expect(await db.subject.count()).toBe(0);
  expect((await readLogState(db)).head).toBe(0n);
});

test('a write that lost a race for a row starts again and sees the row of the winner', async () => {
  const winner = await createSubject(db, { kind: 'BRAND', slug: 'aito', name: 'AITO' });
  let tries = 0;
  const id = await write(db, async ({ tx, append }) => {
    tries += 1;
    // The first read was before the winner's commit.
    const found = tries === 1 ? null : await tx.subject.findUnique({ where: { slug: 'aito' } });
    const row = found ?? (await tx.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'Mine' } }));
    await append([{ kind: 'SUBJECT', aboutId: row.id, subjectId: row.id }]);
    return row.id;
  });
  expect(tries).toBe(2);
  expect(id).toBe(winner.subject.id);
  expect((await readLogState(db)).head).toBe(2n);
});

test('a write that keeps losing the race for a row gives up and writes nothing', async () => {
  await createSubject(db, { kind: 'BRAND', slug: 'aito', name: 'AITO' });
  let tries = 0;
  const failing = write(db, async ({ tx }) => {
    tries += 1;
    await tx.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'Mine' } });
  });
  await expect(failing).rejects.toMatchObject({ code: 'P2002' });
  expect(tries).toBe(3);
  expect((await readLogState(db)).head).toBe(1n);
});

if (onPostgres) {
  test('two writes that deadlock both succeed, one of them at its second try', async () => {
    const ids = await insertSubjects(2);
    const bothHoldOne = meetingOf(2);
    let tries = 0;
    const touchAll = (order: readonly number[]): Promise<string> =>
      write(db, async ({ tx, append }) => {
        tries += 1;
        for (const [index, id] of order.entries()) {
          if (index === 1) await bothHoldOne();
          await tx.subject.update({ where: { id }, data: { name: 'Touched' } });
        }
        return append([{ kind: 'SUBJECT', aboutId: order[0] as number, subjectId: order[0] as number }]);
      });
    await Promise.all([touchAll(ids), touchAll([...ids].reverse())]);
    expect(tries).toBe(3);
    expect((await readLogState(db)).head).toBe(2n);
  });
}

test('entries of one write are consecutive and in its order', async () => {
  const ids = await createSubjects(3);
  const state = await readLogState(db);
  const { head } = state;
  const order = [2, 0, 1].map((index) => ids[index] as number);
  const cursor = await write(db, ({ append }) =>
    append(order.map((subjectId) => ({ kind: 'SUBJECT', aboutId: subjectId, subjectId }))),
  );
  const entries = await readAfter(db, headOf(state), 10);
  expect(entries.map(({ subjectId }) => subjectId)).toEqual(order);
  expect(entries.map(({ position }) => position)).toEqual([head + 1n, head + 2n, head + 3n]);
  expect(cursor).toBe(entries.at(-1)?.cursor);
});

test('a read starts right after the position and stops at the limit', async () => {
  await createSubjects(5);
  expect(positionsOf(await readEntries(0n, 2))).toEqual([1n, 2n]);
  expect(positionsOf(await readEntries(2n, 2))).toEqual([3n, 4n]);
  expect(positionsOf(await readEntries(4n, 2))).toEqual([5n]);
  expect(await readEntries(5n, 2)).toEqual([]);
});

test.each([
  ['is committed', { fails: false, positions: [1n, 2n] }],
  ['fails', { fails: true, positions: [1n] }],
])(
  'an append waits for the one before it, which then %s, so that positions follow commits',
  async (_outcome, expected) => {
    const [one, other] = await insertSubjects(2);
    const appended = deferred();
    const release = deferred();
    const order: string[] = [];
    const first = write(db, async ({ append }) => {
      await append([{ kind: 'SUBJECT', aboutId: one, subjectId: one }]);
      appended.resolve();
      await release.promise;
      if (expected.fails) throw new Error('refused');
    }).then(
      () => order.push('first'),
      () => order.push('first'),
    );
    await appended.promise;
    const second = write(db, ({ append }) => append([{ kind: 'SUBJECT', aboutId: other, subjectId: other }])).then(() =>
      order.push('second'),
    );
    if (onPostgres) {
      await until('the second append waits', async () => (await waitingForLog()) === 1);
      // Neither is committed, so nobody sees either.
      expect((await readLogState(db)).head).toBe(0n);
    }
    expect(order).toEqual([]);
    release.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    const entries = await readEntries(0n, 10);
    expect(positionsOf(entries)).toEqual(expected.positions);
    expect(entries.map(({ subjectId }) => subjectId)).toEqual(expected.fails ? [other] : [one, other]);
  },
);

test('an entry is within what the entries before it left its subject below, also when that was moved since the write began', async () => {
  const [brand, model, was = 0, is = 0] = await insertSubjects(4);
  await db.subject.update({ where: { id: brand }, data: { parentId: was } });
  await db.subject.update({ where: { id: model }, data: { parentId: brand } });
  const appended = deferred();
  const release = deferred();
  const move = write(db, async ({ tx, append }) => {
    await tx.subject.update({ where: { id: brand }, data: { parentId: is } });
    await append([{ kind: 'SUBJECT', aboutId: brand, subjectId: brand, wasBelow: [was] }]);
    appended.resolve();
    await release.promise;
  });
  await appended.promise;
  const second = write(db, ({ append }) => append([{ kind: 'SUBJECT', aboutId: model, subjectId: model }]));
  if (onPostgres) await until('the second append waits', async () => (await waitingForLog()) === 1);
  release.resolve();
  await Promise.all([move, second]);
  expect((await readEntries(0n, 10)).map(({ lineIds }) => lineIds)).toEqual([
    [brand, was, is],
    [brand, model, is],
  ]);
});

test('an entry that involves others is also within these and what they are below, and other entries of its subject are not', async () => {
  const [whole, part, above = 0, was = 0] = await insertSubjects(4);
  await db.subject.update({ where: { id: part }, data: { parentId: above } });
  await write(db, ({ append }) =>
    append([
      { kind: 'SUBJECT', aboutId: whole, subjectId: whole, wasBelow: [was] },
      { kind: 'CONTRADICTION', aboutId: 1, subjectId: whole, involved: [whole, part] },
      { kind: 'CONTRADICTION', aboutId: 2, subjectId: whole, involved: [whole] },
    ]),
  );
  expect((await readEntries(0n, 10)).map(({ lineIds }) => lineIds)).toEqual([
    [whole, was],
    [whole, part, above, was],
    [whole, was],
  ]);
});

test('a reader that polls while eight writers race sees every entry once, in order, without a gap', {
  timeout: 60_000,
}, async () => {
  // A separate handle for the writers: each gets a connection, and the reader does not wait for one of theirs.
  await using writing = await openSecond(opened);
  const sourceIds = await createSources(WRITERS);
  const slugs = Array.from({ length: 4 }, (_none, index) => `brand-${index}`);
  for (const slug of slugs) await createSubject(db, { kind: 'BRAND', slug, name: slug });
  const state = await readLogState(db);
  const { head } = state;

  let done = false;
  const expected: string[] = [];
  const writers = Promise.all(
    sourceIds.map(async (sourceId, writer) => {
      for (let turn = 0; turn < WRITES_OF_EACH; turn += 1)
        expected.push(await writeOne(writing.client, writer, turn, sourceId, slugs));
    }),
  ).finally(() => {
    done = true;
  });

  const seen: ChangeEntry[] = [];
  let place: Place = headOf(state);
  for (let last = false; !last; ) {
    // This read must contain everything that was written before it.
    last = done;
    const entries = await readAfter(db, place, 50);
    if (entries.length > 0) last = false;
    seen.push(...entries);
    place = entries.at(-1) ?? place;
    await nextTurn();
  }
  await writers;

  expect(seen).toHaveLength(WRITERS * WRITES_OF_EACH);
  expect(positionsOf(seen)).toEqual(seen.map((_entry, index) => head + 1n + BigInt(index)));
  expect(new Set(seen.map(({ cursor }) => cursor))).toEqual(new Set(expected));
});

test('a cursor of this log is the place it names', () => {
  for (const position of [10n, 11n, 20n]) {
    expect(resolveCursor(encodeCursor(content({ position })), STATE)).toMatchObject({ position });
  }
});

test.each([
  ['ahead of the log', encodeCursor(content({ position: 21n }))],
  ['of another log', encodeCursor(content({ log: 'fedcba9876543210', position: 11n }))],
  ['from another log that was cut', encodeCursor(content({ log: 'fedcba9876543210', position: 1n }))],
  ['from another history of the log', encodeCursor(content({ position: 11n, digest: digestOf(12) }))],
  ['from another history of the log, at its head', encodeCursor(content({ position: 20n, digest: digestOf(12) }))],
  ['from another history of the log, where it was cut', encodeCursor(content({ position: 10n, digest: digestOf(12) }))],
  ['of the previous format', Buffer.from('0123456789abcdef.b').toString('base64url')],
  ['unreadable', 'not-a-cursor'],
  ['empty', ''],
])('a cursor that is %s is invalid', (_state, cursor) => {
  expect(() => resolveCursor(cursor, STATE)).toThrow(CursorInvalid);
});

test('a cursor from before the cut has expired, and the oldest one that can be resumed from has not', async () => {
  await createSubjects(5);
  const cursors = (await readEntries(0n, 10)).map(({ cursor }) => cursor);
  await cutLog(db, 3n);
  const state = await readLogState(db);
  expect(state).toMatchObject({ head: 5n, prunedThrough: 3n });
  const digest = state.digests.get(3n) as Uint8Array;
  for (const gone of [encodeCursor({ log: state.log, position: 0n, digest }), ...cursors.slice(0, 2)]) {
    expect(() => resolveCursor(gone, state)).toThrow(CursorExpired);
  }
  const place = resolveCursor(cursors[2] as string, state);
  expect(place).toEqual(cutOf(state));
  expect(positionsOf(await readAfter(db, place, 10))).toEqual([4n, 5n]);
});

test('a log that was cut to nothing continues its positions', async () => {
  const [id] = await createSubjects(3);
  await cutLog(db, 3n);
  expect(await readLogState(db)).toMatchObject({ head: 3n, prunedThrough: 3n });
  await write(db, ({ append }) => append([{ kind: 'SUBJECT', aboutId: id, subjectId: id }]));
  expect(positionsOf(await readEntries(3n, 10))).toEqual([4n]);
});

function digestOf(position: number): Uint8Array {
  return new Uint8Array(32).fill(position);
}

/** The content of a cursor of the state, with the given differences. */
function content({ log = STATE.log, position, digest }: Partial<CursorContent> & { position: bigint }): CursorContent {
  return { log, position, digest: digest ?? digestOf(Number(position)) };
}

/** One write, through the functions that every write uses; returns its cursor. */
async function writeOne(
  db: PrismaClient,
  writer: number,
  turn: number,
  sourceId: number,
  slugs: readonly string[],
): Promise<string> {
  if (turn % 4 === 0) {
    const slug = `brand-of-writer-${writer}-${turn}`;
    return (await createSubject(db, { kind: 'BRAND', slug, name: slug })).cursor;
  }
  const { cursor } = await recordFigure(db, {
    subject: slugs[turn % slugs.length] as string,
    metric: 'DELIVERIES',
    period: `${2015 + Math.floor(turn / MONTHS.length)}-${MONTHS[turn % MONTHS.length]}`,
    value: 100,
    qualifier: 'EXACT',
    sourceId,
  });
  return cursor as string;
}

async function openSecond({
  database,
  databaseUrl,
  dataDir,
}: TestDatabase): Promise<AsyncDisposable & { client: PrismaClient }> {
  if (databaseUrl === undefined) return { client: database.client, [Symbol.asyncDispose]: async () => undefined };
  return openDatabase({ databaseUrl, dataDir, databaseConnections: 3 * WRITERS }, createLogger('silent'));
}

async function createSources(count: number): Promise<number[]> {
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const publisher = { slug: 'gasgoo', name: 'Gasgoo', tier: 3 };
    ids.push((await registerSource(db, { publisher, title: `Article ${index}` })).source.id);
  }
  return ids;
}

/** Subjects with an entry each. */
async function createSubjects(count: number): Promise<[number, ...number[]]> {
  const ids: number[] = [];
  for (let index = 0; index < count; index += 1) {
    ids.push((await createSubject(db, { kind: 'BRAND', slug: `brand-${index}`, name: `Brand ${index}` })).subject.id);
  }
  return ids as [number, ...number[]];
}

/** Subjects without an entry in the log. */
async function insertSubjects(count: number): Promise<[number, number, ...number[]]> {
  const data = Array.from({ length: count }, (_none, index) => ({
    kind: 'BRAND' as const,
    slug: `brand-${index}`,
    name: 'A brand',
  }));
  const rows = await db.subject.createManyAndReturn({ data });
  return rows.map(({ id }) => id) as [number, number, ...number[]];
}

/** The entries after a position that the log has or was cut at. */
async function readEntries(position: bigint, limit: number): Promise<readonly ChangeEntry[]> {
  return readAfter(db, placeAt(await readLogState(db, [position]), position), limit);
}

async function waitingForLog(): Promise<number> {
  const rows = await db.$queryRaw<unknown[]>`
    /* waitingForLog */
    select 1 from pg_locks
     where locktype = 'advisory' and not granted
       and database = (select oid from pg_database where datname = current_database())`;
  return rows.length;
}

/** A barrier: resolves for all once this many have arrived, and at once for later ones. */
function meetingOf(count: number): () => Promise<void> {
  const complete = deferred();
  let missing = count;
  return () => {
    missing -= 1;
    if (missing === 0) complete.resolve();
    return complete.promise;
  };
}

function positionsOf(entries: readonly ChangeEntry[]): bigint[] {
  return entries.map(({ position }) => position);
}
