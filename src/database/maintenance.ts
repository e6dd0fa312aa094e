import type { PGlite } from '@electric-sql/pglite';

/** Interval between two runs. */
const INTERVAL_MS = 15_000;
/** A checkpoint is due after this much write-ahead log. The more log there is, the longer a start after a kill takes. */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;
/** A table is vacuumed and analyzed after this many changed rows plus a tenth of its rows. */
const CHANGED_ROWS = 1_000;

/** The work of a server's background processes; stops when disposed. */
export interface Maintenance extends AsyncDisposable {
  /** Resolves when no checkpoint is under way, and none begins until the returned function is called. */
  pauseCheckpoints(): Promise<() => void>;
}

/**
 * Does the work of a Postgres server's background processes, which the embedded database, a single process, lacks; until disposed.
 * Without checkpoints the write-ahead log would grow with every write until the process ends.
 */
export function startMaintenance(pglite: PGlite): Maintenance {
  let running = Promise.resolve();
  let isPaused = false;
  const timer = setInterval(() => {
    // A failure comes from the disk. The next write meets it as well and reports it.
    running = running.then(() => tidy(pglite, () => !isPaused)).catch(() => undefined);
  }, INTERVAL_MS);
  timer.unref();
  return {
    pauseCheckpoints: async () => {
      isPaused = true;
      await running;
      return () => {
        isPaused = false;
      };
    },
    [Symbol.asyncDispose]: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

async function tidy(pglite: PGlite, mayCheckpoint: () => boolean): Promise<void> {
  // The counts of changed rows are updated with a delay of up to a second, by the next statement.
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
  if (rows[0]?.due === true && mayCheckpoint()) await pglite.exec('/* checkpoint */ checkpoint');
}
