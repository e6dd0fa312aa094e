import type { PrismaClient } from '../../src/database/generated/client.ts';

/** A table whose reads can be made to fail with a database error, while everything else works. */
export interface FailingTable extends AsyncDisposable {
  /** From now on each statement that reads it fails with the code (SQLSTATE). */
  fail(code: string): Promise<void>;
  heal(): Promise<void>;
}

/** Replaces a table by a view, which calls a function before it returns rows. */
export async function makeFailingTable(db: PrismaClient, table: string): Promise<FailingTable> {
  const set = (body: string) =>
    db.$executeRawUnsafe(
      `create or replace function "fails_${table}"() returns boolean language plpgsql volatile as $$ begin ${body} end $$`,
    );
  const heal = async (): Promise<void> => void (await set('return true;'));
  await heal();
  await db.$executeRawUnsafe(`alter table "${table}" rename to "${table}_kept"`);
  // Called once per statement, also when there are no rows.
  await db.$executeRawUnsafe(
    `create view "${table}" as select * from "${table}_kept" where (select "fails_${table}"())`,
  );
  return {
    fail: async (code) => void (await set(`raise exception 'made to fail' using errcode = '${code}';`)),
    heal,
    [Symbol.asyncDispose]: async () => {
      await db.$executeRawUnsafe(`drop view "${table}"`);
      await db.$executeRawUnsafe(`alter table "${table}_kept" rename to "${table}"`);
      await db.$executeRawUnsafe(`drop function "fails_${table}"()`);
    },
  };
}
