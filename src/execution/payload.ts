import type { ExecutionResult, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Payer } from './client.ts';
import { firstErrors } from './first-errors.ts';

/** A result as it goes to every reader, serialised once. */
export interface Payload {
  /** The execution result as JSON, in UTF-8. */
  readonly bytes: Buffer;
  /** Where a reader that has it resumes. */
  readonly cursor: string;
}

/** The transport's end of one subscription. Deliveries are accepted at once, and no method throws. */
export interface Sink {
  /** Who pays for executions. */
  readonly payer?: Payer | undefined;
  /** Called once, before anything else, with the cursor of the place after which it begins. */
  begin?(cursor: string): void;
  deliver(payload: Payload): void;
  /** Delivers several in order, as one write to the transport. Every reader gets the same array. Without it they come one by one. */
  deliverAll?(payloads: readonly Payload[]): void;
  /** Combines the following deliveries of this turn into one write to the transport, for readers that get many at once. */
  cork?(): void;
  /** Ends the subscription with errors; nothing comes after it. */
  fail(errors: readonly GraphQLError[]): void;
  /** Ends the subscription; nothing comes after it. */
  complete(): void;
  /** Resolves when the transport has room. A resuming reader gets no more before that. */
  ready(): Promise<void>;
}

/** Counts who waits for shared work, which is cancelled when all of them are. */
export interface SharedWork {
  /** Counts the work that calls among those who wait. */
  join(): void;
  run<T>(work: () => T): T;
  readonly isLeft: boolean;
}

/** Recent payloads by operation and event. Readers that resume together, or are slightly late, need no execution of their own. */
export interface RecentPayloads {
  readonly kept: LRUCache<string, Payload>;
  /** A payload that is kept, or is executed for another reader already, or else is executed now. */
  fetch(key: string, execute: () => Promise<Payload>): Promise<Payload>;
}

/** Keeps recent payloads of all operations up to this many bytes; the frames they were last sent in take as much again. */
export function rememberPayloads(share: () => SharedWork, maxBytes = 8 * 1024 * 1024): RecentPayloads {
  const kept = new LRUCache<string, Payload>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }, key) => bytes.length + key.length,
  });
  const underWay = new Map<string, { readonly shared: SharedWork; readonly payload: Promise<Payload> }>();
  const begin = async (key: string, shared: SharedWork, execute: () => Promise<Payload>): Promise<Payload> => {
    try {
      const payload = await shared.run(async () => execute());
      kept.set(key, payload);
      return payload;
    } finally {
      // Another may have begun it again.
      if (underWay.get(key)?.shared === shared) underWay.delete(key);
    }
  };
  return {
    kept,
    fetch: async (key, execute) => {
      const known = kept.get(key);
      if (known !== undefined) return known;
      const before = underWay.get(key);
      if (before !== undefined && !before.shared.isLeft) {
        before.shared.join();
        return before.payload;
      }
      const shared = share();
      shared.join();
      const payload = begin(key, shared, execute);
      underWay.set(key, { shared, payload });
      return payload;
    },
  };
}

/** By what the payload of an operation for an event is remembered. The cursor names the log, as another can have the same position. */
export function payloadName(cursor: string, key: string): string {
  return `${cursor} ${key}`;
}

/** The remembered payloads of an operation for events; null unless all are. */
export function recall(
  recent: RecentPayloads,
  key: string,
  events: readonly { readonly cursor: string }[],
): readonly Payload[] | null {
  const payloads: Payload[] = [];
  for (const { cursor } of events) {
    const payload = recent.kept.get(payloadName(cursor, key));
    if (payload === undefined) return null;
    payloads.push(payload);
  }
  return payloads;
}

/** How errors are classified and shown. */
export interface ErrorPolicy {
  /** The error as the API shows it; null for an unexpected one. */
  readonly describe: (error: unknown) => GraphQLError | null;
  /** Whether the error is temporary, as during an outage of the database: the same request may be repeated unchanged. */
  readonly isTemporary: (error: unknown) => boolean;
  /** Any error as the API shows it; an unexpected one is logged under the id of its request, and masked. */
  readonly mask: (error: unknown, requestId?: string) => GraphQLError;
  /** Notes a temporary error that delays a push. */
  readonly noteDelay: (error: unknown) => void;
}

/** Serialises a result, with its errors as the API shows them. */
export function payloadOf(result: ExecutionResult, cursor: string, { mask }: ErrorPolicy): Payload {
  const shown =
    result.errors === undefined
      ? result
      : { ...result, errors: firstErrors(result.errors.map((error) => mask(error))) };
  return { bytes: toBytes(JSON.stringify(shown)), cursor };
}

/** A text in UTF-8. Not from Node's shared pool: bytes that are kept would hold on to eight KiB of other data. */
export function toBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
