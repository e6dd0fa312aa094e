import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { findBrokenLinks } from '../../src/changes/chain.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { migrate } from '../../src/database/migrate.ts';
import { verifyDatabase, verifyDerived } from '../../src/domain/verify/verify.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';
import { until } from '../support/wait.ts';

const MIGRATION = '20261126203653_origins_breaks_and_ranks';

/** The part of the log that was cut ended at this instant. */
const CUT = '2026-02-01T00:00:00.000Z';

interface Given {
  readonly id: number;
  readonly rank?: 'PREFERRED' | 'NORMAL' | 'DEPRECATED';
  readonly reason?: string;
  readonly action?: 'RECORDED' | 'REVISED' | 'RANKED';
  readonly revises?: number;
  /** The times of its entries RANKED. */
  readonly ranked?: readonly string[];
}

/** All of them are known from 2026-01-01 plus their id in hours. */
const GIVEN: readonly Given[] = [
  { id: 1 },
  { id: 2, rank: 'DEPRECATED', reason: 'A slip.', action: 'RANKED', ranked: ['2026-03-01T00:00:00.123Z'] },
  {
    id: 3,
    ...{ rank: 'NORMAL', reason: 'Right after all.', action: 'RANKED' },
    ranked: ['2026-03-02T00:00:00.000Z', '2026-03-05T00:00:00.000Z'],
  },
  { id: 4, rank: 'DEPRECATED', reason: 'Recorded so.' },
  { id: 5, rank: 'PREFERRED', reason: 'Its entry was cut.', action: 'RANKED' },
  { id: 6, rank: 'PREFERRED', reason: 'Before it was revised.', ranked: ['2026-03-03T00:00:00.000Z'] },
  { id: 7, rank: 'PREFERRED', reason: 'Before it was revised.', action: 'REVISED', revises: 6 },
  { id: 8, rank: 'DEPRECATED', reason: 'As another.', ranked: ['2026-03-04T00:00:00.000Z'] },
  {
    id: 9,
    ...{ rank: 'NORMAL', reason: 'No longer.', action: 'RANKED', revises: 8 },
    ranked: ['2026-03-06T00:00:00.000Z'],
  },
];

async function insertAll(client: PrismaClient): Promise<void> {
  await client.$executeRaw`insert into "Subject" (kind, slug, name) values ('BRAND', 'aito', 'AITO')`;
  await client.$executeRaw`insert into "Publisher" (slug, name, tier) values ('gasgoo', 'Gasgoo', 3)`;
  let position = 5;
  for (const { id, rank = 'NORMAL', reason = null, action = 'RECORDED', revises = null, ranked = [] } of GIVEN) {
    await client.$executeRaw`
      insert into "Source" ("publisherId", title, identity) values (1, ${`Article ${id}`}, ${`article-${id}`})`;
    await client.$executeRaw`
      insert into "Figure" ("subjectId", metric, period, "periodStart", "periodEnd", value, lower, upper, qualifier, "sourceId", "recordedAt",
                            "knownFrom", "claimKey", rank, "rankReason", reason, action, "revisesId")
      values (1, 'DELIVERIES', ${`2025-12-0${id}`}, ${`2025-12-0${id}`}::date, ${`2025-12-0${id}`}::date, 7, 7, 7, 'EXACT', ${id}, '2026-01-15',
              '2026-01-01T00:00:00Z'::timestamptz + ${id}::int * interval '1 hour', ${`${id}|1|DELIVERIES|2025-12-0${id}|`},
              ${rank}::"ClaimRank", ${reason}, ${reason}, ${action}::"FigureAction", ${revises}::int)`;
    const entries = [
      ...(position < 8 ? [['RECORDED', '2026-02-02T00:00:00Z']] : []),
      ...ranked.map((at) => ['RANKED', at]),
    ];
    for (const [what, at] of entries) {
      position += 1;
      await client.$executeRaw`
        insert into "Change" (position, kind, "subjectId", "aboutId", action, at, "lineIds", digest)
        values (${position}, 'FIGURE', 1, ${id}, ${what}::"FigureAction", ${at}::timestamptz, '{1}', '')`;
    }
  }
  await client.$executeRaw`update "ChangeLog" set "prunedThrough" = 5, "prunedAt" = ${CUT}::timestamptz`;
  await client.$executeRaw`
    update "Change" c set digest = chained.digest
      from (select e.position, change_chain(l."prunedDigest", e.position, change_content(e)) over (order by e.position) as digest
              from "ChangeLog" l, "Change" e) chained
     where chained.position = c.position`;
}

test('the ranks of before are taken from the figures and the log, and no digest changes', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrateUpTo(database, MIGRATION);
  await insertAll(client);
  expect(await broken(client)).toEqual([]);

  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  const rows = await client.figureRank.findMany({ orderBy: { id: 'asc' } });
  expect(
    rows.map(({ figureId, rank, reason, knownFrom }) => [figureId, rank, reason, knownFrom.toISOString()]),
  ).toEqual([
    [2, 'DEPRECATED', 'A slip.', '2026-03-01T00:00:00.123Z'],
    [3, 'NORMAL', 'Right after all.', '2026-03-05T00:00:00.000Z'],
    [4, 'DEPRECATED', 'Recorded so.', '2026-01-01T04:00:00.000Z'],
    [5, 'PREFERRED', 'Its entry was cut.', CUT],
    [6, 'PREFERRED', 'Before it was revised.', '2026-03-03T00:00:00.000Z'],
    [7, 'PREFERRED', 'Before it was revised.', '2026-01-01T07:00:00.000Z'],
    [8, 'DEPRECATED', 'As another.', '2026-03-04T00:00:00.000Z'],
    [9, 'DEPRECATED', 'As another.', '2026-01-01T09:00:00.000Z'],
    [9, 'NORMAL', 'No longer.', '2026-03-06T00:00:00.000Z'],
  ]);
  expect(await broken(client)).toEqual([]);
  expect(await client.figure.count({ where: { breaks: true } })).toBe(0);
  expect(await client.source.count({ where: { NOT: { originId: null } } })).toBe(0);
  await verifyDatabase(client, true, () => undefined);
  const { differences } = await verifyDerived(client);
  expect(differences.filter(({ about }) => about.includes('the rank of'))).toEqual([]);
});

test.runIf(inject('backend') === 'postgres')('the migration waits for the writes of a running instance', async () => {
  await using fresh = await freshDatabase();
  const { database, databaseUrl } = fresh;
  await migrateUpTo(database, MIGRATION);
  const writer = new pg.Client(databaseUrl);
  await writer.connect();
  try {
    // As one that registers a document does, while another ranks a figure.
    await writer.query('begin; lock table "Publisher" in row exclusive mode');
    const migrated = migrate(database, MIGRATIONS);
    const isWaiting = async () => (await writer.query('select 1 from pg_locks where not granted')).rows.length > 0;
    await until('the migration waits', isWaiting);
    await writer.query('lock table "Source" in row exclusive mode; lock table "Change" in row exclusive mode; commit');
    expect(await migrated).toContain(MIGRATION);
  } finally {
    await writer.end();
  }
});

async function broken(client: PrismaClient): Promise<bigint[]> {
  const found: bigint[] = [];
  for await (const { position } of findBrokenLinks(client)) found.push(position);
  return found;
}
