import { expect, test } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';

const MIGRATION = '20261127233409_boards_by_index';

test('what is kept of before, and what is written by hand, gets the kind of its subject; parts of their own kind are known', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  const keep = (subjectId: number, period: string) => client.$executeRaw`
    insert into "Observation" ("subjectId", metric, period, kind, "periodEnd", slot, value, qualifier, method, agreement, origins, resolution)
    values (${subjectId}::int, 'SALES', ${period}, 'MONTH', '2025-01-31', ${`${subjectId}|${period}`}, 1, 'EXACT', 'ASSERTED', 'SOLE', 1, '')`;
  await migrateUpTo(database, MIGRATION);
  await client.$executeRaw`
    insert into "Subject" (kind, slug, name, "parentId")
    values ('COMPANY', 'byd', 'BYD', null), ('BRAND', 'denza', 'Denza', 1), ('BRAND', 'z9', 'Z9', 2)`;
  for (const subjectId of [1, 2]) await keep(subjectId, '2025-01');

  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  for (const subjectId of [1, 2]) await keep(subjectId, '2025-02');
  await client.$executeRaw`update "Observation" set "subjectId" = 3 where slot = '1|2025-02'`;
  await client.$executeRaw`insert into "Subject" (kind, slug, name, "parentId") values ('BRAND', 'fang', 'Fang', 2)`;
  const kept = await client.observation.findMany({ orderBy: { id: 'asc' } });
  expect(kept.map(({ subjectKind }) => subjectKind)).toEqual(['COMPANY', 'BRAND', 'BRAND', 'BRAND']);
  const nested = async () =>
    (await client.subject.findMany({ where: { isNested: true } })).map(({ slug }) => slug).sort();
  expect(await nested()).toEqual(['fang', 'z9']);
  await client.$executeRaw`update "Subject" set "parentId" = 1 where slug = 'fang'`;
  expect(await nested()).toEqual(['z9']);
});
