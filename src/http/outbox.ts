import { GraphQLError } from 'graphql';
import type { Payload, Sink } from '../execution/payload.ts';

/** A reader that is further behind than this, in events or in bytes of them, is let go. */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 1024 * 1024;

/** A connection as an outbox sees it. */
export interface Wire {
  /** Tells the client where it begins, where the transport has a way to. */
  begin?(cursor: string): void;
  /** What is written from here on goes to the system at once, when the present piece of work is done; where the transport does not see to that by itself. */
  gather?(): void;
  /** Hands a payload to the connection. */
  write(payload: Payload): void;
  /** Whether the connection has more in its own buffer than it should. */
  readonly isFull: boolean;
  /** Calls back once, when the buffer has emptied. */
  whenDrained(listener: () => void): void;
  fail(errors: readonly GraphQLError[]): void;
  complete(): void;
}

/** What of a subscription waits: events all and in order; of a live query only the newest answer. */
export type Keeping = 'every event' | 'the newest answer';

/**
 * A subscription's end on a connection: writes payloads as fast as the connection takes them, and keeps those that it could not take yet.
 * A reader that falls too far behind gets SLOW_CONSUMER with the last cursor it has. A class, because there are as many as subscriptions.
 */
export class Outbox implements Sink {
  readonly #wire: Wire;
  readonly #keeping: Keeping;
  /** Null, as nearly always, while nothing waits. */
  #waiting: Payload[] | null = null;
  #bytes = 0;
  #lastCursor: string | null = null;
  #isClosed = false;
  #isDraining = false;
  #whenReady: (() => void)[] | null = null;

  constructor(wire: Wire, keeping: Keeping) {
    this.#wire = wire;
    this.#keeping = keeping;
  }

  /** Where a reader resumes that has all that was handed to the connection; null before it has begun. */
  get lastCursor(): string | null {
    return this.#lastCursor;
  }

  begin(cursor: string): void {
    if (this.#isClosed) return;
    this.#lastCursor = cursor;
    this.#wire.begin?.(cursor);
  }

  /** Whether no payload waits. */
  get isEmpty(): boolean {
    return this.#waiting === null;
  }

  gather(): void {
    if (!this.#isClosed) this.#wire.gather?.();
  }

  deliver(payload: Payload): void {
    if (this.#isClosed) return;
    if (this.#hasRoom) {
      this.#write(payload);
      return;
    }
    if (this.#keeping === 'the newest answer') {
      this.#waiting = [payload];
      this.#bytes = payload.bytes.length;
    } else {
      this.#waiting ??= [];
      this.#waiting.push(payload);
      this.#bytes += payload.bytes.length;
      if (this.#waiting.length > MAX_EVENTS || this.#bytes > MAX_BYTES) {
        this.fail([tooSlow(this.#lastCursor)]);
        return;
      }
    }
    this.#awaitDrain();
  }

  fail(errors: readonly GraphQLError[]): void {
    if (this.#isClosed) return;
    this.close();
    this.#wire.fail(errors.map((error) => this.#withPlace(error)));
  }

  complete(): void {
    if (this.#isClosed) return;
    this.close();
    this.#wire.complete();
  }

  ready(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isClosed || this.#hasRoom) return resolve();
      this.#whenReady = [...(this.#whenReady ?? []), resolve];
      this.#awaitDrain();
    });
  }

  /** Forgets what waits; nothing is written any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = null;
    this.#bytes = 0;
    this.#release();
  }

  get #hasRoom(): boolean {
    return this.#waiting === null && !this.#wire.isFull;
  }

  /** Where to go on from is told by what this connection has got: what still waits is forgotten. */
  #withPlace(error: GraphQLError): GraphQLError {
    if (!('lastCursor' in error.extensions) || this.#lastCursor === null) return error;
    return new GraphQLError(error.message, { extensions: { ...error.extensions, lastCursor: this.#lastCursor } });
  }

  #write(payload: Payload): void {
    this.#wire.write(payload);
    this.#lastCursor = payload.cursor;
  }

  #flush(): void {
    this.#isDraining = false;
    if (this.#isClosed) return;
    const waiting = this.#waiting ?? [];
    let next = 0;
    while (next < waiting.length && !this.#wire.isFull) {
      const payload = waiting[next] as Payload;
      this.#bytes -= payload.bytes.length;
      this.#write(payload);
      next += 1;
    }
    this.#waiting = next < waiting.length ? waiting.slice(next) : null;
    if (this.#hasRoom) this.#release();
    else this.#awaitDrain();
  }

  #awaitDrain(): void {
    if (this.#isDraining) return;
    this.#isDraining = true;
    this.#wire.whenDrained(() => this.#flush());
  }

  #release(): void {
    const waited = this.#whenReady ?? [];
    this.#whenReady = null;
    for (const resolve of waited) resolve();
  }
}

function tooSlow(lastCursor: string | null): GraphQLError {
  return new GraphQLError(
    'The subscription is read more slowly than events arrive. Subscribe again after the last cursor.',
    {
      extensions: { code: 'SLOW_CONSUMER', lastCursor },
    },
  );
}
