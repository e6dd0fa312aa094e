import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeCursor } from '../../src/changes/cursor.ts';
import type { LogPart, Place } from '../../src/changes/log.ts';
import { startTail, type Tail } from '../../src/changes/tail.ts';
import { wakeTails } from '../../src/changes/wake.ts';
import type { Prisma, PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { CursorInvalid } from '../../src/errors.ts';
import { createLogger } from '../../src/logger.ts';
import { until } from '../support/wait.ts';

// stream.test.ts tests the tail on a real database. This file tests what it keeps in memory.

const LOG = '00112233445566ff';
/** How many of the last entries are kept. */
const KEPT = 2_000n;

/** A log in memory: the entries after the cut, up to the head. */
let head: bigint;
let cut: bigint;
let client: PrismaClient;
let wake: (payload?: string) => void;
let tail: Tail;
/** How many reads of entries have begun and ended. */
let reads: number;
let ended: number;
/** What reads wait for, before or after they have their entries. */
let held: { readonly at: 'before' | 'after'; readonly until: Promise<void> } | null;

beforeEach(async () => {
  head = 0n;
  cut = 0n;
  reads = 0;
  ended = 0;
  held = null;
  tail = await startTail(databaseOf(), createLogger('silent'));
  await until('it has read what there is', () => ended === 1);
});

afterEach(() => tail[Symbol.asyncDispose]());

test('keeps the last 2,000 entries, and readers further back read the database', async () => {
  await growTo(2_600n);
  expect(positions(tail.recent(head - KEPT))).toEqual(range(601n, 2_600n));
  expect(positions(tail.after(placeAt(head - KEPT)))).toEqual(range(601n, 2_600n));
  expect(tail.recent(head - KEPT - 1n)).toBeNull();
  expect(tail.after(placeAt(head - KEPT - 1n))).toBeNull();
});

test.each([1n, KEPT - 1n, KEPT])('keeps all of %s entries, from the place where it began', async (count) => {
  await growTo(count);
  expect(positions(tail.after(placeAt(0n)))).toEqual(range(1n, count));
  expect(positions(tail.after(placeAt(count - 1n)))).toEqual([count]);
  expect(tail.after(placeAt(count))).toEqual([]);
});

test('drops the first entry once there is one too many', async () => {
  await growTo(KEPT + 1n);
  expect(tail.after(placeAt(0n))).toBeNull();
  expect(positions(tail.after(placeAt(1n)))).toEqual(range(2n, KEPT + 1n));
});

test('knows the entry at each place that it keeps, including the oldest and the newest', async () => {
  await growTo(2_600n);
  for (const position of [head - KEPT, head - KEPT + 1n, head - 1n, head]) {
    expect(tail.after(placeAt(position))?.length).toBe(Number(head - position));
    expect(() => tail.after({ position, cursor: 'of another past' })).toThrow(CursorInvalid);
  }
});

test('keeps only entries after the cut when the log is cut past its place', async () => {
  await growTo(10n);
  cut = 30n;
  await growTo(35n);
  expect(positions(tail.after(placeAt(30n)))).toEqual(range(31n, 35n));
  expect(positions(tail.after(placeAt(33n)))).toEqual([34n, 35n]);
  expect(tail.recent(29n)).toBeNull();
  // It was in memory before.
  expect(tail.recent(8n)).toBeNull();
});

test('keeps its entries and continues when the log is cut up to its place', async () => {
  await growTo(10n);
  cut = 10n;
  await growTo(12n);
  expect(positions(tail.after(placeAt(8n)))).toEqual([9n, 10n, 11n, 12n]);
});

test('reads after a write of this process at once, and not again for the notification of the same write', async () => {
  head = 5n;
  wakeTails(client, head, null);
  await until('the tail has read it', () => tail.position === 5n);
  const before = reads;
  wake('5');
  wake('4');
  expect(reads).toBe(before);
  head = 6n;
  wake('6');
  await until('the tail has read the next', () => tail.position === 6n);
});

test('takes what this process appended without a read, at once', () => {
  const before = reads;
  head = 3n;
  wakeTails(client, 3n, textOf(0n, 3n));
  expect([tail.position, reads]).toEqual([3n, before]);
  expect(positions(tail.after(placeAt(1n)))).toEqual([2n, 3n]);
  head = 4n;
  wakeTails(client, 4n, textOf(3n, 4n));
  expect([tail.position, reads]).toEqual([4n, before]);
});

test('takes what was appended right after the cut of the log', async () => {
  await growTo(10n);
  cut = 10n;
  const before = reads;
  head = 12n;
  wakeTails(client, 12n, textOf(10n, 12n));
  expect([tail.position, reads]).toEqual([12n, before]);
});

test.each([
  { missing: 'entries of others before it', part: () => textOf(4n, 5n) },
  {
    missing: 'entries of others before it, although the log was cut at its place',
    part: () => textOf(4n, 5n, { prunedDigest: Buffer.from(digestOf(0n)).toString('hex') }),
  },
  { missing: 'the history that it knows', part: () => textOf(0n, 5n, { prunedDigest: '11'.repeat(32) }) },
  { missing: 'the log that it knows', part: () => textOf(0n, 5n, { log: 'ffeeddccbbaa0099' }) },
  { missing: 'a part that can be read', part: () => '{' },
])('reads, and takes nothing of what this process appended, without $missing', async ({ part }) => {
  const before = reads;
  head = 5n;
  wakeTails(client, 5n, part());
  expect([tail.position, reads]).toEqual([0n, before + 1]);
  await until('the tail has read it', () => tail.position === 5n);
  expect(positions(tail.after(placeAt(0n)))).toEqual(range(1n, 5n));
});

test('takes nothing while it reads, and each entry once', async () => {
  let release = (): void => undefined;
  held = { at: 'after', until: new Promise((resolve) => (release = resolve)) };
  wake();
  head = 2n;
  wakeTails(client, 2n, textOf(0n, 2n));
  expect(tail.position).toBe(0n);
  held = null;
  release();
  await until('the tail has read it', () => tail.position === 2n);
  wakeTails(client, 1n, textOf(0n, 1n));
  expect(positions(tail.after(placeAt(0n)))).toEqual([1n, 2n]);
});

test('reads for a notification without a position, as other versions send it', async () => {
  const before = reads;
  wake('');
  expect(reads).toBe(before + 1);
});

test.each([
  { does: 'has', holds: 'before' as const, more: 1 },
  { does: 'lacks', holds: 'after' as const, more: 2 },
])('reads $more times for two writes when the first read $does the second one', async ({ holds, more }) => {
  let release = (): void => undefined;
  held = { at: holds, until: new Promise((resolve) => (release = resolve)) };
  const before = reads;
  head = 1n;
  wake('1');
  await until('it reads', () => reads === before + 1);
  head = 2n;
  wake('2');
  held = null;
  release();
  await until('the tail has read both', () => tail.position === 2n);
  expect(reads).toBe(before + more);
});

test('does not read without end for a position that the log does not have', async () => {
  const before = reads;
  wake('9');
  wake('9');
  await until('it has read', () => reads > before);
  await growTo(1n);
  expect(reads).toBeLessThanOrEqual(before + 4);
});

async function growTo(position: bigint): Promise<void> {
  head = position;
  wake();
  await until('the tail has read it', () => tail.position === position);
}

/** What the tail asks of a database: the state of the log, and what comes after a place with the place itself. */
function databaseOf(): Database {
  const $queryRaw = async (statement: readonly string[] | Prisma.Sql) => {
    const { strings, values } = 'strings' in statement ? statement : { strings: statement, values: [] };
    const [sql = ''] = strings;
    if (sql.includes('readLogState')) return withState(entries(head, head));
    if (!sql.includes('readAfter')) return [];
    reads += 1;
    const hold = held;
    if (hold?.at === 'before') await hold.until;
    const part = partOf(values[0] as bigint, head, values[1] as number);
    if (hold?.at === 'after') await hold.until;
    ended += 1;
    return [{ json: JSON.stringify(part) }];
  };
  client = { $queryRaw } as unknown as PrismaClient;
  const listen = async (_channel: string, onWake: () => void) => {
    wake = onWake;
    return { [Symbol.asyncDispose]: async () => undefined };
  };
  return { client, lanes: { log: client }, listen } as unknown as Database;
}

/** Each row has the state of the log. Without entries there is one row with only that state. */
function withState(rows: readonly object[]): readonly object[] {
  const state = { log: LOG, prunedThrough: cut, prunedDigest: digestOf(cut) };
  return (rows.length > 0 ? rows : [{ position: null, digest: null }]).map((row) => ({ ...state, ...row }));
}

/** What a write appended that ended the log, with the entry before, as the write hands it on. */
function textOf(from: bigint, to: bigint, other: Partial<LogPart> = {}): string {
  return JSON.stringify({ ...partOf(from, to, Number(to - from) + 1), ...other });
}

/** The entries of the log from one position to another, as the database returns them. */
function partOf(from: bigint, to: bigint, limit: number): LogPart {
  const hex = (digest: Uint8Array): string => Buffer.from(digest).toString('hex');
  const rows = entries(from, to)
    .slice(0, limit)
    .map(({ position, digest }) => ({ position: String(position), digest: hex(digest), at: 0 }));
  const state = { log: LOG, prunedThrough: String(cut), prunedDigest: hex(digestOf(cut)) };
  return { ...state, entries: rows as unknown as LogPart['entries'] };
}

function entries(from: bigint, to: bigint): readonly { readonly position: bigint; readonly digest: Uint8Array }[] {
  return range(from > cut ? from : cut + 1n, to).map((position) => ({ position, digest: digestOf(position) }));
}

function placeAt(position: bigint): Place {
  return { position, cursor: encodeCursor({ log: LOG, position, digest: digestOf(position) }) };
}

function digestOf(position: bigint): Uint8Array {
  const digest = new Uint8Array(32);
  new DataView(digest.buffer).setBigInt64(0, position);
  return digest;
}

function positions(places: readonly Place[] | null): readonly bigint[] | undefined {
  return places?.map(({ position }) => position);
}

function range(first: bigint, last: bigint): bigint[] {
  return Array.from({ length: Math.max(0, Number(last - first) + 1) }, (_, index) => first + BigInt(index));
}
