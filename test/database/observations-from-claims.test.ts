import pg from 'pg';
import { expect, inject, test } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';
import { until } from '../support/wait.ts';

const MIGRATION = '20261126210000_observations_from_all_claims';

test.runIf(inject('backend') === 'postgres')(
  'the migration holds no table that a running instance needs while it waits for its write to a subject',
  async () => {
    await using fresh = await freshDatabase();
    const { database, databaseUrl } = fresh;
    await migrateUpTo(database, MIGRATION);
    const writer = new pg.Client(databaseUrl);
    await writer.connect();
    try {
      // As one that changes a subject does, and then what follows from it.
      await writer.query('begin; lock table "Subject" in row exclusive mode');
      const migrated = migrate(database, MIGRATIONS);
      const isWaiting = async () => (await writer.query('select 1 from pg_locks where not granted')).rows.length > 0;
      await until('the migration waits', isWaiting);
      for (const table of ['Observation', 'Change', 'ChangeLog'])
        await writer.query(`lock table "${table}" in row exclusive mode nowait`);
      await writer.query('commit');
      expect(await migrated).toContain(MIGRATION);
    } finally {
      await writer.end();
    }
  },
);

test('a page of the contradictions that there are now is read by an index, however many were resolved', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrate(database, MIGRATIONS);
  await client.$executeRaw`insert into "Subject" (kind, slug, name) values ('BRAND', 'aito', 'AITO')`;
  await client.$executeRaw`
    insert into "Contradiction" ("subjectId", metric, kind, periods, gap, "figureIds", "setAsideIds", explanation, identity, "resolvedAt")
    select 1, 'DELIVERIES', 'SUM', '{}', 1, '{}', '{}', '', n::text, case when n % 1000 = 0 then null else now() end
      from generate_series(1, 20000) n`;
  await client.$executeRaw`analyze "Contradiction"`;
  const plan = await client.$queryRaw<{ 'QUERY PLAN': string }[]>`
    explain select id from "Contradiction" where "resolvedAt" is null order by id desc limit 51`;
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toContain('"Contradiction_open_idx"');
});
