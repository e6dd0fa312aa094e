import type { ExecutionResult, GraphQLError } from 'graphql';
import { LRUCache } from 'lru-cache';

/** A result as it goes to every reader: serialised once. */
export interface Payload {
  /** The execution result as JSON, in UTF-8. */
  readonly bytes: Buffer;
  /** Where a reader that has it resumes. */
  readonly cursor: string;
}

/** A transport's end of one subscription. It takes what it is given at once and never throws. */
export interface Sink {
  /** Told once, before anything else: the cursor of the place that it begins after. */
  begin?(cursor: string): void;
  deliver(payload: Payload): void;
  /** What is delivered from here on is one write to the transport, once this piece of work is done; for whoever gets much in one go. */
  gather?(): void;
  /** The subscription broke; nothing comes after it. */
  fail(errors: readonly GraphQLError[]): void;
  /** The subscription is over; nothing comes after it. */
  complete(): void;
  /** Resolves once the transport has room; a resuming reader is sent no more before. */
  ready(): Promise<void>;
}

/** The payloads of the newest events, each by its operation and position: readers that resume together, or a little behind the others, cost no execution of their own. */
export type RecentPayloads = LRUCache<string, Payload, () => Promise<Payload>>;

/** Remembers payloads up to so many bytes, over all operations; the frames they were last sent in take as much again. */
export function rememberPayloads(maxBytes = 8 * 1024 * 1024): RecentPayloads {
  return new LRUCache({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }, key) => bytes.length + key.length,
    // Whoever asks while it is being executed waits for the same execution, also if it is forgotten meanwhile.
    fetchMethod: (_key, _stale, { context: execute }) => execute(),
    ignoreFetchAbort: true,
  });
}

/** How errors are told apart and shown. */
export interface ErrorPolicy {
  /** The error as the API shows it; null for one that nobody expected. */
  readonly describe: (error: unknown) => GraphQLError | null;
  /** Whether it passes by itself, as when the database is away: the same may be tried again, unchanged. */
  readonly isTemporary: (error: unknown) => boolean;
  /** Any error as the API shows it; an unexpected one is logged and masked. */
  readonly mask: (error: unknown) => GraphQLError;
  /** Told of an error that passes, for which something that is pushed waits. */
  readonly noteDelay: (error: unknown) => void;
}

/** Serialises a result, with its errors as the API shows them. */
export function payloadOf(result: ExecutionResult, cursor: string, { mask }: ErrorPolicy): Payload {
  const shown = result.errors === undefined ? result : { ...result, errors: result.errors.map(mask) };
  const json = JSON.stringify(shown);
  // Not from Node's shared store: a payload that is kept would keep eight KiB of others' bytes.
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(json));
  bytes.write(json);
  return { bytes, cursor };
}
