import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { findBrokenLinks } from '../../src/changes/chain.ts';
import { cutOf, placeAt, readAfter, readLogState, resolveCursor } from '../../src/changes/log.ts';
import { write } from '../../src/changes/write.ts';
import { ChangeKind, type PrismaClient } from '../../src/database/generated/client.ts';
import type { Db } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';
import { joinAlliance } from '../../src/domain/editing/memberships.ts';
import { announceMilestone } from '../../src/domain/editing/milestones.ts';
import { recordFigure } from '../../src/domain/editing/record-figures.ts';
import { registerSource } from '../../src/domain/editing/sources.ts';
import { createSubject } from '../../src/domain/editing/subjects.ts';
import { setTarget } from '../../src/domain/editing/targets.ts';
import { verifyDatabase, verifyDerived } from '../../src/domain/verify/verify.ts';
import { freshDatabase, openTestDatabase, type TestDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';
import { until } from '../support/wait.ts';

const MIGRATION = '20261126154500_what_a_change_is_about';
const KINDS = Object.values(ChangeKind);

/** For each kind, what makes another row of the one that its entry is about. */
const ANOTHER: Readonly<Record<ChangeKind, string>> = {
  FIGURE: `update "Figure" set note = 'Another.'`,
  MILESTONE: `update "Milestone" set key = key || '.'`,
  TARGET: `update "Target" set identity = identity || '.'`,
  SUBJECT: `update "Subject" set slug = slug || '-too'`,
  MEMBERSHIP: `update "Membership" set "joinedOn" = '2001'`,
  SOURCE: `update "Source" set identity = identity || '.'`,
  CONTRADICTION: `update "Contradiction" set identity = identity || '.'`,
};

let opened: TestDatabase;
let db: PrismaClient;

beforeAll(async () => {
  opened = await openTestDatabase();
  db = opened.database.client;
  await writeEachKind(db);
});

afterAll(() => opened[Symbol.asyncDispose]());

test('the log has an entry of each kind, and verification finds no difference', async () => {
  const kinds = (await db.change.findMany()).map(({ kind }) => kind);
  expect([...new Set(kinds)].sort()).toEqual([...KINDS].sort());
  expect((await verifyDerived(db)).differences).toEqual([]);
});

test.each(KINDS)('the digest of a %s entry depends on the row that the entry is about', async (kind) => {
  const undo = new Error('undone');
  let found: readonly string[] = [];
  const undone = db.$transaction(async (tx) => {
    await tx.$executeRawUnsafe(ANOTHER[kind]);
    found = await kindsOfBroken(tx);
    throw undo;
  });
  await expect(undone).rejects.toBe(undo);
  expect(found).toContain(kind);
});

test.each(KINDS)('a %s entry whose row is not there is named', async (kind) => {
  const { position, aboutId } = await db.change.findFirstOrThrow({ where: { kind } });
  await db.change.update({ where: { position }, data: { aboutId: 0 } });
  const { differences } = await verifyDerived(db);
  await db.change.update({ where: { position }, data: { aboutId } });
  expect(differences).toContainEqual({
    about: `the log at ${position}`,
    kept: expect.stringMatching(`^${kind}`),
    recomputed: `nothing: there is no such ${kind.toLowerCase()}`,
  });
});

test('an entry that is about nothing is refused', async () => {
  const nothing = { kind: 'SUBJECT', subjectId: 1 } as never;
  await expect(write(db, ({ append }) => append([nothing]))).rejects.toThrow('Change_aboutId_check');
});

test('an entry of an unknown kind cannot be written, and verification reports it and fails', async () => {
  await using fresh = await freshDatabase();
  const { client } = fresh.database;
  await migrate(fresh.database, MIGRATIONS);
  await client.$executeRaw`alter type "ChangeKind" add value 'UNHEARD_OF'`;
  const entry = { kind: 'UNHEARD_OF' as ChangeKind, aboutId: 1 };
  await expect(write(client, ({ append }) => append([entry]))).rejects.toThrow('case not found');
  await client.$executeRaw`insert into "Change" (position, kind, "aboutId", digest) values (1, 'UNHEARD_OF', 1, '')`;
  const told: string[] = [];
  const verified = verifyDatabase(client, false, ({ recomputed }) => told.push(recomputed));
  await expect(verified).rejects.toThrow('case not found');
  expect(told).toEqual(['nothing: there is no such unheard_of']);
});

test('entries from before they had one id keep their digests, and cursors their places', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrateUpTo(database, MIGRATION);
  for (const statement of BEFORE) await client.$executeRawUnsafe(statement);
  const positions = KEPT.map((_, index) => BigInt(index + 1));
  const before = await readLogState(client, positions);
  // Its milestone was deleted by hand.
  expect(await kindsOfBroken(client)).toEqual(['MILESTONE']);

  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  const after = await readLogState(client, positions);
  expect(after).toEqual(before);
  expect(await kindsOfBroken(client)).toEqual(['MILESTONE']);
  const entries = await readAfter(client, cutOf(after), 100);
  expect(entries.map(({ kind, aboutId }) => [kind, aboutId])).toEqual(KEPT);
  for (const position of positions) {
    const place = resolveCursor(placeAt(before, position).cursor, after);
    expect(await readAfter(client, place, 100)).toEqual(entries.slice(Number(position)));
  }

  // What is derived was not written with the figures. Of the log a repair writes nothing.
  await verifyDatabase(client, true, () => undefined);
  await recordFigure(client, { ...CLAIM, subject: 'aito', period: '2026-01', sourceId: 11 });
  expect((await verifyDerived(client)).differences).toMatchObject([
    { about: 'the log at 9', recomputed: 'nothing: there is no such milestone' },
    { about: 'the log at 9', recomputed: expect.stringMatching(/^another digest/) },
  ]);
});

test.runIf(inject('backend') === 'postgres')('the migration waits for the writes of a running instance', async () => {
  await using fresh = await freshDatabase();
  const { database, databaseUrl } = fresh;
  await migrateUpTo(database, MIGRATION);
  const writer = new pg.Client(databaseUrl);
  await writer.connect();
  try {
    // As a write does: the figures first, the log last.
    await writer.query('begin; lock table "Figure" in row exclusive mode');
    const migrated = migrate(database, MIGRATIONS);
    const isWaiting = async () => (await writer.query('select 1 from pg_locks where not granted')).rows.length > 0;
    await until('the migration waits', isWaiting);
    await writer.query('lock table "Change" in row exclusive mode; commit');
    expect(await migrated).toContain(MIGRATION);
  } finally {
    await writer.end();
  }
});

const CLAIM = { metric: 'DELIVERIES', value: 57_000, qualifier: 'EXACT' } as const;

/** What the entries of the database before the migration are about; 0 for one whose row was deleted. */
const KEPT = [
  ['SUBJECT', 1],
  ['SOURCE', 11],
  ['FIGURE', 7],
  ['MILESTONE', 8],
  ['TARGET', 9],
  ['MEMBERSHIP', 10],
  ['MILESTONE', 8],
  ['FIGURE', 7],
  ['MILESTONE', 0],
];

const OBSERVATION = {
  ...{ value: 57_000, lower: 57_000, upper: 57_000, qualifier: 'EXACT', bestId: 7, agreement: 'SOLE' },
  ...{ resolution: 'Only Gasgoo says so.', revised: false },
};

const BEFORE = [
  `insert into "Subject" (kind, slug, name) values ('BRAND', 'aito', 'AITO'), ('ALLIANCE', 'hima', 'HIMA')`,
  `insert into "Publisher" (slug, name, tier) values ('gasgoo', 'Gasgoo', 3)`,
  `insert into "Source" (id, "publisherId", title, identity) values (11, 1, 'Article', 'gasgoo-article')`,
  `insert into "Figure" (id, "subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId", "knownFrom",
                         "claimKey", rank, "rankReason", reason, action)
   values (7, 1, 'DELIVERIES', '2025-12', '2025-12-01', '2025-12-31', 57000, 57000, 57000, 'EXACT', 11, '2026-01-01T00:00:00.123+08',
           '11|1|DELIVERIES|2025-12|', 'PREFERRED', 'Checked.', 'Checked.', 'RANKED')`,
  `insert into "Milestone" (id, "subjectId", kind, title, "sortOn", status, key)
   values (8, 1, 'OTHER', 'Reached', '9999-12-31', 'CONFIRMED', '1|OTHER|||reached'), (12, 1, 'OTHER', 'Gone', '9999-12-31', 'ANNOUNCED', 'gone')`,
  `insert into "Target" (id, "subjectId", metric, "sourceId", identity) values (9, 1, 'DELIVERIES', 11, 'target')`,
  `insert into "Membership" (id, "allianceId", "brandId", "joinedOn") values (10, 2, 1, '2022')`,
  `insert into "Change" (position, kind, "subjectId", "figureId", "milestoneId", "targetId", "membershipId", "sourceId",
                         action, status, "statusBefore", "causedById", before, observation, "lineIds", digest)
   values (1, 'SUBJECT',    1,    null, null, null, null, null, null, null, null, null, null, null, '{1}', ''),
          (2, 'SOURCE',     null, null, null, null, null, 11,   null, null, null, null, null, null, null, ''),
          (3, 'FIGURE',     1,    7,    null, null, null, null, 'RECORDED', null, null, null, 0.1, '${JSON.stringify(OBSERVATION)}', '{1}', ''),
          (4, 'MILESTONE',  1,    null, 8,    null, null, null, null, 'ANNOUNCED', null, null, null, null, '{1}', ''),
          (5, 'TARGET',     1,    null, null, 9,    null, null, null, null, null, null, null, null, '{1}', ''),
          (6, 'MEMBERSHIP', 2,    null, null, null, 10,   null, null, null, null, null, null, null, '{2}', ''),
          (7, 'MILESTONE',  1,    null, 8,    null, null, null, null, 'CONFIRMED', 'ANNOUNCED', 7, null, null, '{1,2}', ''),
          (8, 'FIGURE',     1,    7,    null, null, null, null, 'RANKED', null, null, null, 57000, 'null', '{1,2}', ''),
          (9, 'MILESTONE',  1,    null, 12,   null, null, null, null, 'ANNOUNCED', null, null, null, null, null, '')`,
  `update "Change" c set digest = chained.digest
     from (select e.position, change_chain(l."prunedDigest", e.position, change_content(e)) over (order by e.position) as digest
             from "ChangeLog" l, "Change" e) chained
    where chained.position = c.position`,
  `delete from "Milestone" where id = 12`,
];

async function writeEachKind(client: PrismaClient): Promise<void> {
  await createSubject(client, { kind: 'BRAND', slug: 'aito', name: 'AITO' });
  await createSubject(client, { kind: 'ALLIANCE', slug: 'hima', name: 'HIMA' });
  const publisher = { slug: 'gasgoo', name: 'Gasgoo', tier: 3 };
  const { source } = await registerSource(client, { publisher, title: 'Article' });
  const said = { subject: 'aito', sourceId: source.id } as const;
  await recordFigure(client, { ...said, ...CLAIM, period: '2025-12' });
  // Another source contradicts it.
  const { source: other } = await registerSource(client, { publisher, title: 'Another article' });
  await recordFigure(client, { ...said, ...CLAIM, period: '2025-12', value: 41_000, sourceId: other.id });
  await announceMilestone(client, { ...said, kind: 'LAUNCH', title: 'Launched', reachedOn: '2024-04' });
  await setTarget(client, { ...said, metric: 'DELIVERIES', period: '2030', value: 1_000_000 });
  await joinAlliance(client, { alliance: 'hima', brand: 'aito', joinedOn: '2022' });
}

/** The kinds of the entries whose digests do not follow. */
async function kindsOfBroken(log: Db): Promise<string[]> {
  const found: string[] = [];
  for await (const { kind } of findBrokenLinks(log)) found.push(kind);
  return found;
}
