import type { ChangeEntry } from '../changes/log.ts';
import type { ChangeStream, Changes } from '../changes/stream.ts';
import type { KeyScope, PrismaClient } from '../database/generated/client.ts';
import { includesScope } from '../domain/keys/scopes.ts';

/** The client and what its key allows. */
export interface Viewer {
  /** The row of the key. Null: no key was sent. */
  readonly keyId: number | null;
  /** It includes the scopes below it. Without a key: read. */
  readonly scope: KeyScope;
}

/** Whether a client may do what takes a scope. */
export function may({ scope }: Viewer, wanted: KeyScope): boolean {
  return includesScope(scope, wanted);
}

/** What resolvers work with. Each operation and each pushed event gets a new one. */
export interface Context {
  readonly db: PrismaClient;
  readonly viewer: Viewer;
  readonly changes: Changes;
  /** The newest position in the log. Read before the fields of the operation, if the operation asks for it. */
  readonly head?: string;
  /** Reads the newest position without a note that the answer depends on every change. Only live queries have this field. */
  readonly unnotedHead?: () => Promise<string>;
  /** Takes which slugs may have been meant by those that lookups did not find, for the extensions of the answer. */
  readonly hints?: {
    add(hint: { path: readonly (string | number)[]; argument: string; slugs: readonly string[] }): void;
  };
  /** The changes after the subscriber's position. A subscription selects its events from them. Only the engine for pushing sets this field. */
  readonly events?: ChangeStream;
  /** The changes on which one subscription is executed at the same time, each separately. What all of them need can be read at once. */
  readonly together?: readonly ChangeEntry[];
}

/** The changes that a subscription selects its events from. Throws outside the engine for pushing, because only the engine shares results, resumes and keeps limits. */
export function eventsOf({ events }: Context): ChangeStream {
  if (events === undefined)
    throw new Error('Only the engine for pushing executes subscriptions; none was given a log.');
  return events;
}
