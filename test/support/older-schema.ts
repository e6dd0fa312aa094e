import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Database } from '../../src/database/handle.ts';
import { migrate } from '../../src/database/migrate.ts';
import { freshDatabase } from './database.ts';
import { MIGRATIONS, migrateUpTo } from './migrations.ts';

/** The tables that hold something before their migrations, each after those that it refers to. */
const TABLES = [
  ...['Subject', 'Membership', 'Publisher', 'Source', 'Figure', 'Observation', 'Milestone', 'MilestoneClaim', 'Target'],
  'Change',
] as const;

/** Computes all digests of the log again, by the rules of the database's version. */
export const REDIGEST = `
  update "Change" c set digest = chained.digest
    from (select e.position, change_chain(l."prunedDigest", e.position, change_content(e)) over (order by e.position) as digest
            from "ChangeLog" l, "Change" e) chained
   where chained.position = c.position`;

/**
 * Migrates an empty database up to a migration, and fills it with what today's product writes, as far as its tables had the columns then,
 * with the digests of then.
 */
export async function fillBefore(
  database: Database,
  migration: string,
  writeAll: (client: PrismaClient) => Promise<unknown>,
): Promise<void> {
  await migrateUpTo(database, migration);
  await using today = await freshDatabase();
  await migrate(today.database, MIGRATIONS);
  await writeAll(today.database.client);
  for (const table of TABLES) await copyTable(today.database.client, database.client, table);
  await database.client.$executeRawUnsafe(REDIGEST);
}

async function copyTable(from: PrismaClient, to: PrismaClient, table: string): Promise<void> {
  const rows = await from.$queryRawUnsafe<{ row: object }[]>(`select to_jsonb(t) as row from "${table}" t order by 1`);
  const columns = await to.$queryRawUnsafe<{ name: string }[]>(
    `select column_name as name from information_schema.columns where table_schema = 'public' and table_name = '${table}'`,
  );
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const sorted = rows.map(({ row }) => row).sort((a, b) => keyOf(a) - keyOf(b));
  await to.$executeRawUnsafe(
    `insert into "${table}" (${names}) select ${names} from jsonb_populate_recordset(null::"${table}", $1::jsonb)`,
    JSON.stringify(sorted),
  );
  if (!names.includes('"id"')) return;
  await to.$executeRawUnsafe(
    `select setval(pg_get_serial_sequence('"${table}"', 'id'), greatest((select max(id) from "${table}"), 1))`,
  );
}

function keyOf(row: object): number {
  return 'id' in row ? Number(row.id) : 'position' in row ? Number(row.position) : 0;
}
