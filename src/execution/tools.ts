import type { Changes } from '../changes/stream.ts';
import type { Meters } from '../meters.ts';
import type { Lifetimes } from './lifetime.ts';
import type { ErrorPolicy, RecentPayloads } from './payload.ts';
import type { ReadNotes } from './read-notes.ts';
import type { Retries } from './retry.ts';

/** Counters, for measurements. */
export interface SubscriptionCounts {
  /** Executions for a push, however many readers got the result. */
  executions: number;
  /** Payloads handed to readers. */
  deliveries: number;
}

/** What all parts of this folder share. */
export interface ExecutionTools {
  readonly changes: Changes;
  readonly recent: RecentPayloads;
  readonly errors: ErrorPolicy;
  readonly retries: Retries;
  readonly lifetimes: Lifetimes;
  readonly notes: ReadNotes;
  /** The database lane of live queries. */
  readonly liveDb: unknown;
  readonly counts: SubscriptionCounts;
  readonly meters: Meters;
}
