import { expect, test } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';

const MIGRATION = '20261127062431_leaving_an_alliance';
const CUT = '2026-02-01T00:00:00.000Z';
const LEFT = '2026-03-01T00:00:00.000Z';

test('when a leaving of before was recorded is taken from the log, or else from where it was cut', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrateUpTo(database, MIGRATION);
  await client.$executeRaw`
    insert into "Subject" (kind, slug, name) values ('ALLIANCE', 'hima', 'HIMA'), ('BRAND', 'aito', 'AITO')`;
  await client.$executeRaw`
    insert into "Membership" ("allianceId", "brandId", "leftOn", "createdAt")
    select 1, 2, "leftOn", '2026-01-01' from (values ('2024'), ('2025'), (null)) given("leftOn")`;
  // The first has both entries; those of the second were cut; the third has joined only.
  await client.$executeRaw`
    insert into "Change" (position, kind, "subjectId", "aboutId", at, "lineIds", digest)
    values (6, 'MEMBERSHIP', 1, 1, '2026-02-02', '{1}', ''), (7, 'MEMBERSHIP', 1, 1, ${LEFT}::timestamptz, '{1}', ''),
           (8, 'MEMBERSHIP', 1, 3, '2026-03-02', '{1}', '')`;
  await client.$executeRaw`update "ChangeLog" set "prunedThrough" = 5, "prunedAt" = ${CUT}::timestamptz`;

  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  const rows = await client.membership.findMany({ orderBy: { id: 'asc' } });
  expect(rows.map(({ leftRecordedAt }) => leftRecordedAt?.toISOString() ?? null)).toEqual([LEFT, CUT, null]);
});
