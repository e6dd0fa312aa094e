import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { encodeCursor } from '../../src/changes/cursor.ts';
import { type Place, placeAt as placeIn, readLogState } from '../../src/changes/log.ts';
import { type ChangeStream, type Changes, filterStream, openChanges } from '../../src/changes/stream.ts';
import { startTail, type Tail } from '../../src/changes/tail.ts';
import { write } from '../../src/changes/write.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { CursorExpired, CursorInvalid } from '../../src/errors.ts';
import { createLogger, type Logger } from '../../src/logger.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { cutLog } from '../support/log.ts';
import { openProxy } from '../support/proxy.ts';
import { deferred, soon, until } from '../support/wait.ts';

const SILENT = createLogger('silent');
const POLL_MS = 1_000;
const WRITERS = 4;
const WRITES_OF_EACH = 30;
const SECOND = 'second-instance';
/** More than the tail keeps in memory. */
const FAR_BEHIND = 2_500;

let opened: TestDatabase;
let db: PrismaClient;
let subjectId: number;
let log: string;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.database.client;
  ({ id: subjectId } = await db.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'AITO' } }));
  ({ log } = await readLogState(db));
});

beforeEach(async () => {
  await db.$executeRaw`/* emptyLog */ truncate "Change"`;
  await db.changeLog.updateMany({ data: { prunedThrough: 0n } });
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(() => opened[Symbol.asyncDispose]());

test('a stream without a cursor is live from now', async () => {
  await append(3);
  await using reader = await openReader();
  const stream = await reader.changes.follow(null);
  await append(2);
  expect(await take(stream, 2)).toEqual([4n, 5n]);
  await append(1);
  expect(await take(stream, 1)).toEqual([6n]);
});

test('a stream after a cursor replays what came since, then goes on live', async () => {
  await append(5);
  await using reader = await openReader();
  const stream = await reader.changes.follow(await cursorAt(2n));
  expect(await take(stream, 3)).toEqual([3n, 4n, 5n]);
  const pending = stream.next();
  await append(2);
  expect((await soon('the next entry', pending)).value?.position).toBe(6n);
  expect(await take(stream, 1)).toEqual([7n]);
});

test('a stream after the head begins with the next entry', async () => {
  await append(2);
  await using reader = await openReader();
  const stream = await reader.changes.follow(await reader.changes.head());
  await append(1);
  expect(await take(stream, 1)).toEqual([3n]);
});

test('a thousand concurrent questions for the head cost one query, and a question after a write sees that write', async () => {
  await using reader = await openReader();
  let asked = 0;
  const counted = db.$extends({
    query: {
      $queryRaw: ({ args, query }) => {
        asked += 1;
        return query(args);
      },
    },
  });
  const changes = openChanges({ log: counted as unknown as PrismaClient, push: db }, reader.tail);
  const places = await Promise.all(Array.from({ length: 1_000 }, () => changes.locate(null)));
  expect(new Set(places.map(({ position }) => position))).toEqual(new Set([0n]));
  expect(asked).toBe(1);
  await append(1);
  expect((await changes.locate(null)).position).toBe(1n);
});

test('a replay continues past the length of one read', async () => {
  await append(450);
  await using reader = await openReader();
  const stream = await reader.changes.follow(await cursorAt(0n));
  expect(await take(stream, 450)).toEqual(range(1, 450));
});

test('entries written during a replay follow it, once and in order', async () => {
  await append(30);
  await using reader = await openReader();
  const stream = await reader.changes.follow(await cursorAt(0n));
  const seen = await take(stream, 10);
  await append(5);
  await reader.tailIsAt(35n);
  seen.push(...(await take(stream, 25)));
  await append(5);
  seen.push(...(await take(stream, 5)));
  expect(seen).toEqual(range(1, 40));
});

test.each([
  [
    'a cursor of another log',
    encodeCursor({ log: 'ffffffffffffffff', position: 1n, digest: new Uint8Array(32) }),
    CursorInvalid,
  ],
  ['a text that is not a cursor', 'yesterday', CursorInvalid],
])('a stream after %s is refused', async (_what, cursor, error) => {
  await append(2);
  await using reader = await openReader();
  await expect(reader.changes.follow(cursor)).rejects.toThrow(error);
});

test('a stream after a cursor ahead of the log is refused', async () => {
  await append(2);
  await using reader = await openReader();
  await expect(reader.changes.follow(aheadAt(3n))).rejects.toThrow(CursorInvalid);
});

test('a stream after a cursor from before the cut is refused', async () => {
  await append(5);
  const old = await cursorAt(2n);
  await cutLog(db, 3n);
  await using reader = await openReader();
  await expect(reader.changes.follow(old)).rejects.toThrow(CursorExpired);
  expect(await take(await reader.changes.follow(await cursorAt(3n)), 2)).toEqual([4n, 5n]);
});

test.each([
  ['some of it', 4n],
  ['all of it', 6n],
])('a replay fails when the log is cut past its place, %s', async (_what, through) => {
  await append(6);
  await using reader = await openReader();
  const stream = await reader.changes.follow(await cursorAt(0n));
  expect(await take(stream, 1)).toEqual([1n]);
  const place = await placeAt(1n);
  await cutLog(db, through);
  const resumed = reader.changes.followFrom(place);
  // Continuing after the cut would lose entries silently.
  await expect(soon('the end', resumed.next())).rejects.toThrow(CursorExpired);
});

test('a stream fails when the log is cut while its tail cannot read', async () => {
  stopThePoll();
  const reads = breakableReads(opened.database);
  await using reader = await openReader(reads.database);
  const stream = await followLive(reader);
  reads.broken = true;
  await appendElsewhere(3);
  await until('the tail has failed', () => !reader.changes.running);
  await cutLog(db, 3n);
  reads.broken = false;
  poll();
  await expect(soon('the end', stream.next())).rejects.toThrow(CursorExpired);
});

test('streams that begin anywhere during concurrent writes get every entry once', {
  timeout: 60_000,
}, async () => {
  await using reader = await openReader();
  const followers: Promise<Followed>[] = [];
  let end: bigint | undefined;
  const follow = async (from: bigint): Promise<Followed> => {
    const stream = await reader.changes.follow(await cursorAt(from));
    const seen: bigint[] = [];
    for (;;) {
      const { value: entry } = await soon(`an entry after ${seen.at(-1) ?? from}`, stream.next());
      if (entry === undefined) throw new Error('The stream ended.');
      if (end !== undefined && entry.position > end) return { from, seen };
      seen.push(entry.position);
    }
  };
  await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      for (let turn = 0; turn < WRITES_OF_EACH; turn += 1) {
        await append(1 + (turn % 3));
        if (turn % 6 !== 0) continue;
        const { head } = await readLogState(db);
        followers.push(follow(BigInt(Math.floor(Math.random() * (Number(head) + 1)))));
      }
    }),
  );
  ({ head: end } = await readLogState(db));
  // Streams that have reached the end wait for one more entry.
  await append(1);
  for (const { from, seen } of await Promise.all(followers)) expect(seen).toEqual(range(Number(from) + 1, Number(end)));
  expect(followers).toHaveLength(WRITERS * 5);
});

interface Followed {
  readonly from: bigint;
  readonly seen: readonly bigint[];
}

test('return() ends a waiting next() at once and leaves nothing behind', async () => {
  await using reader = await openReader();
  const stream = await reader.changes.follow(null);
  const pending = stream.next();
  await until('it waits', () => reader.waiting() === 1);
  await soon('the return', stream.return());
  expect(await soon('the waiting next()', pending)).toEqual({ done: true, value: undefined });
  expect(reader.waiting()).toBe(0);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test('return() before the first next() leaves nothing behind', async () => {
  await using reader = await openReader();
  const stream = await reader.changes.follow(null);
  await stream.return();
  await append(1);
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(reader.waiting()).toBe(0);
});

test('return() during a replay ends it', async () => {
  await append(10);
  await using reader = await openReader();
  const stream = await reader.changes.follow(await cursorAt(0n));
  await take(stream, 2);
  await stream.return();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(reader.waiting()).toBe(0);
});

test('breaking out of a loop over a stream leaves nothing behind', async () => {
  await using reader = await openReader();
  const stream = await reader.changes.follow(null);
  await append(1);
  for await (const entry of stream) {
    expect(entry.position).toBe(1n);
    break;
  }
  expect(reader.waiting()).toBe(0);
});

test('a reader that pauses for long gets everything afterwards, also entries that are no longer in memory', async () => {
  await using reader = await openReader();
  const stream = await followLive(reader);
  for (let written = 0; written < FAR_BEHIND; written += 500) await append(500);
  await reader.tailIsAt(1n + BigInt(FAR_BEHIND));
  expect(await take(stream, FAR_BEHIND)).toEqual(range(2, FAR_BEHIND + 1));
  await append(1);
  expect(await take(stream, 1)).toEqual(range(FAR_BEHIND + 2, FAR_BEHIND + 2));
});

test('a slow reader does not delay the others', async () => {
  await using reader = await openReader();
  await followLive(reader);
  const quick = await reader.changes.follow(null);
  for (let round = 0; round < 4; round += 1) {
    await append(400);
    expect(await take(quick, 400)).toEqual(range(2 + round * 400, 401 + round * 400));
  }
});

test('a filtered stream passes on what the test accepts, and return() ends it while it waits', async () => {
  await using reader = await openReader();
  const stream = filterStream(await reader.changes.follow(null), async ({ position }) => position % 3n === 0n);
  await append(7);
  expect(await take(stream, 2)).toEqual([3n, 6n]);
  const pending = stream.next();
  await until('it waits', () => reader.waiting() === 1);
  await soon('the return', stream.return());
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(reader.waiting()).toBe(0);
});

test.each([
  ['went back, and nobody writes', () => goBack(2n, 0)],
  ['went back and is as long again', () => goBack(2n, 1)],
  ['went back and has grown past the readers', () => goBack(1n, 5)],
  ['was emptied', () => goBack(0n, 0)],
  ['was emptied and has grown past the readers', () => goBack(0n, 5)],
  ['is the one of another database', () => db.changeLog.updateMany({ data: { name: 'a'.repeat(16) } })],
])('every stream ends when the log %s, and streams that begin afterwards work', async (_what, replace) => {
  await append(2);
  const logger = { error: vi.fn() };
  await using reader = await openReader(opened.database, logger as unknown as Logger);
  const waiting = await followLive(reader);
  const atEnd = waiting.next();
  const slow = await reader.changes.follow(await cursorAt(1n));
  expect(await take(slow, 1)).toEqual([2n]);
  const { era } = reader.changes;
  const cursor = await cursorAt(3n);
  await replace();
  await expect(soon('the end', atEnd)).rejects.toThrow(new CursorInvalid(cursor));
  await expect(soon('the end', slow.next())).rejects.toThrow(CursorInvalid);
  expect(era.reason).toBeInstanceOf(CursorInvalid);
  expect(logger.error).toHaveBeenCalledTimes(1);
  await expect(reader.changes.follow(cursor)).rejects.toThrow(CursorInvalid);

  const { head, log: name } = await readLogState(db);
  expect(reader.changes.era.aborted).toBe(false);
  expect(reader.changes).toMatchObject({ position: head, log: name, running: true });
  const again = await reader.changes.follow(null);
  await append(2);
  expect(await take(again, 2)).toEqual([head + 1n, head + 2n]);
  await db.changeLog.updateMany({ data: { name: log } });
});

test('a replay from the database fails when the history of the log has changed', async () => {
  stopThePoll();
  await append(450);
  await using reader = await openReader({ ...opened.database, listen: listenToNobody });
  const stream = await reader.changes.follow(await cursorAt(0n));
  expect(await take(stream, 1)).toEqual([1n]);
  // The tail does not know of it yet.
  await goBack(50n, 500);
  const seen: bigint[] = [];
  const reading = (async () => {
    for await (const { position } of stream) seen.push(position);
  })();
  await expect(soon('the end', reading)).rejects.toThrow(CursorInvalid);
  // The entries of one read, and none of the other log.
  expect(seen.length).toBeLessThan(450);
});

test('a reader whose place still exists waits until the tail notices that the log went back', async () => {
  stopThePoll();
  await append(5);
  await using reader = await openReader({ ...opened.database, listen: listenToNobody });
  const place = await placeAt(2n);
  await goBack(2n, 0);
  const pending = reader.changes.followFrom(place).next();
  await until('it waits', () => reader.waiting() === 1);
  poll();
  await expect(soon('the end', pending)).rejects.toThrow(CursorInvalid);
});

test('entries of the former log in memory are not given to readers that come from the new one', async () => {
  stopThePoll();
  await using reader = await openReader();
  const stream = await followLive(reader);
  await append(4);
  expect(await take(stream, 4)).toEqual(range(2, 5));
  const unread = openChanges({ log: db, push: db }, { ...reader.tail });
  await db.change.deleteMany({ where: { position: { gt: 2n } } });
  await db.$executeRaw`update "Change" set digest = sha256(digest) where position = 2`;
  await expect(unread.followFrom(await placeAt(2n)).next()).rejects.toThrow(CursorInvalid);
});

test('waiting for a place beyond the end of the log is refused', async () => {
  await append(2);
  await using reader = await openReader();
  const { signal } = new AbortController();
  const waiting = reader.changes.grown(2n, signal);
  await expect(soon('the answer', reader.changes.grown(5n, signal))).rejects.toThrow(CursorInvalid);
  await append(1);
  await soon('the next entry', waiting);
});

test('the tail survives a database that cannot be read, reports it, and loses nothing', async () => {
  stopThePoll();
  const unreadable = breakableReads(opened.database);
  const logger = { error: vi.fn(), info: vi.fn() };
  await using reader = await openReader(unreadable.database, logger as unknown as Logger);
  const stream = await followLive(reader);
  expect(reader.changes.running).toBe(true);

  unreadable.broken = true;
  await appendElsewhere(1);
  await until('the tail has failed', () => !reader.changes.running);
  await appendElsewhere(1);
  poll();
  await until('the tail has failed again', () => unreadable.failures > 1);
  expect(logger.error).toHaveBeenCalledTimes(1);

  unreadable.broken = false;
  poll();
  expect(await take(stream, 2)).toEqual([2n, 3n]);
  expect(reader.changes.running).toBe(true);
  expect(logger.info.mock.calls).toEqual([['the change log is read again']]);
});

test('a tail whose read gets no answer reports it after ten seconds, and continues when the answer comes', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  const reads = breakableReads(opened.database);
  await using reader = await openReader(reads.database);
  const stream = await followLive(reader);
  const answer = deferred();
  reads.answer = answer.promise;
  const { tries } = reads;
  await appendElsewhere(1);
  await until('it reads', () => reads.tries > tries);
  vi.advanceTimersByTime(9_000);
  expect(reader.changes.running).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(reader.changes.running).toBe(false);
  answer.resolve();
  expect(await take(stream, 1)).toEqual([2n]);
  expect(reader.changes.running).toBe(true);
});

test('a write wakes the tail, which does not wait for its poll', async () => {
  stopThePoll();
  await using reader = await openReader();
  const stream = await reader.changes.follow(null);
  await append(1);
  expect(await take(stream, 1)).toEqual([1n]);
});

test('a write whose wake-up is lost is found by the poll within a second', async () => {
  stopThePoll();
  await using reader = await openReader({
    ...opened.database,
    listen: listenToNobody,
  });
  const stream = await reader.changes.follow(null);
  await appendElsewhere(1);
  expect(reader.tail.position).toBe(0n);
  poll();
  expect(await take(stream, 1)).toEqual([1n]);
});

test('a stream ends with its tail', async () => {
  const reader = await openReader();
  const stream = await followLive(reader);
  const pending = stream.next();
  await until('it waits', () => reader.waiting() === 1);
  await reader[Symbol.asyncDispose]();
  expect(await soon('the end', pending)).toEqual({ done: true, value: undefined });
  expect(reader.changes.ended).toBe(true);
});

test('catching up ends at the tail’s place and keeps that place', async () => {
  await append(450);
  await using reader = await openReader();
  const stream = reader.changes.catchUp(await placeAt(100n));
  expect(await take(stream, 350)).toEqual(range(101, 450));
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(stream.place.position).toBe(450n);
  expect(await reader.changes.catchUp(await placeAt(450n)).next()).toEqual({ done: true, value: undefined });
});

test('a closed tail reports that it is closed and reads nothing more', async () => {
  stopThePoll();
  const reads = breakableReads(opened.database);
  const reader = await openReader(reads.database);
  await until('the first read is over', () => reads.tries > 1);
  await reader[Symbol.asyncDispose]();
  expect(reader.changes.running).toBe(false);
  const { tries } = reads;
  await append(1);
  poll();
  expect(reads.tries).toBe(tries);
  expect(reader.tail.position).toBe(0n);
});

if (inject('backend') === 'postgres') {
  test('a write on one handle wakes the tail of another', async () => {
    stopThePoll();
    await using other = await openSecond();
    await using reader = await openReader(other);
    const stream = await reader.changes.follow(null);
    await append(1);
    expect(await take(stream, 1)).toEqual([1n]);
    await append(1);
    expect(await take(stream, 1)).toEqual([2n]);
  });

  test('a listening connection that is killed is opened again, and what was written meanwhile is not lost', async () => {
    stopThePoll();
    await using other = await openSecond();
    await using reader = await openReader(other);
    const stream = await followLive(reader);
    const [killed] = await killListeners();
    await append(2);
    expect(await take(stream, 2)).toEqual([2n, 3n]);
    const [again] = await listeners();
    expect(again).not.toBe(killed);
    await append(1);
    expect(await take(stream, 1)).toEqual([4n]);
  });

  test('a tail whose connections fall silent continues over new ones', async () => {
    await using proxy = await openProxy(opened.databaseUrl as string);
    // Instead of the usual timeout of half a minute.
    await using other = await openSecond(`${proxy.databaseUrl}?query_timeout=500`);
    await using reader = await openReader(other);
    try {
      const stream = await followLive(reader);
      proxy.silence();
      await append(2);
      expect(await take(stream, 2)).toEqual([2n, 3n]);
      await until('it runs', () => reader.changes.running);
    } finally {
      // Before the handle, which would wait for the silent server to close.
      await proxy[Symbol.asyncDispose]();
    }
  });

  test('a tail continues where it was after all its connections are killed', async () => {
    await using other = await openSecond();
    await using reader = await openReader(other);
    const stream = await followLive(reader);
    for (let round = 0; round < 3; round += 1) {
      await until('a connection was there to be killed', async () => (await killSecond()) > 0);
      await append(1);
    }
    expect(await take(stream, 3)).toEqual([2n, 3n, 4n]);
    await until('it runs', () => reader.changes.running);
  });
}

/** A tail and what reads from it. */
interface Reader extends AsyncDisposable {
  readonly changes: Changes;
  readonly tail: Tail;
  /** How many wait for the tail to grow. */
  waiting(): number;
  /** Resolves once the tail has read this entry. */
  tailIsAt(position: bigint): Promise<void>;
}

async function openReader(database: Database = opened.database, logger: Logger = SILENT): Promise<Reader> {
  const tail = await startTail(database, logger);
  let waiting = 0;
  const grown: Tail['grown'] = async (position, signal) => {
    waiting += 1;
    await tail.grown(position, signal);
    waiting -= 1;
  };
  return {
    changes: openChanges(database.lanes, Object.create(tail, { grown: { value: grown } }) as Tail),
    tail,
    waiting: () => waiting,
    tailIsAt: (position) => until(`the tail is at ${position}`, () => tail.position === position),
    [Symbol.asyncDispose]: () => tail[Symbol.asyncDispose](),
  };
}

/** A stream that was live before its first entry, and has returned that entry. */
async function followLive(reader: Reader): Promise<ChangeStream> {
  const stream = await reader.changes.follow(null);
  const before = reader.waiting();
  const pending = stream.next();
  await until('it waits', () => reader.waiting() === before + 1);
  await append(1);
  await soon('the first entry', pending);
  return stream;
}

/** Writes this many entries in one write. */
/** As the tail's own process writes: the tail need not read it. */
function append(count: number): Promise<void> {
  return appendOver(db, count);
}

/** As another instance writes, so that the tail has to read. */
function appendElsewhere(count: number): Promise<void> {
  return appendOver(db.$extends({}) as unknown as PrismaClient, count);
}

async function appendOver(handle: PrismaClient, count: number): Promise<void> {
  await write(handle, ({ append }) =>
    append(Array.from({ length: count }, () => ({ kind: 'SUBJECT', aboutId: subjectId, subjectId }))),
  );
}

/** Takes the log back to a position, as restoring a backup does, and adds other entries after it. */
async function goBack(position: bigint, added: number): Promise<void> {
  await write(db, async ({ tx, append: add }) => {
    await tx.change.deleteMany({ where: { position: { gt: position } } });
    const { id } = await tx.subject.upsert({
      where: { slug: 'luxeed' },
      update: {},
      create: { kind: 'BRAND', slug: 'luxeed', name: 'Luxeed' },
    });
    await add(Array.from({ length: added }, () => ({ kind: 'SUBJECT', aboutId: id, subjectId: id })));
  });
}

const listenToNobody: Database['listen'] = async () => ({ [Symbol.asyncDispose]: async () => undefined });

/** The positions of the stream's next entries. */
async function take(stream: ChangeStream, count: number): Promise<bigint[]> {
  const positions: bigint[] = [];
  while (positions.length < count) {
    const { value } = await soon(`entry ${positions.length + 1} of ${count}`, stream.next());
    if (value === undefined) throw new Error(`The stream ended after ${positions.length} of ${count} entries.`);
    positions.push(value.position);
  }
  return positions;
}

/** A handle whose raw reads fail while it is broken, or wait until an answer is allowed. Writes do not go through it. */
function breakableReads(database: Database) {
  const reads = { broken: false, answer: Promise.resolve(), tries: 0, failures: 0 };
  const client = database.client.$extends({
    query: {
      $queryRaw: async ({ args, query }) => {
        reads.tries += 1;
        await reads.answer;
        if (!reads.broken) return query(args);
        reads.failures += 1;
        throw new Error('The database is gone.');
      },
    },
  });
  return Object.assign(reads, { database: { ...database, client: client as unknown as PrismaClient } });
}

/** Stops the tail from polling, so that only a wake-up or poll() makes it read. */
function stopThePoll(): void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
}

function poll(): void {
  vi.advanceTimersByTime(POLL_MS);
}

/** Another instance's handle on the same server, whose connections have an application name of their own. */
function openSecond(databaseUrl = opened.databaseUrl as string): Promise<Database> {
  const url = new URL(databaseUrl);
  url.searchParams.set('application_name', SECOND);
  return openDatabase({ databaseUrl: url.href, dataDir: opened.dataDir, databaseConnections: 2 }, SILENT);
}

async function listeners(): Promise<number[]> {
  const rows = await db.$queryRaw<{ pid: number }[]>`
    /* listeners */
    select pid from pg_stat_activity
     where datname = current_database() and query like '/* listen */%' and pid <> pg_backend_pid()`;
  return rows.map(({ pid }) => pid);
}

/** Ends every connection that listens, and waits until it is gone. */
async function killListeners(): Promise<number[]> {
  const pids = await listeners();
  await db.$queryRaw`/* killListeners */ select pg_terminate_backend(pid, 5000)::text from unnest(${pids}::int[]) pid`;
  return pids;
}

/** Ends every connection of the other instance. */
async function killSecond(): Promise<number> {
  const rows = await db.$queryRaw<unknown[]>`
    /* killSecond */
    select pg_terminate_backend(pid, 5000)::text from pg_stat_activity where application_name = ${SECOND}`;
  return rows.length;
}

async function cursorAt(position: bigint): Promise<string> {
  return (await placeAt(position)).cursor;
}

/** A cursor of this log beyond its end. */
function aheadAt(position: bigint): string {
  return encodeCursor({ log, position, digest: new Uint8Array(32) });
}

function range(first: number, last: number): bigint[] {
  return Array.from({ length: last - first + 1 }, (_none, index) => BigInt(first + index));
}

async function placeAt(position: bigint): Promise<Place> {
  return placeIn(await readLogState(db, [position]), position);
}
