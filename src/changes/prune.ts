import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/handle.ts';
import { isUnavailable } from '../database/unavailable.ts';
import { rootMessageOf } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** The advisory lock of the instance that cuts the log. */
const PRUNE_LOCK = 0x6d_69_6c_63;
/** Interval between two searches for old entries. */
const EVERY_MS = 600_000;
/** A step of this many entries takes about 10 ms. Nobody waits for it: writes do not touch these rows. */
const STEP = 1_000;
/** Pause between two steps, so that others can use the disk and the embedded database's only connection. */
const PAUSE_MS = 50;

export interface PruneOptions {
  /** Entries older than this, by the database's clock, are cut. */
  readonly keepDays: number;
  readonly everyMs?: number;
  readonly step?: number;
}

/** Cuts the log while the instance runs: at the start and every ten minutes, in small steps, on one instance at a time. */
export function startPruning(database: Database, logger: Logger, options: PruneOptions): AsyncDisposable {
  const { everyMs = EVERY_MS } = options;
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= prune(database, options, stop.signal)
      .then((cut) => {
        if (cut > 0) logger.info({ entries: cut }, 'the change log was cut');
      })
      // Nothing is lost: the next run cuts what this one did not.
      .catch((error: unknown) =>
        logger.warn(
          isUnavailable(error) ? { reason: rootMessageOf(error) } : { err: error },
          'the change log could not be cut',
        ),
      )
      .finally(() => {
        running = undefined;
      });
  };
  const timer = setInterval(run, everyMs);
  timer.unref();
  run();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      clearInterval(timer);
      await running;
    },
  };
}

/** Cuts all old entries, step by step, and returns how many. */
async function prune(database: Database, { keepDays, step = STEP }: PruneOptions, stop: AbortSignal): Promise<number> {
  let entries = 0;
  while (!stop.aborted) {
    const cut = await pruneStep(database, keepDays, step);
    entries += cut;
    if (cut < step) break;
    // This sleep fails only when it is aborted.
    await sleep(PAUSE_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
  // The embedded database never vacuums by itself, so the space of the cut entries would stay in use.
  if (entries > 0 && database.backend === 'embedded')
    await database.client.$executeRaw`/* vacuumLog */ vacuum "Change"`;
  return entries;
}

/**
 * Cuts the oldest entries, at most one step, up to the first that is not old, and returns how many. It cuts none while another instance
 * does so.
 * It is one statement, so that the entries, the cut and its digest always agree. It does not need the log's lock: a write reads the head,
 * and what the head follows stays the same.
 */
async function pruneStep({ client }: Database, keepDays: number, step: number): Promise<number> {
  const [pruned] = await client.$queryRaw<{ count: number }[]>`
    /* pruneLog */
    with mine as materialized (
      select l."prunedThrough" from "ChangeLog" l where pg_try_advisory_xact_lock(${PRUNE_LOCK}::bigint)),
    oldest as (
      select c.position, c.at, c.digest, c.at < now() - ${keepDays}::int * interval '1 day' as "isOld"
        from "Change" c, mine
       where c.position > mine."prunedThrough"
       order by c.position
       limit ${step}),
    old as (
      select * from oldest
       where position < coalesce((select min(position) from oldest where not "isOld"), 9223372036854775807)),
    cut as (
      update "ChangeLog" l
         set "prunedThrough" = last.position,
             "prunedDigest" = last.digest,
             "prunedAt" = greatest(l."prunedAt", (select max(at) from old))
        from (select position, digest from old order by position desc limit 1) last
       -- Another instance may have cut more since this statement began.
       where l."prunedThrough" < last.position
      returning l."prunedThrough"),
    gone as (
      delete from "Change" c using cut where c.position <= cut."prunedThrough" returning 1)
    select count(*)::int as count from gone`;
  return pruned?.count ?? 0;
}
