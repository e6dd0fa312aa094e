import type { ChangeEntry } from '../changes/log.ts';
import type { ChangeStream, Changes } from '../changes/stream.ts';
import type { PrismaClient } from '../database/generated/client.ts';

/** Who is asking, and what the key allows. */
export interface Viewer {
  /** The key's row; null: no key was sent. */
  readonly keyId: number | null;
  readonly canWrite: boolean;
}

/** What resolvers work with; made anew for every operation and every pushed event. */
export interface Context {
  readonly db: PrismaClient;
  readonly viewer: Viewer;
  readonly changes: Changes;
  /** The log's newest place, read before the operation's fields where it asks for it. */
  readonly head?: string;
  /** The log from where its reader is, for a subscription to choose its events from; given by whoever executes it, and to nothing else. */
  readonly events?: ChangeStream;
  /** The log entries that one subscription is executed on at the same time, each by itself: what all of them need can be read at once. */
  readonly together?: readonly ChangeEntry[];
}

/** The log for a subscription to choose its events from; throws where one is executed that shares nothing, resumes nowhere and knows no limits. */
export function eventsOf({ events }: Context): ChangeStream {
  if (events === undefined)
    throw new Error('Only the engine for pushing executes subscriptions; none was given a log.');
  return events;
}
