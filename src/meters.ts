/** Ends what was begun, once. */
export type End = (failed?: boolean) => void;

/** The steps of an operation that are told apart. */
export type Step = 'admission' | 'execution';

/** What was handed to the readers of one subscription. */
export interface Pushed {
  readonly kind: 'events' | 'live';
  readonly readers: number;
  /** When its write was committed, by performance.now(). */
  readonly committedAt: number;
  /**
   * Whether this process wrote it, and so knows the moment of the commit. Of a write elsewhere it is the beginning of the transaction, by the
   * database's clock.
   */
  readonly isOurs: boolean;
}

/** Where an operation comes from, and what is said of it in the log. */
export interface Arrival {
  readonly transport: 'http' | 'sse' | 'websocket' | 'badge';
  readonly requestId: string;
  /** The client's W3C trace context, as it was sent. */
  readonly traceparent?: string | undefined;
}

/** What is known of an operation once it was found valid. */
export interface Understood {
  /** The client's name for it. */
  readonly name: string | null;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly cost: number;
}

/** Why an operation ended: it was executed, refused before that, or nobody waits for its answer any more. */
export type Ending = 'answered' | 'refused' | 'gone';

/** An operation of a client, from its arrival to its answer; of a subscription until it is open. */
export interface OperationMeter {
  readonly requestId: string;
  /** It was found valid. It is of anybody if its client has no key, and its text is not ours. */
  understood(operation: Understood, isOfAnybody: boolean): void;
  /** Runs work as a part of the operation. */
  run<T>(work: () => T): T;
  /** Only the first call counts. The errors are those that the client gets. */
  ended(ending: Ending, errors?: readonly { readonly extensions: Readonly<Record<string, unknown>> }[]): void;
}

/** What the parts of the process tell of their work, for metrics, traces and the log. No call throws or takes long. */
export interface Meters {
  /** An operation arrives. */
  operation(arrival: Arrival): OperationMeter;
  /** A step of the present operation begins. */
  begin(step: Step): End;
  /** A statement is sent over a lane of the database. */
  statement(lane: string, sql: string): End;
  pushed(pushed: Pushed): void;
  /** An error ends an open subscription. */
  subscriptionFailed(code: unknown): void;
}

const NOTHING: End = () => undefined;

/** For commands, tests and benchmarks that nobody looks into. */
export const NO_METERS: Meters = {
  operation: ({ requestId }) => ({
    requestId,
    understood: () => undefined,
    run: (work) => work(),
    ended: () => undefined,
  }),
  begin: () => NOTHING,
  statement: () => NOTHING,
  pushed: () => undefined,
  subscriptionFailed: () => undefined,
};
