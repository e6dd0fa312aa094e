import type { GraphQLError } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import type { Client } from '../../src/execution/client.ts';
import { createDeltas } from '../../src/execution/deltas.ts';
import type { Payload } from '../../src/execution/payload.ts';
import { type Buffering, Outbox, type Wire } from '../../src/http/outbox.ts';
import { present } from '../../src/required.ts';

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

describe('what a connection has not passed on', () => {
  const LARGE = 9 * MAX_BYTES;
  const MOST = 64 * MAX_BYTES;

  /** Subscriptions of one client, each on a connection of its own. */
  function openMany(count: number, takes: TestWire['takes'], buffering: Buffering = 'the newest answer') {
    let held = 0;
    const hold = (bytes: number): boolean => {
      held += bytes;
      return held <= MOST;
    };
    const client: Client = { hold, pay: () => 0, refuse: () => null, replay: (work) => work() };
    const all = Array.from({ length: count }, () => {
      const wire = new TestWire();
      wire.takes = takes;
      return { wire, outbox: new Outbox(wire, buffering, { client, cost: 1 }) };
    });
    return { all, held: () => held };
  }

  test('is counted for its client: of sixty that read nothing, most are let go before they get a large answer', () => {
    const { all, held } = openMany(60, 'nothing');
    for (const { outbox } of all) outbox.deliver(payloadOf('c1', LARGE));
    expect(all.filter(({ wire }) => wire.written.length > 0)).toHaveLength(8);
    expect(all.filter(({ wire }) => wire.fail.mock.calls.length > 0)).toHaveLength(52);
    expect(held()).toBe(8 * LARGE);
  });

  test('is counted until it is taken, not only until the subscription ends', () => {
    const { all, held } = openMany(1, 'nothing');
    for (const { wire, outbox } of all) {
      outbox.deliver(payloadOf('c1', LARGE));
      outbox.close();
      expect(held()).toBe(LARGE);
      wire.take();
    }
    expect(held()).toBe(0);
  });

  test('is nothing if it takes everything, however large that is', () => {
    const { all, held } = openMany(60, 'everything');
    for (const { outbox } of all) outbox.deliver(payloadOf('c1', LARGE));
    expect(all.every(({ wire }) => wire.written.length === 1)).toBe(true);
    expect(held()).toBe(0);
  });

  test('counts together with the newest answers that wait', () => {
    const { all, held } = openMany(4, 'nothing');
    for (const { outbox } of all) {
      outbox.deliver(payloadOf('c1', LARGE));
      outbox.deliver(payloadOf('c2', LARGE));
      outbox.deliver(payloadOf('c3', LARGE));
    }
    expect(errorsOf(present(all[3]).wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: 'c1' }]);
    expect(all.slice(0, 3).every(({ wire }) => wire.fail.mock.calls.length === 0)).toBe(true);
    expect(held()).toBe(7 * LARGE);
  });

  test('lets small events pass when too much waits elsewhere', () => {
    const { all } = openMany(9, 'nothing', 'every event');
    for (const { outbox } of all.slice(0, 8)) outbox.deliver(payloadOf('c1', LARGE));
    const { wire, outbox } = present(all[8]);
    outbox.deliver(payloadOf('c1'));
    expect(wire.written).toEqual(['c1']);
    outbox.deliver(payloadOf('c2', LARGE));
    expect(errorsOf(wire)).toEqual([{ code: 'SLOW_CONSUMER', lastCursor: 'c1' }]);
  });
});

/** A connection that takes payloads until it is full. */
class TestWire implements Wire {
  isFull = false;
  takes: 'everything' | 'nothing' = 'everything';
  readonly written: string[] = [];
  readonly fail = vi.fn<(errors: readonly GraphQLError[]) => void>();
  readonly complete = vi.fn();
  untaken = 0;
  #taken: (() => void)[] = [];
  #room = Number.POSITIVE_INFINITY;
  #listener: (() => void) | null = null;

  write({ cursor, bytes }: Payload): void {
    this.written.push(cursor);
    if (this.takes === 'nothing') this.untaken += bytes.length;
    if (this.untaken > 64 * 1024) this.isFull = true;
    this.#room -= 1;
    if (this.#room <= 0) this.isFull = true;
  }

  writeAll(payloads: readonly Payload[]): void {
    this.written.push(payloads.map(({ cursor }) => cursor).join('+'));
  }

  whenDrained(listener: () => void): void {
    this.#listener = listener;
  }

  whenTaken(listener: () => void): void {
    this.#taken.push(listener);
  }

  /** The connection is gone, or has passed everything on. */
  take(): void {
    this.untaken = 0;
    for (const listener of this.#taken.splice(0)) listener();
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
