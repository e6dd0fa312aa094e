import type { Changes } from '../changes/stream.ts';
import type { ErrorPolicy, RecentPayloads } from './payload.ts';
import type { ReadNotes } from './read-notes.ts';
import type { Trouble } from './trouble.ts';

/** What was done so far, for whoever measures. */
export interface SubscriptionCounts {
  /** Operations executed for a push, however many readers it went to. */
  executions: number;
  /** Payloads handed to readers. */
  deliveries: number;
}

/** What every part of this room works with. */
export interface ExecutionTools {
  readonly changes: Changes;
  readonly recent: RecentPayloads;
  readonly errors: ErrorPolicy;
  readonly trouble: Trouble;
  readonly notes: ReadNotes;
  /** The way of live queries to the database. */
  readonly liveDb: unknown;
  readonly counts: SubscriptionCounts;
}
