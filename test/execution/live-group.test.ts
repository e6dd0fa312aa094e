import { GraphQLInt, GraphQLObjectType, GraphQLSchema, parse } from 'graphql';
import { expect, test, vi } from 'vitest';
import { shareWork } from '../../src/database/cancel.ts';
import { limitConcurrency } from '../../src/execution/concurrency.ts';
import { limitLifetimes } from '../../src/execution/lifetime.ts';
import { startLiveGroup } from '../../src/execution/live-group.ts';
import { rememberPayloads, type Sink } from '../../src/execution/payload.ts';
import type { ExecutionTools } from '../../src/execution/tools.ts';
import { NO_METERS } from '../../src/meters.ts';
import { deferred, until } from '../support/wait.ts';

const DEADLINE_SECONDS = 0.05;

test.each(['its time is over', 'its reader has left'])(
  'a live query that is cut off because %s keeps its turn until its work has ended',
  async (why) => {
    const over = deferred();
    const runLimited = limitConcurrency(1);
    const [cutOff, next] = [sinkOf(), sinkOf()];
    const deadline = why === 'its time is over' ? DEADLINE_SECONDS : 60;
    const hanging = startQuery(over.promise, deadline, runLimited);
    const leave = hanging.group.join(cutOff, 0n);
    await until('it is executed', () => hanging.tools.counts.executions === 1);
    const other = startQuery(Promise.resolve(), 60, runLimited);
    other.group.join(next, 0n);
    if (why === 'its time is over') await hanging.cut;
    else leave();
    await new Promise((resolve) => setTimeout(resolve, 4 * 1_000 * DEADLINE_SECONDS));
    expect(other.tools.counts.executions).toBe(0);
    over.resolve();
    await until('the next has its turn', () => next.deliver.mock.calls.length === 1);
    leave();
  },
);

/** A live query that takes as long as its work. */
function startQuery(work: Promise<void>, deadlineSeconds: number, runLimited: ReturnType<typeof limitConcurrency>) {
  const cut = deferred();
  const lifetimes = limitLifetimes(deadlineSeconds, (signal, run) => {
    signal.addEventListener('abort', cut.resolve);
    return run();
  });
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { any: { type: GraphQLInt } } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: { live: { type: GraphQLInt, resolve: () => work.then(() => 1) } },
    }),
  });
  const tools: ExecutionTools = {
    changes: { locate: async () => ({ position: 1n, cursor: 'at 1' }), ended: false } as never,
    recent: rememberPayloads(shareWork),
    errors: {
      describe: () => null,
      isTemporary: () => true,
      mask: (error) => error as never,
      noteDelay: () => undefined,
    },
    retries: { begin: () => ({ waitAfter: async () => true, succeeded: () => undefined }) },
    notes: { begin: (context: object) => ({ context, traces: () => [] }) } as never,
    lifetimes,
    liveDb: null,
    counts: { executions: 0, deliveries: 0 },
    meters: NO_METERS,
  };
  const args = { schema, document: parse('subscription { live }'), contextValue: {} };
  const options = { runLimited, reported: () => 1n, keepRead: () => null, onEnd: () => undefined };
  return { tools, cut: cut.promise, group: startLiveGroup(tools, args, options) };
}

function sinkOf() {
  const deliver = vi.fn<Sink['deliver']>();
  return { deliver, fail: vi.fn(), complete: vi.fn(), ready: async () => undefined };
}
