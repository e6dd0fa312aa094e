import type { PGlite } from '@electric-sql/pglite';

/** How often is looked. */
const LOOK_MS = 15_000;
/** After so much of the write-ahead log: as it grows, so does the time that a start after a kill takes. */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;
/** So many changed rows, and a tenth of the table as well, before a table is vacuumed and looked through for the planner. */
const CHANGED_ROWS = 1_000;

/**
 * Does from time to time what a Postgres server has background processes for, and the embedded one, a single process, has nobody:
 * without checkpoints the write-ahead log grew by all that was written until the process ended. Until disposed.
 */
export function keepUp(pglite: PGlite): AsyncDisposable {
  let running = Promise.resolve();
  const timer = setInterval(() => {
    // A failure is one of the disk, which the next write meets as well and tells its writer.
    running = running.then(() => tidy(pglite)).catch(() => undefined);
  }, LOOK_MS);
  timer.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function tidy(pglite: PGlite): Promise<void> {
  // What statements have changed is counted at the latest a second after them, by the next one.
  await pglite.query('/* countChanges */ select pg_stat_force_next_flush()');
  const { rows: changed } = await pglite.query<{ name: string }>(
    `/* changedTables */
     select format('%I.%I', schemaname, relname) as name from pg_stat_user_tables
     where greatest(n_dead_tup, n_mod_since_analyze) > $1 + n_live_tup / 10`,
    [CHANGED_ROWS],
  );
  for (const { name } of changed) await pglite.exec(`/* vacuum */ vacuum (analyze) ${name}`);
  const { rows } = await pglite.query<{ due: boolean }>(
    `/* checkpointDue */
     select pg_current_wal_insert_lsn() - redo_lsn > $1 as due from pg_control_checkpoint()`,
    [CHECKPOINT_BYTES],
  );
  if (rows[0]?.due === true) await pglite.exec('/* checkpoint */ checkpoint');
}
