import type { PrismaClient } from '../../src/database/generated/client.ts';

/** A table that can be made to fail with an error of the database's, for whoever reads it, while everything else answers. */
export interface Troubled extends AsyncDisposable {
  /** From here on each statement that reads it fails with the code (SQLSTATE). */
  fail(code: string): Promise<void>;
  heal(): Promise<void>;
}

/** Puts a view in a table's place, which asks a function before it shows anything. */
export async function troubleTable(db: PrismaClient, table: string): Promise<Troubled> {
  const set = (body: string) =>
    db.$executeRawUnsafe(
      `create or replace function "trouble_${table}"() returns boolean language plpgsql volatile as $$ begin ${body} end $$`,
    );
  const heal = async (): Promise<void> => void (await set('return true;'));
  await heal();
  await db.$executeRawUnsafe(`alter table "${table}" rename to "${table}_kept"`);
  // Asked once a statement, also when there are no rows.
  await db.$executeRawUnsafe(
    `create view "${table}" as select * from "${table}_kept" where (select "trouble_${table}"())`,
  );
  return {
    fail: async (code) => void (await set(`raise exception 'made to fail' using errcode = '${code}';`)),
    heal,
    [Symbol.asyncDispose]: async () => {
      await db.$executeRawUnsafe(`drop view "${table}"`);
      await db.$executeRawUnsafe(`alter table "${table}_kept" rename to "${table}"`);
      await db.$executeRawUnsafe(`drop function "trouble_${table}"()`);
    },
  };
}
