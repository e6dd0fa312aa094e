import { GraphQLError, GraphQLInt, GraphQLObjectType, GraphQLSchema, parse } from 'graphql';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ChangeEntry, Place } from '../../src/changes/log.ts';
import { type ChangeStream, filterStream } from '../../src/changes/stream.ts';
import { shareWork } from '../../src/database/cancel.ts';
import type { Client } from '../../src/execution/client.ts';
import { type EventGroup, startEventGroup } from '../../src/execution/event-group.ts';
import { limitLifetimes } from '../../src/execution/lifetime.ts';
import { type Payload, rememberPayloads, type Sink } from '../../src/execution/payload.ts';
import type { ExecutionTools } from '../../src/execution/tools.ts';
import { NO_METERS } from '../../src/meters.ts';
import { until } from '../support/wait.ts';

const NOW = { committedAt: 0, isOurs: true };
/** The group begins after this position. */
const START = 10n;

let log: TestLog;
let tools: ExecutionTools;
let onEnd: () => void;
let group: EventGroup;

beforeEach(async () => {
  log = new TestLog();
  tools = {
    changes: Object.defineProperty(
      { followFrom: (place: Place) => log.streamFrom(place), commitOf: () => NOW },
      'position',
      {
        get: () => log.position,
      },
    ) as never,
    recent: rememberPayloads(shareWork),
    errors: {
      describe: () => null,
      isTemporary: () => false,
      mask: (error) => error as never,
      noteDelay: () => undefined,
    },
    retries: { begin: () => ({ waitAfter: async () => false, succeeded: () => undefined }) },
    notes: {} as never,
    lifetimes: limitLifetimes(60, (_signal, work) => work()),
    liveDb: null,
    counts: { executions: 0, deliveries: 0 },
    meters: NO_METERS,
  };
  onEnd = vi.fn();
  const args = { schema: SCHEMA, document: parse('subscription { changes }'), contextValue: {} };
  group = startEventGroup(tools, { key: 'changes', args } as never, placeAt(START), onEnd);
  expect(await group.started).toBeNull();
});

test('a reader that joins ahead of the group gets nothing again', async () => {
  const [first, ahead] = [sinkOf(), sinkOf()];
  group.join(first, START);
  group.join(ahead, 12n);
  log.write(11n, 12n, 13n, 14n);
  await until('all is handed on', () => group.delivered === 14n);
  expect(first.cursors()).toEqual(['at 11', 'at 12', 'at 13', 'at 14']);
  expect(ahead.cursors()).toEqual(['at 13', 'at 14']);
  expect(tools.counts).toEqual({ executions: 4, deliveries: 6 });
});

test('events that are ready together are delivered together, and a reader that has some of them gets the rest', async () => {
  const [first, ahead] = [togetherSinkOf(), togetherSinkOf()];
  group.join(first, START);
  group.join(ahead, 12n);
  log.write(11n, 12n, 13n, 14n);
  await until('all is handed on', () => group.delivered === 14n);
  expect(first.together()).toEqual([['at 11', 'at 12', 'at 13', 'at 14']]);
  expect(ahead.together()).toEqual([['at 13', 'at 14']]);
  log.write(15n);
  await until('the next is handed on', () => group.delivered === 15n);
  expect(first.cursors()).toEqual(['at 15']);
  expect(tools.counts.deliveries).toBe(8);
});

test('a reader that joins later gets what comes from then on, and nothing that it already has', async () => {
  const [first, second] = [sinkOf(), sinkOf()];
  group.join(first, START);
  log.write(11n, 12n);
  await until('both are handed on', () => group.delivered === 12n);
  group.join(second, group.delivered);
  log.write(13n);
  await until('the next is handed on', () => group.delivered === 13n);
  expect(first.cursors()).toEqual(['at 11', 'at 12', 'at 13']);
  expect(second.cursors()).toEqual(['at 13']);
});

test('a reader that left gets nothing more, and the group ends once, with its last reader', async () => {
  const [first, second] = [sinkOf(), sinkOf()];
  group.join(first, START);
  group.join(second, START);
  log.write(11n);
  await until('it is handed on', () => group.delivered === 11n);
  group.leave(first);
  expect(onEnd).not.toHaveBeenCalled();
  log.write(12n);
  await until('the next is handed on', () => group.delivered === 12n);
  group.leave(second);
  group.leave(second);
  expect(onEnd).toHaveBeenCalledTimes(1);
  log.write(13n);
  await log.closed;
  expect([first.cursors(), second.cursors()]).toEqual([['at 11'], ['at 11', 'at 12']]);
  expect([first.complete, second.complete].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
});

test('readers pay for an execution together, each an equal part, and nothing for a payload that is there', async () => {
  const [first, second, guest] = [payingSinkOf(), payingSinkOf(), sinkOf()];
  for (const sink of [first, second, guest]) group.join(sink, START);
  log.write(11n);
  await until('it is handed on', () => group.delivered === 11n);
  expect([first.paid(), second.paid()]).toEqual([4, 4]);
  group.leave(guest);
  log.write(12n);
  await until('the next is handed on', () => group.delivered === 12n);
  expect([first.paid(), second.paid()]).toEqual([10, 10]);
  await tools.recent.fetch('at 13 changes', async () => ({ bytes: Buffer.from('{}'), cursor: 'at 13' }));
  log.write(13n);
  await until('the third is handed on', () => group.delivered === 13n);
  expect([first.paid(), second.paid()]).toEqual([10, 10]);
});

test('nothing is executed for readers that have nothing left, and each is told where to go on', async () => {
  const [poor, rich] = [payingSinkOf(), payingSinkOf()];
  group.join(poor, START);
  group.join(rich, START);
  log.write(11n);
  await until('it is handed on', () => group.delivered === 11n);
  poor.spend();
  log.write(12n);
  await until('the next is handed on', () => group.delivered === 12n);
  expect(poor.cursors()).toEqual(['at 11']);
  expect(poor.fail).toHaveBeenCalledExactlyOnceWith([
    expect.objectContaining({ extensions: { code: 'RATE_LIMITED', lastCursor: 'at 11' } }),
  ]);
  expect(rich.cursors()).toEqual(['at 11', 'at 12']);
  expect(onEnd).not.toHaveBeenCalled();
  rich.spend();
  log.write(13n);
  await log.closed;
  expect(rich.fail).toHaveBeenCalledTimes(1);
  expect(onEnd).toHaveBeenCalledTimes(1);
  expect(tools.counts.executions).toBe(2);
});

const SCHEMA = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { any: { type: GraphQLInt } } }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      changes: {
        type: GraphQLInt,
        subscribe: (_root, _args, { events }) => filterStream(events, async () => true),
        resolve: ({ position }: ChangeEntry) => Number(position),
      },
    },
  }),
});

/** A log that grows while it is followed. */
class TestLog {
  readonly closed: Promise<void>;
  /** Of the newest entry. */
  position = START;
  #close = (): void => undefined;
  #entries: ChangeEntry[] = [];
  #wake = (): void => undefined;
  #isClosed = false;

  constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  write(...positions: readonly bigint[]): void {
    this.position = positions.at(-1) ?? this.position;
    this.#entries.push(...positions.map((position) => placeAt(position) as ChangeEntry));
    this.#wake();
  }

  streamFrom(from: Place): ChangeStream {
    let place = from;
    const stream: ChangeStream = {
      next: async () => {
        while (this.#entries.length === 0 && !this.#isClosed) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        const value = this.#isClosed ? undefined : this.#entries.shift();
        if (value === undefined) return { done: true, value };
        place = value;
        return { done: false, value };
      },
      return: async () => {
        this.#isClosed = true;
        this.#wake();
        this.#close();
        return { done: true, value: undefined };
      },
      get place() {
        return place;
      },
      [Symbol.asyncIterator]: () => stream,
    };
    return stream;
  }
}

function placeAt(position: bigint): Place {
  return { position, cursor: `at ${position}` };
}

function sinkOf() {
  const deliver = vi.fn<Sink['deliver']>();
  const cursors = () => deliver.mock.calls.map(([{ cursor }]) => cursor);
  return { deliver, cursors, fail: vi.fn(), complete: vi.fn(), ready: async () => undefined };
}

/** A reader whose executions cost 12 each. */
function payingSinkOf() {
  let [paid, isSpent] = [0, false];
  const client: Client = {
    pay: (cost) => {
      paid += cost;
      return 0;
    },
    refuse: () => (isSpent ? new GraphQLError('spent', { extensions: { code: 'RATE_LIMITED' } }) : null),
    hold: () => true,
    replay: (work) => work(),
  };
  const spend = (): void => {
    isSpent = true;
  };
  return { ...sinkOf(), payer: { client, cost: 12 }, paid: () => paid, spend };
}

function togetherSinkOf() {
  const deliverAll = vi.fn<(payloads: readonly Payload[]) => void>();
  const together = () => deliverAll.mock.calls.map(([payloads]) => payloads.map(({ cursor }) => cursor));
  return { ...sinkOf(), deliverAll, together };
}
