import { type LiveGroup, startLiveGroup } from './live-group.ts';
import type { Sink } from './payload.ts';
import { createReaders, meet } from './readers.ts';
import type { SharedArgs } from './shared-operation.ts';
import type { ExecutionTools } from './tools.ts';
import { createTurns } from './turns.ts';

/** So many live queries are executed at once; the others wait, so that a change that touches them all leaves the database room for everything else. */
const AT_ONCE = 2;
/** How often it is looked whether another day has begun. */
const DAY_MS = 1_000;

/** All live queries of this process. */
export interface LiveQueries {
  /** Adds a reader whose first answer contains everything up to a position; the answer makes it leave. */
  join(operation: SharedArgs, sink: Sink, since: bigint): () => void;
  /** How many different ones there are. */
  readonly size: number;
}

/** Follows the log once for all live queries, and has those answered again that read what an entry touches. */
export function openLiveQueries(tools: ExecutionTools): LiveQueries {
  const { changes, notes, errors } = tools;
  const groups = new Map<string, LiveGroup>();
  const readers = createReaders<LiveGroup>();
  const inTurn = createTurns(AT_ONCE);
  let following: AbortController | null = null;
  let told = 0n;

  const start = (key: string, args: SharedArgs['args']): LiveGroup => {
    const group = startLiveGroup(tools, args, {
      inTurn,
      told: () => told,
      keepRead: (traces, at) => {
        readers.set(group, traces);
        const entries = changes.recent(at);
        if (entries === null) return changes.position;
        return entries.findLast((entry) => meet(notes.touchedBy(entry), traces))?.position ?? null;
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
      await changes.grown(told, signal);
      const entries = changes.recent(told);
      told = changes.position;
      // What has happened in between is known no more.
      if (entries === null) touchAll(told);
      for (const entry of entries ?? []) {
        const traces = notes.touchedBy(entry);
        if (traces === 'everything') touchAll(entry.position);
        else for (const group of readers.of(traces)) group.touch(entry.position);
      }
    }
  };

  const touchAll = (position: bigint | null): void => {
    for (const group of groups.values()) group.touch(position);
  };

  const startFollowing = (): void => {
    if (following !== null) return;
    following = new AbortController();
    const { signal } = following;
    told = changes.position;
    follow(signal).catch((error: unknown) => {
      // The log is another one now: nobody's place is in it.
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
