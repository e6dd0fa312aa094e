import { GraphQLError } from 'graphql';
import type { Payer } from '../execution/client.ts';
import type { Payload, Sink } from '../execution/payload.ts';

/** Limits of the queue, in events and in bytes. A reader that exceeds one is disconnected. */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 1024 * 1024;
/** What is longer is not even handed to a connection while too much waits for its client. */
const SMALL_BYTES = 64 * 1024;

/** A connection as an outbox sees it. */
export interface Wire {
  /** Tells the client where it begins, if the transport can. */
  begin?(cursor: string): void;
  /** Combines the following writes of this turn into one system call, if the transport does not do so by itself. */
  cork?(): void;
  /** Passes a payload to the connection. */
  write(payload: Payload): void;
  /** Passes several at once, in order; every connection gets the same array. */
  writeAll?(payloads: readonly Payload[]): void;
  /** Whether the connection's own buffer is too full. */
  readonly isFull: boolean;
  /** The bytes in that buffer, which the network has not taken yet. */
  readonly untaken: number;
  /** Calls back once, when the buffer has emptied. */
  whenDrained(listener: () => void): void;
  /** Calls back once, when the buffer has emptied or the connection is gone, also after the subscription has ended. */
  whenTaken(listener: () => void): void;
  fail(errors: readonly GraphQLError[]): void;
  complete(): void;
}

/** What is queued for a subscription: all events in order, or only the newest answer of a live query. */
export type Buffering = 'every event' | 'the newest answer';

/**
 * A subscription's end on a connection. It writes payloads as fast as the connection takes them, and queues the rest.
 * A reader that falls too far back gets SLOW_CONSUMER with its last cursor. It is a class to save memory, because there are as many as
 * subscriptions.
 */
export class Outbox implements Sink {
  readonly payer: Payer | undefined;
  readonly #wire: Wire;
  readonly #buffering: Buffering;
  /** Null, as nearly always, while nothing waits. */
  #waiting: Payload[] | null = null;
  #bytes = 0;
  #lastCursor: string | null = null;
  #isClosed = false;
  #isDraining = false;
  #whenReady: (() => void)[] | null = null;

  constructor(wire: Wire, buffering: Buffering, payer?: Payer) {
    this.#wire = wire;
    this.#buffering = buffering;
    this.payer = payer;
  }

  /** Where a reader resumes that has everything handed to the connection; null before it has begun. */
  get lastCursor(): string | null {
    return this.#lastCursor;
  }

  begin(cursor: string): void {
    if (this.#isClosed) return;
    this.#lastCursor = cursor;
    this.#wire.begin?.(cursor);
  }

  /** The bytes of the payloads that wait here. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Whether it is for the answers of a live query. */
  get isLive(): boolean {
    return this.#buffering === 'the newest answer';
  }

  /** Whether no payload waits. */
  get isEmpty(): boolean {
    return this.#waiting === null;
  }

  cork(): void {
    if (!this.#isClosed) this.#wire.cork?.();
  }

  deliver(payload: Payload): void {
    if (this.#isClosed) return;
    if (this.#hasRoom) {
      this.#write([payload]);
      return;
    }
    if (this.#buffering === 'the newest answer') {
      this.#waiting = [payload];
      const more = payload.bytes.length - this.#bytes;
      if (!this.#hold(more) && more > 0) {
        this.fail([tooSlow(this.#lastCursor)]);
        return;
      }
    } else {
      this.#waiting ??= [];
      this.#waiting.push(payload);
      const mayWait = this.#hold(payload.bytes.length);
      if (!mayWait || this.#waiting.length > MAX_EVENTS || this.#bytes > MAX_BYTES) {
        this.fail([tooSlow(this.#lastCursor)]);
        return;
      }
    }
    this.#awaitDrain();
  }

  deliverAll(payloads: readonly Payload[]): void {
    if (this.#isClosed) return;
    if (this.#wire.writeAll === undefined || !this.#hasRoom || this.#buffering === 'the newest answer') {
      for (const payload of payloads) this.deliver(payload);
      return;
    }
    this.#write(payloads);
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

  /** Drops the queue; nothing is written after this. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = null;
    this.#hold(-this.#bytes);
    this.#release();
  }

  /** Counts what waits, also for the client as a whole. */
  #hold(bytes: number): boolean {
    this.#bytes += bytes;
    return bytes === 0 || this.payer === undefined || this.payer.client.hold(bytes);
  }

  get #hasRoom(): boolean {
    return this.#waiting === null && !this.#wire.isFull;
  }

  /** The client resumes after what this connection has written, because the queue is dropped. */
  #withPlace(error: GraphQLError): GraphQLError {
    if (!('lastCursor' in error.extensions) || this.#lastCursor === null) return error;
    return new GraphQLError(error.message, { extensions: { ...error.extensions, lastCursor: this.#lastCursor } });
  }

  /** What the connection cannot pass on is counted for the client as well, until it is taken, whatever becomes of the subscription. */
  #write(payloads: readonly Payload[]): void {
    const client = this.payer?.client;
    if (client !== undefined && areLong(payloads) && !client.hold(0)) {
      this.fail([tooSlow(this.#lastCursor)]);
      return;
    }
    const before = this.#wire.untaken;
    const [only] = payloads;
    if (payloads.length === 1 && only !== undefined) this.#wire.write(only);
    else this.#wire.writeAll?.(payloads);
    this.#lastCursor = payloads.at(-1)?.cursor ?? this.#lastCursor;
    if (client === undefined || !this.#wire.isFull) return;
    const untaken = this.#wire.untaken - before;
    client.hold(untaken);
    this.#wire.whenTaken(() => client.hold(-untaken));
  }

  #flush(): void {
    this.#isDraining = false;
    if (this.#isClosed) return;
    const waiting = this.#waiting ?? [];
    let next = 0;
    for (const payload of waiting) {
      if (this.#wire.isFull) break;
      this.#hold(-payload.bytes.length);
      this.#write([payload]);
      if (this.#isClosed) return;
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

function areLong(payloads: readonly Payload[]): boolean {
  return payloads.reduce((sum, { bytes }) => sum + bytes.length, 0) > SMALL_BYTES;
}

function tooSlow(lastCursor: string | null): GraphQLError {
  return new GraphQLError(
    'The subscription is read more slowly than events arrive. Subscribe again after the last cursor.',
    {
      extensions: { code: 'SLOW_CONSUMER', lastCursor },
    },
  );
}
