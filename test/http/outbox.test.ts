import type { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { createDeltas } from '../../src/execution/deltas.ts';
import type { Payload } from '../../src/execution/payload.ts';
import { Outbox, type Wire } from '../../src/http/outbox.ts';

/** How far a reader may fall behind. */
const MAX_EVENTS = 1_000;
const MAX_BYTES = 1024 * 1024;
const HALF = MAX_BYTES / 2;

describe('a reader that takes nothing', () => {
  test('may be a thousand events behind, and is let go at one more, with its last cursor', () => {
    const wire = new TestWire();
    const outbox = new Outbox(wire, 'every event');
    outbox.deliver(payloadOf('c0'));
    wire.isFull = true;
    deliverMany(outbox, MAX_EVENTS);
    expect(wire.fail).not.toHaveBeenCalled();
    outbox.deliver(payloadOf('one too many'));
    expect(errorsOf(wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: 'c0' }]);
    expect(wire.written).toEqual(['c0']);
  });

  test('may be a mebibyte behind, and is let go at one byte more', () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'every event');
    outbox.deliver(payloadOf('c1', HALF));
    outbox.deliver(payloadOf('c2', HALF));
    expect(wire.fail).not.toHaveBeenCalled();
    outbox.deliver(payloadOf('c3', 1));
    expect(errorsOf(wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: null }]);
  });

  test('gets nothing more once it was let go', () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'every event');
    deliverMany(outbox, MAX_EVENTS + 1);
    wire.drain(Number.POSITIVE_INFINITY);
    outbox.deliver(payloadOf('later'));
    expect(wire.written).toEqual([]);
    expect(wire.fail).toHaveBeenCalledTimes(1);
  });

  test('of a live query is never too slow: only the newest answer waits', () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'the newest answer');
    for (let index = 1; index <= 3; index += 1) outbox.deliver(payloadOf(`c${index}`, MAX_BYTES));
    wire.drain(Number.POSITIVE_INFINITY);
    expect(wire.fail).not.toHaveBeenCalled();
    expect(wire.written).toEqual(['c3']);
  });
});

describe('payloads that come together', () => {
  test('go into one write, after which the last is the place of the reader', () => {
    const wire = new TestWire();
    const outbox = new Outbox(wire, 'every event');
    outbox.deliverAll([payloadOf('c1'), payloadOf('c2')]);
    expect([wire.written, outbox.lastCursor]).toEqual([['c1+c2'], 'c2']);
  });

  test('wait in order when there is no room, and count one by one', () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'every event');
    outbox.deliver(payloadOf('c1'));
    outbox.deliverAll([payloadOf('c2'), payloadOf('c3')]);
    wire.drain(1);
    outbox.deliverAll([payloadOf('c4'), payloadOf('c5')]);
    wire.drain(Number.POSITIVE_INFINITY);
    expect(wire.written).toEqual(['c1', 'c2', 'c3', 'c4', 'c5']);
    wire.isFull = true;
    outbox.deliverAll(Array.from({ length: MAX_EVENTS + 1 }, (_, index) => payloadOf(`d${index}`)));
    expect(errorsOf(wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: 'c5' }]);
  });
});

describe('when the buffer drains', () => {
  test('everything that waited is written in order, and as much may wait again', () => {
    const wire = new TestWire();
    const outbox = new Outbox(wire, 'every event');
    for (let round = 1; round <= 3; round += 1) {
      wire.isFull = true;
      outbox.deliver(payloadOf(`${round}a`, HALF));
      outbox.deliver(payloadOf(`${round}b`, HALF));
      wire.drain(2);
      expect(outbox.isEmpty).toBe(true);
    }
    expect(wire.fail).not.toHaveBeenCalled();
    expect(wire.written).toEqual(['1a', '1b', '2a', '2b', '3a', '3b']);
  });

  test('a reader of differences gets one from what was written last to the newest answer', async () => {
    const wire = new TestWire();
    const { sink } = createDeltas().follow(new Outbox(wire, 'the newest answer'), null);
    wire.drain(1);
    for (let step = 1; step <= 4; step += 1) {
      const data = { live: { step, text: 'x'.repeat(1_000) } };
      sink.deliver({ cursor: `c${step}`, bytes: Buffer.from(JSON.stringify({ data })) });
      await Promise.resolve();
    }
    expect(wire.written.map(stepOf)).toEqual(['c1~1']);
    wire.drain(Number.POSITIVE_INFINITY);
    await Promise.resolve();
    expect(wire.written.map(stepOf)).toEqual(['c1~1', 'c4~2']);
  });

  test('written bytes make room for as many new ones, and no more', () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'every event');
    outbox.deliver(payloadOf('c1', HALF));
    outbox.deliver(payloadOf('c2', HALF));
    wire.drain(1);
    outbox.deliver(payloadOf('c3', HALF));
    expect(wire.fail).not.toHaveBeenCalled();
    outbox.deliver(payloadOf('c4', 1));
    expect(errorsOf(wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: 'c1' }]);
    expect(wire.written).toEqual(['c1']);
  });

  test('written events make room for as many new ones, and no more', () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'every event');
    deliverMany(outbox, MAX_EVENTS);
    wire.drain(400);
    deliverMany(outbox, 400);
    expect(wire.fail).not.toHaveBeenCalled();
    outbox.deliver(payloadOf('one too many'));
    expect(errorsOf(wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: 'c400' }]);
  });

  test('a resuming reader is ready for more only once nothing waits', async () => {
    const wire = new TestWire();
    wire.isFull = true;
    const outbox = new Outbox(wire, 'every event');
    deliverMany(outbox, 2);
    const ready = vi.fn();
    const waiting = outbox.ready().then(ready);
    wire.drain(1);
    await Promise.resolve();
    expect(ready).not.toHaveBeenCalled();
    wire.drain(2);
    await waiting;
    expect(wire.written).toEqual(['c1', 'c2']);
  });
});

/** A connection that takes payloads until it is full. */
class TestWire implements Wire {
  isFull = false;
  readonly written: string[] = [];
  readonly fail = vi.fn<(errors: readonly GraphQLError[]) => void>();
  readonly complete = vi.fn();
  #room = Number.POSITIVE_INFINITY;
  #listener: (() => void) | null = null;

  write({ cursor }: Payload): void {
    this.written.push(cursor);
    this.#room -= 1;
    if (this.#room <= 0) this.isFull = true;
  }

  writeAll(payloads: readonly Payload[]): void {
    this.written.push(payloads.map(({ cursor }) => cursor).join('+'));
  }

  whenDrained(listener: () => void): void {
    this.#listener = listener;
  }

  /** Empties the buffer, which is full again after this many payloads. */
  drain(room: number): void {
    this.isFull = false;
    this.#room = room;
    const listener = this.#listener;
    this.#listener = null;
    listener?.();
  }
}

function payloadOf(cursor: string, bytes = 1): Payload {
  return { cursor, bytes: Buffer.alloc(bytes) };
}

/** Their cursors are c1, c2 and so on. */
function deliverMany(outbox: Outbox, count: number): void {
  for (let index = 1; index <= count; index += 1) outbox.deliver(payloadOf(`c${index}`));
}

/** The error that the reader was let go with. */
function errorsOf(wire: TestWire): readonly unknown[] | undefined {
  return wire.fail.mock.calls[0]?.[0].map(({ extensions }) => extensions);
}

/** The place and the revision in the cursor of a result. */
function stepOf(cursor: string): string {
  return cursor.split('~', 2).join('~');
}
