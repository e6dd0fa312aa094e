import type { GraphQLError } from 'graphql';
import type { ChangeEntry, Place } from '../changes/log.ts';
import { present } from '../required.ts';
import { payTogether } from './client.ts';
import { pumpEvents, withLastCursor } from './events.ts';
import { type Payload, recall, type Sink } from './payload.ts';
import type { SharedArgs } from './shared-operation.ts';
import type { ExecutionTools } from './tools.ts';

/** How many of the last events a group knows, and how many bytes of them it hands to a reader at once. */
const MOST_LATEST = 50;
const MOST_LATEST_BYTES = 32 * 1024;

/** The readers of one operation at the log's end, and the one execution for all of them. */
export interface EventGroup {
  /** The position of the last event that was handed on. A reader at this position or after it can join without a gap. */
  readonly delivered: bigint;
  /** The newest place up to which everything was handed on. */
  readonly reached: Place;
  /** Resolves with null when the operation has started, or with its errors. */
  readonly started: Promise<readonly GraphQLError[] | null>;
  /**
   * Hands a reader what was delivered since its place, if that is little and known, and returns the place that it then has. Else a crowd
   * that catches up would always be an event behind, as the log grows while its readers take turns.
   */
  bringUp(sink: Sink, place: Place): Place;
  /** Adds a reader that has everything up to a position. */
  join(sink: Sink, position: bigint): void;
  /** Removes a reader; does nothing if it is not a member. */
  leave(sink: Sink): void;
}

/** Executes an operation from a position on, for as long as it has readers. */
export function startEventGroup(
  tools: ExecutionTools,
  operation: SharedArgs,
  from: Place,
  onEnd: () => void,
): EventGroup {
  /** The readers, with the position that each has reached. */
  const members = new Map<Sink, bigint>();
  const stop = new AbortController();
  let delivered = from.position;
  /** The last events that were handed on: all of them after a position. */
  let latest: readonly ChangeEntry[] = [];
  let latestAfter = from.position;
  let reached = from;

  let begun = false;
  let ended = false;
  const endOnce = (): void => {
    if (!ended) onEnd();
    ended = true;
  };
  const end = (tell: (sink: Sink) => void): void => {
    endOnce();
    for (const sink of members.keys()) tell(sink);
    members.clear();
  };

  const leave = (sink: Sink): void => {
    members.delete(sink);
    if (members.size > 0 || stop.signal.aborted) return;
    endOnce();
    stop.abort();
  };
  /** Who has nothing left to spend gets nothing more. The others do not wait for it, so it is told where it can go on. */
  const dismissSpent = (): void => {
    for (const sink of members.keys()) {
      const spent = sink.payer?.client.refuse() ?? null;
      if (spent === null) continue;
      leave(sink);
      sink.fail([withLastCursor(spent, reached)]);
    }
  };

  const started = new Promise<readonly GraphQLError[] | null>((resolve) => {
    const pumped = pumpEvents(tools, operation, {
      from,
      extent: 'forever',
      signal: stop.signal,
      begin: dismissSpent,
      pay: () => void payTogether([...members.keys()], 1),
      started: () => {
        begun = true;
        resolve(null);
      },
      passed: (place) => {
        reached = place;
      },
      deliver: (entries, payloads) => {
        const [first, last] = [present(entries[0]), present(entries.at(-1))];
        delivered = last.position;
        const known = [...latest, ...entries];
        latestAfter = known.at(-MOST_LATEST - 1)?.position ?? latestAfter;
        latest = known.slice(-MOST_LATEST);
        for (const [sink, position] of members) {
          const missing = position < first.position ? 0 : entries.findIndex((entry) => entry.position > position);
          if (missing < 0) continue;
          handOn(sink, missing === 0 ? payloads : payloads.slice(missing));
          tools.counts.deliveries += payloads.length - missing;
        }
        for (const entry of entries)
          tools.meters.pushed({ kind: 'events', readers: members.size, ...tools.changes.commitOf(entry) });
      },
    });
    void pumped.then((outcome) => {
      if ('errors' in outcome && begun) end((sink) => sink.fail(outcome.errors));
      else if ('errors' in outcome) {
        // A reader that is still opening gets the errors as its answer.
        members.clear();
        endOnce();
        resolve(outcome.errors);
      } else {
        end((sink) => sink.complete());
        // If all readers left before the start, nobody may wait for it.
        resolve(null);
      }
    });
  });

  return {
    get delivered() {
      return delivered;
    },
    started,
    bringUp: (sink, place) => {
      const missed = place.position < latestAfter ? [] : latest.filter(({ position }) => position > place.position);
      const payloads = recall(tools.recent, operation.key, missed) ?? [];
      if (payloads.reduce((sum, { bytes }) => sum + bytes.length, 0) > MOST_LATEST_BYTES) return place;
      handOn(sink, payloads);
      tools.counts.deliveries += payloads.length;
      return payloads.length > 0 ? present(missed.at(-1)) : place;
    },
    get reached() {
      return reached;
    },
    join: (sink, position) => void members.set(sink, position),
    leave,
  };
}

/** Hands payloads to a reader, as one write if its transport can. */
export function handOn(sink: Sink, payloads: readonly Payload[]): void {
  if (sink.deliverAll !== undefined && payloads.length > 1) sink.deliverAll(payloads);
  else for (const payload of payloads) sink.deliver(payload);
}
