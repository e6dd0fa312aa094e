import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { Place } from '../changes/log.ts';
import type { Changes } from '../changes/stream.ts';
import { type Meters, NO_METERS } from '../meters.ts';
import { present } from '../required.ts';
import { MAX_WAIT_MS, retryUntilAvailable, withTimeout } from './backoff.ts';
import { COST_OF_ENTRY, payFor } from './client.ts';
import { createDeltas, type Deltas } from './deltas.ts';
import { type EventGroup, handOn, startEventGroup } from './event-group.ts';
import { pumpEvents } from './events.ts';
import type { Lifetimes } from './lifetime.ts';
import { openLiveQueries } from './live-queries.ts';
import { type ErrorPolicy, rememberPayloads, type SharedWork, type Sink } from './payload.ts';
import type { ReadNotes } from './read-notes.ts';
import { createRetries } from './retry.ts';
import { type SharedArgs, shareOperation } from './shared-operation.ts';
import type { ExecutionTools, SubscriptionCounts } from './tools.ts';

/** One reader's subscription; closing it twice does no harm. */
export interface Subscription {
  close(): void;
  /** The cursor of the newest place up to which everything was handed to the sink. Not set for a live query, whose sink knows it. */
  readonly reached?: string;
}

/** All subscriptions of this process. */
export interface Subscriptions {
  /**
   * Starts a reader after the transport's cursor, or else where the operation says.
   * Errors of the operation are returned; later errors go to the sink.
   * During an outage it waits up to 10 s, less waitedMs, and then returns TEMPORARILY_UNAVAILABLE.
   */
  open(
    args: ExecutionArgs,
    access: string,
    sink: Sink,
    resumeAfter?: string | null,
    waitedMs?: number,
  ): Promise<Subscription | { readonly errors: readonly GraphQLError[] }>;
  /** For the readers of live queries who ask for differences. */
  readonly deltas: Deltas;
  readonly counts: Readonly<SubscriptionCounts>;
  /** Number of operations that are executed for their readers. */
  readonly groups: number;
  /** The same, by kind. */
  readonly groupsOf: Readonly<Record<'events' | 'live', number>>;
}

/** What subscriptions need besides the log. */
export interface SubscriptionOptions {
  readonly errors: ErrorPolicy;
  readonly notes: ReadNotes;
  readonly lifetimes: Lifetimes;
  /** Begins to count who waits for shared work. */
  readonly share: () => SharedWork;
  /** The database lane of live queries. */
  readonly liveDb: unknown;
  /** How long a new subscriber waits during an outage, in milliseconds; 10 s if not given. */
  readonly maxWaitMs?: number | undefined;
  readonly meters?: Meters | undefined;
}

/**
 * Identical subscriptions at the log's end share one execution and one serialised payload.
 * A resuming reader reads alone until it has caught up with the others. Payloads that were executed recently for other readers are
 * reused.
 */
export function createSubscriptions(
  changes: Changes,
  { errors, notes, lifetimes, share, liveDb, maxWaitMs = MAX_WAIT_MS, meters = NO_METERS }: SubscriptionOptions,
): Subscriptions {
  const counts: SubscriptionCounts = { executions: 0, deliveries: 0 };
  const retries = createRetries(changes, errors);
  const recent = rememberPayloads(share);
  const tools: ExecutionTools = { changes, errors, notes, lifetimes, liveDb, retries, counts, meters, recent };
  const eventGroups = new Map<string, EventGroup>();
  const liveQueries = openLiveQueries(tools);
  return {
    open: async (args, access, sink, resumeAfter, waitedMs = 0) => {
      try {
        const operation = shareOperation(args, access);
        if ('errors' in operation) return operation;
        const { key, document, variableValues } = operation;
        const shared = { key, args: { ...args, document, variableValues: { ...variableValues } } };
        const began = performance.now() - waitedMs;
        const left = (): number => Math.max(0, began + maxWaitMs - performance.now());
        const locate = () => changes.locate(resumeAfter ?? operation.after);
        const place = await retryUntilAvailable(locate, errors.isTemporary, left());
        sink.begin?.(place.cursor);
        if (operation.isLive) return { close: liveQueries.join(shared, sink, place.position) };
        const reader = new EventReader(sink, place);
        const opening = readEvents(tools, eventGroups, shared, sink, reader, place);
        // The filter is read from the database as well, so the start has a limit. After the start it waits as long as an outage lasts.
        return await withTimeout(left(), opening).catch((error: unknown) => {
          reader.close();
          throw error;
        });
      } catch (error) {
        return { errors: [errors.mask(error)] };
      }
    },
    deltas: createDeltas(),
    counts,
    get groups() {
      return eventGroups.size + liveQueries.size;
    },
    get groupsOf() {
      return { events: eventGroups.size, live: liveQueries.size };
    },
  };
}

/** Reads alone until the reader has reached its group, or the log's end; then joins the group, or starts it. */
async function readEvents(
  tools: ExecutionTools,
  groups: Map<string, EventGroup>,
  operation: SharedArgs,
  sink: Sink,
  reader: EventReader,
  from: Place,
): Promise<Subscription | { readonly errors: readonly GraphQLError[] }> {
  const { key } = operation;
  let place = from;

  /** The group, if the reader can join it at once without a gap. Joining must follow without a step in between. */
  const reachedGroup = (): EventGroup | null => {
    const group = groups.get(key);
    if (group !== undefined && place !== from && place.position < group.delivered) place = group.bringUp(sink, place);
    if (group === undefined ? place.position < tools.changes.position : place.position < group.delivered) return null;
    const reached = group ?? startEventGroup(tools, operation, place, () => groups.delete(key));
    groups.set(key, reached);
    return reached;
  };

  /**
   * Waits while the group is ahead of this process's tail, because the group began at a cursor that was just read from the database.
   * There is nothing to catch up with yet, and a busy loop would leave no time to read it.
   */
  const reachTail = async (): Promise<void> => {
    const ahead = groups.get(key)?.delivered ?? 0n;
    if (place.position < ahead && place.position >= tools.changes.position) {
      await tools.changes.grown(place.position, reader.beginAlone());
    }
  };

  const catchUp = (started: () => void) => {
    const signal = reader.beginAlone();
    const replay = () =>
      pumpEvents(tools, operation, {
        from: place,
        extent: 'to the tail',
        signal,
        pay: () => void payFor(sink.payer, 1),
        payForEntry: () => sink.payer?.client.pay(COST_OF_ENTRY) ?? 0,
        started,
        passed: (passed) => reader.passed(passed),
        deliver: async (_entries, payloads) => {
          sink.cork?.();
          handOn(sink, payloads);
          tools.counts.deliveries += payloads.length;
          await sink.ready();
          const wait = payFor(sink.payer, 0);
          if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
        },
      });
    return sink.payer === undefined ? replay() : sink.payer.client.replay(replay);
  };

  const follow = async (started: () => void): Promise<readonly GraphQLError[] | null> => {
    while (!reader.isClosed) {
      const group = reachedGroup();
      if (group !== null) {
        reader.join(group, place);
        return group.started;
      }
      const outcome = await catchUp(started);
      if ('errors' in outcome) return outcome.errors;
      place = outcome.place;
      await reachTail();
    }
    return null;
  };

  // The answer tells only whether the operation is valid; catching up goes on after it.
  const invalid = await new Promise<readonly GraphQLError[] | null>((resolve, reject) => {
    let answered = false;
    const answer = (errors: readonly GraphQLError[] | null): void => {
      if (answered && errors !== null) sink.fail(errors);
      answered = true;
      resolve(errors);
    };
    follow(() => answer(null)).then(answer, (error: unknown) =>
      answered ? sink.fail([tools.errors.mask(error)]) : reject(error),
    );
  });
  return invalid === null ? reader : { errors: invalid };
}

/** What has to be kept for an event reader, without the state of its start. There are as many as subscriptions, so it is small. */
class EventReader implements Subscription {
  readonly #sink: Sink;
  #alone: AbortController | null = null;
  #group: EventGroup | null = null;
  /** Its own place; null when the group has reached it, to save memory. */
  #place: Place | null;
  isClosed = false;

  constructor(sink: Sink, place: Place) {
    this.#sink = sink;
    this.#place = place;
  }

  get reached(): string {
    const ofGroup = this.#group?.reached;
    if (ofGroup !== undefined && ofGroup.position >= (this.#place?.position ?? 0n)) this.#place = null;
    return (this.#place ?? present(ofGroup)).cursor;
  }

  passed(place: Place): void {
    this.#place = place;
  }

  /** The signal that ends what is executed for this reader alone. */
  beginAlone(): AbortSignal {
    this.#alone = new AbortController();
    if (this.isClosed) this.#alone.abort();
    return this.#alone.signal;
  }

  join(group: EventGroup, place: Place): void {
    this.#alone = null;
    this.#group = group;
    this.#place = group.reached.position >= place.position ? null : place;
    group.join(this.#sink, place.position);
  }

  close(): void {
    this.isClosed = true;
    this.#alone?.abort();
    this.#group?.leave(this.#sink);
  }
}
