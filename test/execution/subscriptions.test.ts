import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { GraphQLInt, GraphQLObjectType, GraphQLSchema, GraphQLString, parse } from 'graphql';
import { expect, test, vi } from 'vitest';
import { encodeCursor } from '../../src/changes/cursor.ts';
import type { ChangeEntry } from '../../src/changes/log.ts';
import { filterStream, openChanges } from '../../src/changes/stream.ts';
import type { Tail } from '../../src/changes/tail.ts';
import { shareWork } from '../../src/database/cancel.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import type { Lanes } from '../../src/database/handle.ts';
import { TemporarilyUnavailable } from '../../src/errors.ts';
import { limitLifetimes } from '../../src/execution/lifetime.ts';
import type { Sink } from '../../src/execution/payload.ts';
import { createSubscriptions, type SubscriptionOptions } from '../../src/execution/subscriptions.ts';
import { hold, LONG_MS, watchLoop } from '../support/event-loop.ts';
import { deferred, soon, until } from '../support/wait.ts';

const LOG = '00112233445566ff';
/** The poll interval for data that the tail does not have yet. */
const LOOKS = 100;

test('a reader whose group is ahead of the tail waits for the tail, and does not keep asking', async () => {
  const grown = deferred();
  const looked = vi.fn();
  const tail = tailAt(5n, {
    grown: () => grown.promise,
    after: () => {
      looked();
      // A busy loop of questions would block everything else, including this test.
      if (looked.mock.calls.length > LOOKS) throw new Error('It asks on and on.');
      return [];
    },
  });
  const subscriptions = createSubscriptions(openChanges(lanesAt(6n), tail), OPTIONS);
  const open = (after: string | null, sink: Sink) =>
    subscriptions.open(
      {
        schema: SCHEMA,
        document: parse('subscription ($after: String) { changes(after: $after) }'),
        variableValues: { after },
        contextValue: {},
      },
      'read',
      sink,
    );
  const [one, other] = [sinkOf(), sinkOf()];
  // The first begins at the head, 6; the second resumes, finds that head and is at 5, as the tail still is.
  void open(null, one);
  void open(encodeCursor({ log: LOG, position: 5n, digest: digestOf(5) }), other);
  await sleep(50);
  expect(other.fail).not.toHaveBeenCalled();
  expect(looked.mock.calls.length).toBeLessThan(LOOKS);
});

test('a live query that is cancelled during its execution keeps nothing', async () => {
  const executed = deferred();
  const schema = new GraphQLSchema({
    query: QUERY,
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        live: {
          type: GraphQLString,
          resolve: async () => {
            await executed.promise;
            return 'answer';
          },
        },
      },
    }),
  });
  const traces = vi.fn(() => new Set(['trace']));
  const notes = { begin: (context: object) => ({ context, traces }), touchedBy: () => new Set(), today: () => 'today' };
  const changes = openChanges(lanesAt(5n), tailAt(5n, {}));
  const subscriptions = createSubscriptions(changes, { ...OPTIONS, notes: notes as never });
  const sink = sinkOf();
  const opened = await subscriptions.open(
    { schema, document: parse('subscription { live }'), contextValue: {} },
    'read',
    sink,
  );
  if ('errors' in opened) throw opened.errors[0];
  await sleep(50);
  opened.close();
  executed.resolve();
  await sleep(50);
  expect(traces).not.toHaveBeenCalled();
  expect(sink.deliver).not.toHaveBeenCalled();
  expect(subscriptions.groups).toBe(0);
});

test('a subscription that begins during an outage does not wait longer in all for having waited before', async () => {
  const changes = { ...openChanges(lanesAt(5n), tailAt(5n, {})), locate: () => new Promise<never>(() => undefined) };
  const subscriptions = createSubscriptions(changes, { ...OPTIONS, maxWaitMs: 60_000 });
  const document = parse('subscription { changes }');
  const opening = subscriptions.open({ schema: SCHEMA, document, contextValue: {} }, 'read', sinkOf(), null, 59_950);
  expect(await soon('an answer', opening)).toMatchObject({ errors: [new TemporarilyUnavailable()] });
});

test('everything else gets a turn between the events that a resuming reader catches up with', async () => {
  const watch = watchLoop();
  const turns: number[] = [];
  const schema = schemaOf(() => {
    turns.push(watch.turn);
    hold(LONG_MS);
  });
  const head = 30n;
  const entries = Array.from({ length: Number(head) }, (_, index) => entryAt(BigInt(index + 1)));
  const tail = tailAt(head, { after: ({ position }) => entries.slice(Number(position)) });
  const subscriptions = createSubscriptions(openChanges(lanesAt(head), tail), OPTIONS);
  const sink = sinkOf();
  const opened = await subscriptions.open(
    { schema, document: parse('subscription { changes }'), contextValue: {} },
    'read',
    sink,
    encodeCursor({ log: LOG, position: 0n, digest: digestOf(0) }),
  );
  if ('errors' in opened) throw opened.errors[0];
  await until('it has caught up', () => sink.deliver.mock.calls.length === entries.length);
  opened.close();
  watch.stop();
  expect(sink.deliver.mock.calls.map(([{ cursor }]) => cursor)).toEqual(entries.map(({ cursor }) => cursor));
  expect(new Set(turns).size).toBe(entries.length);
});

test('a crowd of readers that resumes together is live after a few turns, although the log goes on growing', async () => {
  const CROWD = 300;
  const TURNS_PER_WRITE = 5;
  const entries = Array.from({ length: 60 }, (_, index) => entryAt(BigInt(index + 1)));
  const waiting = new Set<() => void>();
  const tail = Object.defineProperty(
    tailAt(0n, {
      after: ({ position }) => entries.slice(Number(position)),
      grown: (position, signal) =>
        new Promise((resolve) => {
          if (entries.length > position || signal.aborted) return resolve();
          waiting.add(resolve);
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
    }),
    'position',
    { get: () => BigInt(entries.length) },
  );
  const executions = vi.fn();
  const subscriptions = createSubscriptions(openChanges(lanesAt(60n), tail), OPTIONS);
  const sinks = Array.from({ length: CROWD }, sinkOf);
  const schema = schemaOf(executions);
  const document = parse('subscription { changes }');
  const after = encodeCursor({ log: LOG, position: 0n, digest: digestOf(0) });
  const opening = sinks.map((sink) => subscriptions.open({ schema, document, contextValue: {} }, 'read', sink, after));
  const watch = watchLoop();
  const deliveredTo = (sink: ReturnType<typeof sinkOf>): number => sink.deliver.mock.calls.length;
  // Each write comes before a reader that waits for its turn behind all others has had it.
  let isLive = false;
  while (!isLive && watch.turn < 10 * CROWD) {
    const until = watch.turn + TURNS_PER_WRITE;
    while (watch.turn < until) await nextTurn();
    isLive = sinks.every((sink) => deliveredTo(sink) > entries.length - 3);
    entries.push(entryAt(BigInt(entries.length + 1)));
    for (const resolve of waiting) resolve();
    waiting.clear();
  }
  watch.stop();
  for (const opened of await Promise.all(opening)) if ('close' in opened) opened.close();
  expect(isLive).toBe(true);
  for (const sink of sinks) {
    const cursors = sink.deliver.mock.calls.map(([{ cursor }]) => cursor);
    expect(cursors).toEqual(entries.slice(0, cursors.length).map(({ cursor }) => cursor));
  }
  expect(executions.mock.calls.length).toBeLessThanOrEqual(entries.length);
});

const QUERY = new GraphQLObjectType({ name: 'Query', fields: { any: { type: GraphQLInt } } });
const SCHEMA = schemaOf(() => undefined);
const OPTIONS: SubscriptionOptions = {
  errors: {
    describe: () => null,
    isTemporary: () => false,
    mask: (error) => error as never,
    noteDelay: () => undefined,
  },
  notes: {} as never,
  lifetimes: limitLifetimes(60, (_signal, work) => work()),
  share: shareWork,
  liveDb: null,
};

/** A subscription to everything in the log, which does something for each entry. */
function schemaOf(resolve: () => void): GraphQLSchema {
  return new GraphQLSchema({
    query: QUERY,
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        changes: {
          type: GraphQLInt,
          args: { after: { type: GraphQLString } },
          subscribe: (_root, _args, { events }) => filterStream(events, async () => true),
          resolve,
        },
      },
    }),
  });
}

function entryAt(position: bigint): ChangeEntry {
  const cursor = encodeCursor({ log: LOG, position, digest: digestOf(Number(position)) });
  return { position, cursor } as ChangeEntry;
}

function digestOf(position: number): Uint8Array {
  return new Uint8Array(32).fill(position);
}

/** A database whose log ends at a position; each question takes its time. */
function lanesAt(head: bigint): Pick<Lanes, 'log' | 'push'> {
  const rows = [head - 1n, head].map((position) => ({
    log: LOG,
    prunedThrough: 0n,
    prunedDigest: digestOf(0),
    position,
    digest: digestOf(Number(position)),
  }));
  const db = { $queryRaw: () => sleep(1, rows) } as unknown as PrismaClient;
  return { log: db, push: db };
}

function tailAt(position: bigint, parts: Partial<Tail>): Tail {
  return {
    log: LOG,
    position,
    era: new AbortController().signal,
    running: true,
    ended: false,
    after: () => [],
    recent: () => [],
    grown: () => new Promise(() => undefined),
    commitOf: () => ({ committedAt: 0, isOurs: true }),
    counts: { reads: 0, polls: 0, notifications: 0, ownWrites: 0 },
    behindMs: 0,
    [Symbol.asyncDispose]: async () => undefined,
    ...parts,
  };
}

function sinkOf() {
  return {
    begin: vi.fn(),
    deliver: vi.fn<Sink['deliver']>(),
    fail: vi.fn(),
    complete: vi.fn(),
    ready: async () => undefined,
  };
}
