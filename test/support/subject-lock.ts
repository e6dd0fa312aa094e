import { inject } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { deferred, until } from './wait.ts';

/** The first half of a subject's lock; the second is its id. */
const SUBJECT_LOCK = 0x6d_69_6c;

/** Subjects that nobody else can write about until they are released. */
export interface HeldSubjects extends AsyncDisposable {
  /** Resolves once this many writes wait for a subject; at once on the embedded database, where every statement waits for its only connection. */
  waitedForBy(writes: number): Promise<void>;
  release(): Promise<void>;
}

/** Holds the locks of subjects as a write about them does, in its own transaction; what it writes before its end is committed. */
export async function holdSubjects(
  db: PrismaClient,
  slugs: readonly string[],
  beforeItEnds: (tx: Parameters<Parameters<PrismaClient['$transaction']>[0]>[0]) => Promise<unknown> = async () =>
    undefined,
): Promise<HeldSubjects> {
  const held = deferred();
  const over = deferred();
  const done = db.$transaction(
    async (tx) => {
      await tx.$queryRaw`
        /* holdSubjects */
        select pg_advisory_xact_lock(${SUBJECT_LOCK}::int, id)::text
          from (select id from "Subject" where slug = any(${[...slugs]}) order by id) held`;
      held.resolve();
      await over.promise;
      await beforeItEnds(tx);
    },
    { timeout: 30_000 },
  );
  await Promise.race([held.promise, done]);
  const release = async (): Promise<void> => {
    over.resolve();
    await done;
  };
  return {
    waitedForBy: async (writes) => {
      if (inject('backend') === 'embedded') return;
      await until(`${writes} writes wait for a subject`, async () => (await countWaiting(db)) === writes);
    },
    release,
    [Symbol.asyncDispose]: release,
  };
}

/** How many sessions of this database wait for the lock of a subject. */
async function countWaiting(db: PrismaClient): Promise<number> {
  const [row] = await db.$queryRaw<{ waiting: number }[]>`
    /* countWaiting */
    select count(*)::int as waiting from pg_locks
     where locktype = 'advisory' and classid = ${SUBJECT_LOCK} and not granted
       and database = (select oid from pg_database where datname = current_database())`;
  return row?.waiting ?? 0;
}
