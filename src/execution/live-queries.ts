import type { Commit } from '../changes/tail.ts';
import { limitConcurrency } from './concurrency.ts';
import { type LiveGroup, startLiveGroup } from './live-group.ts';
import type { Sink } from './payload.ts';
import { createReaders, intersects } from './readers.ts';
import type { SharedArgs } from './shared-operation.ts';
import type { ExecutionTools } from './tools.ts';

/**
 * Maximum number of live queries that are executed at once. So a change that touches all of them leaves database capacity for other work.
 */
const MAX_CONCURRENT = 2;
/** Interval between two checks whether a new day has begun. */
const DAY_MS = 1_000;

/** All live queries of this process. */
export interface LiveQueries {
  /** Adds a reader. Its first answer contains everything up to the position. Returns a function that removes the reader. */
  join(operation: SharedArgs, sink: Sink, since: bigint): () => void;
  /** Number of different live queries. */
  readonly size: number;
}

/** Follows the log once for all live queries, and executes those again whose data a log entry touches. */
export function openLiveQueries(tools: ExecutionTools): LiveQueries {
  const { changes, notes, errors } = tools;
  const groups = new Map<string, LiveGroup>();
  const readers = createReaders<LiveGroup>();
  const runLimited = limitConcurrency(MAX_CONCURRENT);
  let following: AbortController | null = null;
  let reported = 0n;

  const start = (key: string, args: SharedArgs['args']): LiveGroup => {
    const group = startLiveGroup(tools, args, {
      runLimited,
      reported: () => reported,
      keepRead: (traces, at) => {
        readers.set(group, traces);
        const entries = changes.recent(at);
        if (entries === null) return changes.position;
        return entries.findLast((entry) => intersects(notes.touchedBy(entry), traces))?.position ?? null;
      },
      onEnd: () => {
        readers.delete(group);
        if (groups.get(key) === group) groups.delete(key);
        if (groups.size === 0) stopFollowing();
      },
    });
    return group;
  };

  const follow = async (signal: AbortSignal): Promise<void> => {
    while (!signal.aborted && !changes.ended) {
      await changes.grown(reported, signal);
      const entries = changes.recent(reported);
      reported = changes.position;
      // The entries in between are no longer in memory.
      if (entries === null) touchAll(reported);
      for (const entry of entries ?? []) {
        const traces = notes.touchedBy(entry);
        if (traces === 'everything') touchAll(entry.position, changes.commitOf(entry));
        else for (const group of readers.of(traces)) group.touch(entry.position, changes.commitOf(entry));
      }
    }
  };

  const touchAll = (position: bigint | null, commit?: Commit): void => {
    for (const group of groups.values()) group.touch(position, commit);
  };

  const startFollowing = (): void => {
    if (following !== null) return;
    following = new AbortController();
    const { signal } = following;
    reported = changes.position;
    follow(signal).catch((error: unknown) => {
      // The log was replaced: no reader's place is in the new one.
      for (const group of groups.values()) group.fail([errors.mask(error)]);
    });
    let day = notes.today();
    const watchDay = setInterval(() => {
      if (notes.today() === day) return;
      day = notes.today();
      touchAll(null);
    }, DAY_MS);
    watchDay.unref();
    signal.addEventListener('abort', () => clearInterval(watchDay));
  };

  const stopFollowing = (): void => {
    following?.abort();
    following = null;
  };

  return {
    join: ({ key, args }, sink, since) => {
      startFollowing();
      const group = groups.get(key) ?? start(key, args);
      groups.set(key, group);
      return group.join(sink, since);
    },
    get size() {
      return groups.size;
    },
  };
}
