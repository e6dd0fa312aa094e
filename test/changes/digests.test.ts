import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { findBrokenLinks } from '../../src/changes/chain.ts';
import { cutOf, headOf, readAfter, readLogState, resolveCursor } from '../../src/changes/log.ts';
import { write } from '../../src/changes/write.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Db } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';
import { rankFigure, withdrawFigure } from '../../src/domain/editing/amend-figures.ts';
import { reviseFigure } from '../../src/domain/editing/revise-figures.ts';
import { freshDatabase, openSeededDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { cutLog } from '../support/log.ts';
import { makeMaker } from '../support/makers.ts';
import { until } from '../support/wait.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma/migrations', import.meta.url));
const FIRST = '20261122000000_first';

let opened: TestDatabase;
let db: PrismaClient;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.database.client;
});

beforeEach(async () => {
  await db.$executeRaw`/* emptyTables */ truncate "Subject", "Publisher", "Change" restart identity cascade`;
  const [log] = await db.changeLog.findMany();
  const prunedDigest = createHash('sha256')
    .update(log?.name ?? '')
    .digest();
  await db.changeLog.updateMany({ data: { prunedThrough: 0n, prunedDigest, prunedAt: null } });
});

afterAll(() => opened[Symbol.asyncDispose]());

test('a digest is the SHA-256 of the one before it, the position, and the SHA-256 of what the entry says', async () => {
  const { id } = await db.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'AITO' } });
  await write(db, ({ append }) => append([1, 2].map(() => ({ kind: 'SUBJECT', aboutId: id, subjectId: id }))));
  const [log] = await db.changeLog.findMany();
  let digest = createHash('sha256')
    .update(log?.name ?? '')
    .digest();
  for (const entry of await db.change.findMany({ orderBy: { position: 'asc' } })) {
    const said = `[{"kind": "SUBJECT", "subjectId": ${id}}, ${entry.at.getTime()}, null, null, ["BRAND", "aito"], null]`;
    const position = Buffer.alloc(8);
    position.writeBigInt64BE(entry.position);
    const content = createHash('sha256').update(said).digest();
    digest = createHash('sha256').update(digest).update(position).update(content).digest();
    expect(Buffer.from(entry.digest).toString('hex')).toBe(digest.toString('hex'));
  }
});

test('the claim is part of its digest, with every bit of its numbers', async () => {
  const maker = await makeMaker(db);
  await maker.record(1);
  const { id, ...claim } = await db.figure.findFirstOrThrow();
  expect(await broken()).toEqual([]);
  for (const change of [
    { value: 1 + Number.EPSILON },
    { lower: null },
    { upper: 2 },
    { qualifier: 'ABOUT' },
    { period: '1950-01-02' },
    { metric: 'SALES' },
    { note: 'Another note.' },
    { attributedTo: 'Somebody' },
    { breaks: true },
    { recordedAt: new Date(claim.recordedAt.getTime() + 1) },
    { knownFrom: new Date(claim.knownFrom.getTime() + 1) },
  ] as const) {
    await db.figure.update({ where: { id }, data: change });
    expect(await broken(), JSON.stringify(change)).toEqual(['3 FIGURE aurora']);
    await db.figure.update({ where: { id }, data: claim });
  }
  expect(await broken()).toEqual([]);
});

test('later changes to a figure do not change its digest', async () => {
  const maker = await makeMaker(db);
  for (let count = 0; count < 3; count += 1) await maker.record();
  const [one, two, three] = (await db.figure.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id);
  await rankFigure(db, one as number, 'DEPRECATED', 'Doubtful.');
  await withdrawFigure(db, two as number, 'Wrong.');
  await reviseFigure(db, three as number, { value: 7, qualifier: 'EXACT', reason: 'A correction.' });
  expect(await broken()).toEqual([]);
});

test('the digests of all entries of the seed can be computed again, whatever the session is set to', async () => {
  await using seeded = await openSeededDatabase();
  const { client } = seeded.database;
  expect(await broken(client)).toEqual([]);
  await client.$transaction(async (tx) => {
    await tx.$executeRaw`set local timezone = 'Asia/Shanghai'`;
    await tx.$executeRaw`set local extra_float_digits = 0`;
    await tx.$executeRaw`set local datestyle = 'German'`;
    const [{ digits }] = await tx.$queryRaw<
      [{ digits: string }]
    >`select current_setting('extra_float_digits') as digits`;
    expect(digits).toBe('0');
    expect(await broken(tx)).toEqual([]);
  });
});

test('a changed entry and one whose figure is gone are each named, and an entry after a gap is not', async () => {
  const maker = await makeMaker(db);
  for (let count = 0; count < 9; count += 1) await maker.record();
  await db.$executeRaw`update "Change" set before = 17 where position = 3`;
  await db.$executeRaw`delete from "Change" where position in (5, 6)`;
  await db.figure.delete({ where: { id: 7 } });
  expect(await broken()).toEqual(['3 FIGURE aurora', '9 FIGURE aurora']);
});

test('swapped entries are named', async () => {
  const maker = await makeMaker(db);
  for (let count = 0; count < 3; count += 1) await maker.record();
  await db.$executeRaw`
    update "Change" set position = -position where position in (3, 4)`;
  await db.$executeRaw`update "Change" set position = 7 + position where position < 0`;
  expect(await broken()).toEqual(['3 FIGURE aurora', '4 FIGURE aurora', '5 FIGURE aurora']);
});

test('the rest of the chain still holds after a cut', async () => {
  const maker = await makeMaker(db);
  for (let count = 0; count < 3; count += 1) await maker.record();
  await cutLog(db, 4n);
  expect(await broken()).toEqual([]);
  await db.$executeRaw`update "Figure" set note = 'another' where id = 3`;
  expect(await broken()).toEqual(['5 FIGURE aurora']);
});

test('a batch of a thousand is appended by one statement', async () => {
  const { id } = await db.subject.create({ data: { kind: 'BRAND', slug: 'aito', name: 'AITO' } });
  const statements: string[] = [];
  const counted = db.$extends({
    query: {
      $allOperations: ({ operation, args, query }) => {
        statements.push(operation);
        return query(args);
      },
    },
  }) as unknown as PrismaClient;
  await write(counted, ({ append }) =>
    append(Array.from({ length: 1_000 }, () => ({ kind: 'SUBJECT', aboutId: id, subjectId: id }))),
  );
  // The last one wakes the tails, after the write has returned.
  await until('the tails are woken', () => statements.length > 1);
  expect(statements).toEqual(['$queryRaw', '$queryRaw']);
  expect((await readLogState(db)).head).toBe(1_000n);
  expect(await broken()).toEqual([]);
});

test('the migration computes the digests of entries from before there were digests', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const folder = await mkdtemp(join(tmpdir(), 'milepost-first-'));
  try {
    await cp(join(MIGRATIONS, FIRST), join(folder, FIRST), { recursive: true });
    await migrate(database, folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const { client } = database;
  for (const statement of BEFORE) await client.$executeRawUnsafe(statement);
  await migrate(database, MIGRATIONS);
  expect(await broken(client)).toEqual([]);
  const state = await readLogState(client);
  expect(state.head).toBe(6n);
  expect(await readAfter(client, cutOf(state), 10)).toHaveLength(6);
  expect(resolveCursor(headOf(state).cursor, state)).toEqual(headOf(state));
  await write(client, ({ append }) => append([{ kind: 'SUBJECT', aboutId: 1, subjectId: 1 }]));
  expect(await broken(client)).toEqual([]);
});

/** One entry of each kind, and one that a figure caused. */
const BEFORE = [
  `insert into "Subject" (kind, slug, name) values ('BRAND', 'aito', 'AITO'), ('ALLIANCE', 'hima', 'HIMA')`,
  `insert into "Publisher" (slug, name, tier) values ('gasgoo', 'Gasgoo', 3)`,
  `insert into "Source" ("publisherId", title, identity) values (1, 'Article', 'gasgoo-article')`,
  `insert into "Figure" ("subjectId", metric, period, "periodEnd", value, lower, upper, qualifier, "sourceId", "knownFrom", "claimKey")
   values (1, 'DELIVERIES', '2025-12', '2025-12-31', 57000.5, 57000.5, null, 'OVER', 1, '2026-01-01T00:00:00.123+08', 'claim')`,
  `insert into "Milestone" ("subjectId", kind, title, "sortOn", status, key) values (1, 'OTHER', 'Reached', '2025-01-01', 'ANNOUNCED', 'key')`,
  `insert into "Target" ("subjectId", metric, "sourceId", identity) values (1, 'DELIVERIES', 1, 'target')`,
  `insert into "Membership" ("allianceId", "brandId", "joinedOn") values (2, 1, '2022')`,
  `insert into "Change" (position, kind, "subjectId", "figureId", "milestoneId", "targetId", "membershipId", action, status, "causedById", before, observation)
   values (1, 'SUBJECT', 1, null, null, null, null, null, null, null, null, null),
          (2, 'FIGURE', 1, 1, null, null, null, 'RECORDED', null, null, 0.1, '{"value": 57000.5, "bounds": null}'),
          (3, 'MILESTONE', 1, null, 1, null, null, null, 'ANNOUNCED', null, null, null),
          (4, 'TARGET', 1, null, null, 1, null, null, null, null, null, null),
          (5, 'MEMBERSHIP', 2, null, null, null, 1, null, null, null, null, null),
          (6, 'MILESTONE', 1, null, 1, null, null, null, 'CONFIRMED', 1, null, null)`,
];

/** The positions of the entries whose digests do not follow. */
async function broken(log: Db = db): Promise<string[]> {
  const found: string[] = [];
  for await (const { position, kind, slug } of findBrokenLinks(log)) found.push(`${position} ${kind} ${slug}`);
  return found;
}
