import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database/handle.ts';
import type { Logger } from '../logger.ts';

/** The advisory lock of the one instance that cuts the log. */
const PRUNE_LOCK = 0x6d_69_6c_63;
/** So often it is looked for what is old. */
const EVERY_MS = 600_000;
/** A step of so many entries takes some 10 ms, and nobody waits for it: it touches what nobody writes. */
const STEP = 1_000;
/** Between two steps, so that others get at the disk, and at the embedded database's only connection. */
const PAUSE_MS = 50;

export interface PruneOptions {
  /** Entries that are older, by the database's clock, are cut. */
  readonly keepDays: number;
  readonly everyMs?: number;
  readonly step?: number;
}

/** Keeps the log short while the instance runs: now, and every ten minutes, in small steps, one instance at a time. */
export function startPruning(database: Database, logger: Logger, options: PruneOptions): AsyncDisposable {
  const { everyMs = EVERY_MS } = options;
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  const run = (): void => {
    running ??= prune(database, options, stop.signal)
      .then((cut) => {
        if (cut > 0) logger.info({ entries: cut }, 'the change log was cut');
      })
      // Nothing is lost by it: the next time cuts what this one did not.
      .catch((error: unknown) => logger.warn({ err: error }, 'the change log could not be cut'))
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

/** Cuts all that is old, step by step; how many entries it were. */
async function prune(database: Database, { keepDays, step = STEP }: PruneOptions, stop: AbortSignal): Promise<number> {
  let entries = 0;
  while (!stop.aborted) {
    const cut = await pruneStep(database, keepDays, step);
    entries += cut;
    if (cut < step) break;
    // The one way this sleep fails is by being stopped.
    await sleep(PAUSE_MS, undefined, { signal: stop, ref: false }).catch(() => undefined);
  }
  // The embedded database never does so by itself, and would keep the room of what was cut.
  if (entries > 0 && database.backend === 'embedded')
    await database.client.$executeRaw`/* vacuumLog */ vacuum "Change"`;
  return entries;
}

/**
 * Cuts the oldest entries, at most a step, up to the first that is not old; how many it were. None while another instance is at it.
 * One statement, so that the entries, the cut and the digest there always agree. The log's lock is not needed: a write reads the head, and what it follows stays the same.
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
       -- Another one can have cut more since this statement began.
       where l."prunedThrough" < last.position
      returning l."prunedThrough"),
    gone as (
      delete from "Change" c using cut where c.position <= cut."prunedThrough" returning 1)
    select count(*)::int as count from gone`;
  return pruned?.count ?? 0;
}
