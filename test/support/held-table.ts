import type { PrismaClient } from '../../src/database/generated/client.ts';
import { deferred, until } from './wait.ts';

/** A table of a Postgres server that nobody can read until it is released. */
export interface HeldTable extends AsyncDisposable {
  /** Resolves once this many statements wait for it. */
  waitedForBy(statements: number): Promise<void>;
  release(): Promise<void>;
}

/** Holds a table in a transaction of its own, so that statements that read it wait. */
export async function holdTable(db: PrismaClient, table: 'Publisher' | 'Source'): Promise<HeldTable> {
  const held = deferred();
  const over = deferred();
  const done = db.$transaction(
    async (tx) => {
      await tx.$executeRawUnsafe(`lock table "${table}" in access exclusive mode`);
      held.resolve();
      await over.promise;
    },
    { timeout: 60_000 },
  );
  await Promise.race([held.promise, done]);
  const release = async (): Promise<void> => {
    over.resolve();
    await done;
  };
  return {
    waitedForBy: (statements) =>
      until(`${statements} statements wait for ${table}`, async () => (await countWaiting(db)) === statements),
    release,
    [Symbol.asyncDispose]: release,
  };
}

async function countWaiting(db: PrismaClient): Promise<number> {
  const [row] = await db.$queryRaw<{ waiting: number }[]>`
    /* countWaiting */
    select count(*)::int as waiting from pg_locks
     where locktype = 'relation' and not granted
       and database = (select oid from pg_database where datname = current_database())`;
  return row?.waiting ?? 0;
}
