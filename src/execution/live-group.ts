import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionArgs } from 'graphql';
import { concernOf } from './concern.ts';
import { databaseIsBack, executeAnew } from './events.ts';
import { type ExecutionTools, type Payload, payloadOf, type Sink } from './payload.ts';

/** A live query is answered anew at most so often. */
const PACE_MS = 100;
/** What the log does not tell of is looked for so often. */
const LOOK_MS = 1_000;

/** The readers of one live query, and the one execution that serves them. */
export interface LiveGroup {
  /** Adds a reader whose first answer contains everything up to a position; the answer makes it leave. */
  join(sink: Sink, since: bigint): () => void;
}

interface Member {
  readonly sink: Sink;
  readonly since: bigint;
  answered: boolean;
}

/** Starts to answer a live query for as long as it has readers: now, and whenever the answer differs. */
export function startLiveGroup(tools: ExecutionTools, args: ExecutionArgs, onEnd: () => void): LiveGroup {
  const { changes, counts, errors } = tools;
  const { era } = changes;
  const concern = concernOf(args.schema, args.document);
  const members = new Set<Member>();
  const stop = new AbortController();
  let poke = new AbortController();
  let answer: { readonly payload: Payload; readonly json: string; readonly at: bigint } | null = null;

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted && !changes.ended) {
      era.throwIfAborted();
      const began = Date.now();
      try {
        await evaluate();
      } catch {
        // The database went away; what was missed meanwhile is in the next answer.
        await databaseIsBack(changes, stop.signal);
        continue;
      }
      await nextCause(answer?.at ?? 0n);
      if (stop.signal.aborted || changes.ended) return;
      await sleep(Math.max(0, began + PACE_MS - Date.now()));
    }
  };

  const evaluate = async (): Promise<void> => {
    // Read before the query, so that whatever is written behind it makes another answer.
    const { position: at, cursor } = await changes.locate(null);
    const result = await executeAnew(tools, args, {});
    const payload = payloadOf(result, cursor, errors);
    const json = payload.bytes.toString('utf8');
    const differs = json !== answer?.json;
    answer = { payload: differs || answer === null ? payload : answer.payload, json, at };
    for (const member of members) {
      if (member.answered ? differs : at >= member.since) send(member, payload);
    }
  };

  /** Waits for a change that can concern the query, or for a reader that needs an answer of its own time. */
  const nextCause = async (from: bigint): Promise<void> => {
    let seen = from;
    while (!stop.signal.aborted && !changes.ended) {
      if ([...members].some(({ answered }) => !answered)) return;
      if (poke.signal.aborted) poke = new AbortController();
      let isTimeToLook = false;
      const look = (): void => {
        isTimeToLook = true;
        poke.abort();
      };
      const timer = concern.isUnlogged ? setTimeout(look, LOOK_MS) : undefined;
      await changes.grown(seen, poke.signal).finally(() => clearTimeout(timer));
      if (isTimeToLook) return;
      const entries = changes.recent(seen);
      if (entries === null || entries.some(concern.isTouchedBy)) return;
      seen = entries.at(-1)?.position ?? seen;
    }
  };

  const send = (member: Member, payload: Payload): void => {
    member.answered = true;
    member.sink.deliver(payload);
    counts.deliveries += 1;
  };

  // The log was replaced, and with it what the answers were about.
  const fail = (error: unknown): void => {
    if (!stop.signal.aborted) onEnd();
    stop.abort();
    for (const { sink } of members) sink.fail([errors.mask(error)]);
    members.clear();
  };

  run().catch(fail);
  return {
    join: (sink, since) => {
      const member: Member = { sink, since, answered: false };
      members.add(member);
      if (answer !== null && answer.at >= since) send(member, answer.payload);
      else poke.abort();
      return () => {
        members.delete(member);
        if (members.size > 0 || stop.signal.aborted) return;
        onEnd();
        stop.abort();
        poke.abort();
      };
    },
  };
}
