import type { ExecutionArgs, GraphQLError } from 'graphql';
import type { Place } from '../changes/log.ts';
import type { Changes } from '../changes/stream.ts';
import { type EventGroup, startEventGroup } from './event-group.ts';
import { pumpEvents } from './events.ts';
import { openLiveQueries } from './live-queries.ts';
import { PATIENCE_MS, untilAvailable, within } from './patience.ts';
import { type ErrorPolicy, rememberPayloads, type Sink } from './payload.ts';
import type { ReadNotes } from './read-notes.ts';
import { type SharedArgs, shareOperation } from './shared-operation.ts';
import type { ExecutionTools, SubscriptionCounts } from './tools.ts';
import { watchTrouble } from './trouble.ts';

/** One reader's subscription; closing it twice does no harm. */
export interface Subscription {
  close(): void;
  /** The cursor of the newest place up to which everything was handed to the sink; of a live query the sink knows it. */
  readonly reached?: string;
}

/** All subscriptions of this process. */
export interface Subscriptions {
  /**
   * Starts a reader, behind the cursor that its transport kept, else where the operation says.
   * What is wrong with the operation comes back as errors; what breaks later goes to the sink.
   * In the midst of trouble that passes it waits up to 10 s, less what it has waited already, then comes back with TEMPORARILY_UNAVAILABLE.
   */
  open(
    args: ExecutionArgs,
    access: string,
    sink: Sink,
    resumeAfter?: string | null,
    waitedMs?: number,
  ): Promise<Subscription | { readonly errors: readonly GraphQLError[] }>;
  readonly counts: Readonly<SubscriptionCounts>;
  /** How many operations are being executed for their readers. */
  readonly groups: number;
}

/** What the room is given, besides the log. */
export interface SubscriptionOptions {
  readonly errors: ErrorPolicy;
  readonly notes: ReadNotes;
  /** The way of live queries to the database. */
  readonly liveDb: unknown;
  /** How long, in milliseconds, whoever subscribes in the midst of trouble waits; 10 s if not given. */
  readonly patienceMs?: number;
}

/**
 * Identical subscriptions that are at the log's end share one execution and one serialised payload.
 * A reader that resumes reads alone until nothing lies between it and the others; what was executed for anybody not long ago is not executed again.
 */
export function createSubscriptions(
  changes: Changes,
  { errors, notes, liveDb, patienceMs = PATIENCE_MS }: SubscriptionOptions,
): Subscriptions {
  const counts: SubscriptionCounts = { executions: 0, deliveries: 0 };
  const trouble = watchTrouble(changes, errors);
  const tools: ExecutionTools = { changes, errors, notes, liveDb, trouble, counts, recent: rememberPayloads() };
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
        const left = (): number => Math.max(0, began + patienceMs - performance.now());
        const locate = () => changes.locate(resumeAfter ?? operation.after);
        const place = await untilAvailable(locate, errors.isTemporary, left());
        sink.begin?.(place.cursor);
        if (operation.isLive) return { close: liveQueries.join(shared, sink, place.position) };
        const reader = new EventReader(sink, place);
        const opening = readEvents(tools, eventGroups, shared, sink, reader, place);
        // Its filter is read from the database as well. Once it has begun it waits as long as trouble lasts.
        return await within(left(), opening).catch((error: unknown) => {
          reader.close();
          throw error;
        });
      } catch (error) {
        return { errors: [errors.mask(error)] };
      }
    },
    counts,
    get groups() {
      return eventGroups.size + liveQueries.size;
    },
  };
}

/** Reads alone for as long as the reader is behind the others, or the log's end; then joins them, or is the first of them. */
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

  /** The group, when nothing would be missed by joining it at once, without a step in between. */
  const reachedGroup = (): EventGroup | null => {
    const group = groups.get(key);
    if (group === undefined ? place.position < tools.changes.position : place.position < group.delivered) return null;
    const reached = group ?? startEventGroup(tools, operation, place, () => groups.delete(key));
    groups.set(key, reached);
    return reached;
  };

  /** Waits while the group is ahead of this process's tail, by a cursor that was just read: nothing could be caught up with, and asking on and on would leave no time to read it. */
  const reachTail = async (): Promise<void> => {
    const ahead = groups.get(key)?.delivered ?? 0n;
    if (place.position < ahead && place.position >= tools.changes.position) {
      await tools.changes.grown(place.position, reader.beginAlone());
    }
  };

  const catchUp = (started: () => void) =>
    pumpEvents(tools, operation, {
      from: place,
      extent: 'to the tail',
      signal: reader.beginAlone(),
      started,
      passed: (passed) => reader.passed(passed),
      deliver: async (_entry, payload) => {
        sink.gather?.();
        sink.deliver(payload);
        tools.counts.deliveries += 1;
        await sink.ready();
      },
    });

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

  // The answer is whether the operation is sound; a long catching up goes on behind it.
  const wrong = await new Promise<readonly GraphQLError[] | null>((resolve, reject) => {
    let told = false;
    const tell = (errors: readonly GraphQLError[] | null): void => {
      if (told && errors !== null) sink.fail(errors);
      told = true;
      resolve(errors);
    };
    follow(() => tell(null)).then(tell, (error: unknown) =>
      told ? sink.fail([tools.errors.mask(error)]) : reject(error),
    );
  });
  return wrong === null ? reader : { errors: wrong };
}

/** What has to be kept for a reader of events for as long as it reads, and nothing of how it began. */
class EventReader implements Subscription {
  readonly #sink: Sink;
  #alone: AbortController | null = null;
  #group: EventGroup | null = null;
  /** Where it is by itself; null once the group is as far, because there are as many readers as subscriptions. */
  #place: Place | null;
  isClosed = false;

  constructor(sink: Sink, place: Place) {
    this.#sink = sink;
    this.#place = place;
  }

  get reached(): string {
    const ofGroup = this.#group?.reached;
    if (ofGroup !== undefined && ofGroup.position >= (this.#place?.position ?? 0n)) this.#place = null;
    return (this.#place ?? (ofGroup as Place)).cursor;
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
