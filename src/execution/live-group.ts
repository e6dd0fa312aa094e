import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { Commit } from '../changes/tail.ts';
import { payTogether } from './client.ts';
import type { RunLimited } from './concurrency.ts';
import { withLastCursor } from './events.ts';
import { collectHints } from './hints.ts';
import { type Payload, payloadOf, type Sink } from './payload.ts';
import type { Traces } from './read-notes.ts';
import { throwServerError } from './retry.ts';
import { runOperation } from './run-operation.ts';
import type { ExecutionTools } from './tools.ts';

/** Minimum interval between two executions of a live query. */
const PACE_MS = 100;
/** How often it is looked whether a reader has something to spend again, or another has joined. */
const BROKE_MS = 1_000;

/** The readers of one live query, and the one execution for all of them. */
export interface LiveGroup {
  /** Adds a reader. Its first answer contains everything up to the position. Returns a function that removes the reader. */
  join(sink: Sink, since: bigint): () => void;
  /** Tells that the data it read changed at a position of the log, by which commit; null when the change is not in the log. */
  touch(position: bigint | null, commit?: Commit): void;
  /** Ends the query for all readers, with the reasons. */
  fail(reasons: readonly GraphQLError[]): void;
}

/** What all live queries share. */
export interface LiveGroupOptions {
  readonly runLimited: RunLimited;
  /** The position up to which all changes have been reported by touch(). */
  readonly reported: () => bigint;
  /** Keeps what an answer read. Returns the last known position after the answer at which some of that changed, or null. */
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
  /** The answer contains everything up to this position. */
  readonly at: bigint;
}

/** Answers a live query for as long as it has readers: now, and whenever the answer changes. */
export function startLiveGroup(tools: ExecutionTools, args: ExecutionArgs, options: LiveGroupOptions): LiveGroup {
  const { changes, counts, errors, notes, lifetimes, liveDb } = tools;
  const members = new Set<Member>();
  const stop = new AbortController();
  const retry = tools.retries.begin(stop.signal);
  let answer: Answer | null = null;
  /** The next answer has to contain everything up to this position. */
  let wanted = 0n;
  /** Whether it has to be executed again in any case. */
  let isStale = false;
  let isRunning = false;
  /** The first commit that the next answer has to contain. */
  let waitedFor: Commit | null = null;
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
      // No reader has anything left to spend.
      for (let wait = pay(0); wait > 0 && !isOver(); wait = pay(0)) await sleep(Math.min(wait, BROKE_MS));
      if (isOver()) break;
      // Before it waits for its turn: of many that wait then, what is left may be enough for one.
      pay(1);
      try {
        await options.runLimited(evaluate);
        retry.succeeded();
      } catch (error) {
        // The next answer contains what was missed meanwhile.
        if (!(await retry.waitAfter(error))) fail([withPlace(errors.mask(error))]);
      }
    }
    // No step lies between this and the last test of isBehind(), so no change is missed.
    isRunning = false;
  };

  const pay = (executions: number): number =>
    payTogether(
      [...members].map(({ sink }) => sink),
      executions,
    );

  const evaluate = async (): Promise<void> => {
    if (isOver()) return;
    began = performance.now();
    isStale = false;
    try {
      // Read before the query, so that every later write causes another answer.
      const { position: at, cursor } = await changes.locate(null);
      const { hints, addTo } = collectHints();
      const noted = notes.begin({ ...(args.contextValue as object), db: liveDb, hints });
      counts.executions += 1;
      const run = async () => runOperation({ ...args, rootValue: {}, contextValue: noted.context });
      const result = addTo(await lifetimes.whileRead(stop.signal, run));
      // Do not keep a result that has no readers.
      if (isOver()) return;
      throwServerError(result, errors);
      const touchedAt = options.keepRead(noted.traces(), at);
      if (touchedAt !== null) want(touchedAt);
      publish(payloadOf(result, cursor, errors), at);
    } catch (error) {
      isStale = true;
      throw error;
    }
  };

  const publish = (payload: Payload, at: bigint): void => {
    const isSame = answer?.payload.bytes.equals(payload.bytes) ?? false;
    const commit = waitedFor;
    waitedFor = null;
    answer = { payload: isSame && answer !== null ? answer.payload : payload, at };
    for (const member of members) {
      if (member.answered ? !isSame : at >= member.since) send(member, answer.payload);
    }
    if (commit !== null && !isSame) tools.meters.pushed({ kind: 'live', readers: members.size, ...commit });
  };

  const send = (member: Member, payload: Payload): void => {
    member.answered = true;
    member.sink.deliver(payload);
    counts.deliveries += 1;
  };

  const withPlace = (error: GraphQLError): GraphQLError =>
    answer === null ? error : withLastCursor(error, answer.payload);

  const end = (): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    options.onEnd();
  };

  const fail = (reasons: readonly GraphQLError[]): void => {
    const failed = [...members];
    members.clear();
    end();
    for (const { sink } of failed) sink.fail(reasons);
  };

  return {
    join: (sink, since) => {
      const member: Member = { sink, since, answered: false };
      members.add(member);
      // An answer whose data has not changed since is as good as a new one.
      if (answer !== null && !isBehind() && (answer.at >= since || options.reported() >= since)) {
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
    touch: (position, commit) => {
      if (commit !== undefined && answer !== null) waitedFor ??= commit;
      if (position === null) isStale = true;
      else want(position);
      wake();
    },
    fail,
  };
}
