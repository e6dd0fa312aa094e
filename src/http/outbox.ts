import { GraphQLError } from 'graphql';
import type { Payload, Sink } from '../execution/payload.ts';

/** A reader that is further behind than this, in events or in bytes of them, is let go. */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 1024 * 1024;

/** A connection as an outbox sees it. */
export interface Wire {
  /** Hands a payload to the connection. */
  write(payload: Payload): void;
  /** Whether the connection has more in its own buffer than it should. */
  readonly isFull: boolean;
  /** Calls back once, when the buffer has emptied. */
  whenDrained(listener: () => void): void;
  fail(errors: readonly GraphQLError[]): void;
  complete(): void;
}

/** A subscription's end on a connection, with the payloads that the connection could not take yet. */
export interface Outbox extends Sink {
  /** Whether payloads wait. */
  readonly isEmpty: boolean;
  /** Forgets what waits; nothing is written any more. */
  close(): void;
}

/**
 * Writes payloads as fast as the connection takes them. Events wait in order, and a reader that falls too far behind gets SLOW_CONSUMER with the last cursor it has;
 * of a live query only the newest answer waits.
 */
export function createOutbox(wire: Wire, keep: 'every event' | 'the newest answer'): Outbox {
  let waiting: Payload[] = [];
  let bytes = 0;
  let lastCursor: string | null = null;
  let closed = false;
  let draining = false;
  let idle: (() => void)[] = [];

  const write = (payload: Payload): void => {
    wire.write(payload);
    lastCursor = payload.cursor;
  };

  const flush = (): void => {
    draining = false;
    if (closed) return;
    let next = 0;
    while (next < waiting.length && !wire.isFull) {
      const payload = waiting[next] as Payload;
      bytes -= payload.bytes.length;
      write(payload);
      next += 1;
    }
    waiting = waiting.slice(next);
    awaitDrain();
    if (waiting.length === 0 && !wire.isFull) release();
  };

  const awaitDrain = (): void => {
    if (draining || (waiting.length === 0 && !wire.isFull)) return;
    draining = true;
    wire.whenDrained(flush);
  };

  const release = (): void => {
    const waited = idle;
    idle = [];
    for (const resolve of waited) resolve();
  };

  const close = (): void => {
    closed = true;
    waiting = [];
    bytes = 0;
    release();
  };

  return {
    deliver: (payload) => {
      if (closed) return;
      if (waiting.length === 0 && !wire.isFull) {
        write(payload);
        return;
      }
      if (keep === 'the newest answer') {
        waiting = [payload];
        bytes = payload.bytes.length;
      } else {
        waiting.push(payload);
        bytes += payload.bytes.length;
        if (waiting.length > MAX_EVENTS || bytes > MAX_BYTES) {
          close();
          wire.fail([tooSlow(lastCursor)]);
          return;
        }
      }
      awaitDrain();
    },
    fail: (errors) => {
      if (closed) return;
      close();
      wire.fail(errors);
    },
    complete: () => {
      if (closed) return;
      close();
      wire.complete();
    },
    ready: () =>
      new Promise((resolve) => {
        if (closed || (waiting.length === 0 && !wire.isFull)) return resolve();
        idle.push(resolve);
        awaitDrain();
      }),
    get isEmpty() {
      return waiting.length === 0;
    },
    close,
  };
}

function tooSlow(lastCursor: string | null): GraphQLError {
  return new GraphQLError(
    'The subscription is read more slowly than events arrive. Subscribe again after the last cursor.',
    {
      extensions: { code: 'SLOW_CONSUMER', lastCursor },
    },
  );
}
