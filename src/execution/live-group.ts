import { setTimeout as sleep } from 'node:timers/promises';
import { type ExecutionArgs, execute, type GraphQLError } from 'graphql';
import { endOf } from './events.ts';
import { type Payload, payloadOf, type Sink } from './payload.ts';
import type { Traces } from './read-notes.ts';
import type { ExecutionTools } from './tools.ts';
import { throwIfUnsound } from './trouble.ts';
import type { InTurn } from './turns.ts';

/** A live query is answered anew at most so often. */
const PACE_MS = 100;

/** The readers of one live query, and the one execution that serves them. */
export interface LiveGroup {
  /** Adds a reader whose first answer contains everything up to a position; the answer makes it leave. */
  join(sink: Sink, since: bigint): () => void;
  /** What it read was changed at a position of the log; null: in another way. */
  touch(position: bigint | null): void;
  /** Tells its readers that it is over, and why. */
  fail(reasons: readonly GraphQLError[]): void;
}

/** What is done once for all live queries. */
export interface LiveSurroundings {
  readonly inTurn: InTurn;
  /** Up to where everything that was touched has been told. */
  readonly told: () => bigint;
  /** Takes what an answer read; the last position after the answer's own, among those told already, at which that was touched, or null. */
  readonly keepRead: (traces: Traces, at: bigint) => bigint | null;
  readonly onEnd: () => void;
}

interface Member {
  readonly sink: Sink;
  readonly since: bigint;
  answered: boolean;
}

interface Answer {
  readonly payload: Payload;
  /** It contains everything up to this position. */
  readonly at: bigint;
}

/** Starts to answer a live query for as long as it has readers: now, and whenever the answer differs. */
export function startLiveGroup(tools: ExecutionTools, args: ExecutionArgs, around: LiveSurroundings): LiveGroup {
  const { changes, counts, errors, notes, liveDb } = tools;
  const members = new Set<Member>();
  const stop = new AbortController();
  const effort = tools.trouble.begin(stop.signal);
  let answer: Answer | null = null;
  /** The answer has to contain everything up to here. */
  let wanted = 0n;
  /** Whether it has to be worked out anew in any case. */
  let isStale = false;
  let isRunning = false;
  let began = Number.NEGATIVE_INFINITY;

  const isBehind = (): boolean => answer === null || isStale || answer.at < wanted;
  const isOver = (): boolean => stop.signal.aborted || changes.ended;
  const want = (position: bigint): void => {
    if (position > wanted) wanted = position;
  };

  const wake = (): void => {
    if (isRunning || !isBehind()) return;
    isRunning = true;
    void catchUp();
  };

  const catchUp = async (): Promise<void> => {
    while (isBehind() && !isOver()) {
      await sleep(Math.max(0, began + PACE_MS - performance.now()));
      try {
        await around.inTurn(evaluate);
        effort.done();
      } catch (error) {
        // What was missed meanwhile is in the next answer.
        if (!(await effort.outlasts(error))) fail([withPlace(errors.mask(error))]);
      }
    }
    // In the same step as it was last looked whether there is more to do.
    isRunning = false;
  };

  const evaluate = async (): Promise<void> => {
    if (isOver()) return;
    began = performance.now();
    isStale = false;
    try {
      // Read before the query, so that whatever is written after it makes another answer.
      const { position: at, cursor } = await changes.locate(null);
      const noted = notes.begin({ ...(args.contextValue as object), db: liveDb });
      counts.executions += 1;
      const result = await execute({ ...args, rootValue: {}, contextValue: noted.context });
      // Nobody keeps what is found for nobody.
      if (isOver()) return;
      throwIfUnsound(result, errors);
      const touchedAt = around.keepRead(noted.traces(), at);
      if (touchedAt !== null) want(touchedAt);
      hand(payloadOf(result, cursor, errors), at);
    } catch (error) {
      isStale = true;
      throw error;
    }
  };

  const hand = (payload: Payload, at: bigint): void => {
    const isSame = answer?.payload.bytes.equals(payload.bytes) ?? false;
    answer = { payload: isSame && answer !== null ? answer.payload : payload, at };
    for (const member of members) {
      if (member.answered ? !isSame : at >= member.since) send(member, answer.payload);
    }
  };

  const send = (member: Member, payload: Payload): void => {
    member.answered = true;
    member.sink.deliver(payload);
    counts.deliveries += 1;
  };

  const withPlace = (error: GraphQLError): GraphQLError => (answer === null ? error : endOf(error, answer.payload));

  const end = (): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    around.onEnd();
  };

  const fail = (reasons: readonly GraphQLError[]): void => {
    const told = [...members];
    members.clear();
    end();
    for (const { sink } of told) sink.fail(reasons);
  };

  return {
    join: (sink, since) => {
      const member: Member = { sink, since, answered: false };
      members.add(member);
      // An answer that nothing has touched since is as good as a new one.
      if (answer !== null && !isBehind() && (answer.at >= since || around.told() >= since)) {
        send(member, answer.payload);
      } else {
        want(since);
        wake();
      }
      return () => {
        members.delete(member);
        if (members.size === 0) end();
      };
    },
    touch: (position) => {
      if (position === null) isStale = true;
      else want(position);
      wake();
    },
    fail,
  };
}
