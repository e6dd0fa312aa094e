import { expect, test } from 'vitest';
import { migrate } from '../../src/database/migrate.ts';
import { ensureAdminKey, hashKey } from '../../src/domain/keys/api-key.ts';
import { reasonsOf } from '../../src/http/viewer.ts';
import { freshDatabase } from '../support/database.ts';
import { MIGRATIONS, migrateUpTo } from '../support/migrations.ts';

const MIGRATION = '20261128094729_configured_keys';

test('a key that was configured before is replaced by the next one', async () => {
  await using fresh = await freshDatabase();
  const { database } = fresh;
  const { client } = database;
  await migrateUpTo(database, MIGRATION);
  await client.$executeRaw`
    insert into "ApiKey" (label, hash, scopes)
    values ('MILEPOST_ADMIN_KEY', ${hashKey('1'.repeat(32))}, '{READ,WRITE,ADMIN}'), ('importer', 'another', '{READ}')`;
  expect(await migrate(database, MIGRATIONS)).toContain(MIGRATION);
  await ensureAdminKey(client, '2'.repeat(32));
  expect([...(await reasonsOf(client, [1, 2, 3])).keys()]).toEqual([1]);
});
