import { setTimeout as sleep } from 'node:timers/promises';
import { createSourceEventStream, type ExecutionArgs, GraphQLError } from 'graphql';
import type { ChangeEntry, Place } from '../changes/log.ts';
import type { ChangeStream } from '../changes/stream.ts';
import { present } from '../required.ts';
import { inBatches } from './batches.ts';
import { FilteredEvents } from './filtered-events.ts';
import { collectHints } from './hints.ts';
import { inPieces, pause } from './pace.ts';
import { type Payload, payloadName, payloadOf, recall } from './payload.ts';
import { throwServerError } from './retry.ts';
import { runOperation } from './run-operation.ts';
import { createScheduler } from './scheduler.ts';
import type { SharedArgs } from './shared-operation.ts';
import type { ExecutionTools } from './tools.ts';

/**
 * Maximum number of ready events that are executed together as one query. A small event then costs a quarter of the CPU.
 * Larger batches save hardly more per event and delay others, because a query's result is deserialised in one go.
 */
const MAX_BATCH = 50;
/** Events that are ready together go into one write until they have this size, at which a connection counts as full. */
const WRITE_BYTES = 64 * 1024;
/** After these errors a reader can go on. */
const RESUMABLE: ReadonlySet<unknown> = new Set(['INTERNAL_SERVER_ERROR', 'TIMED_OUT', 'RATE_LIMITED']);
/** Readers that catch up wait for live readers, and for each other. */
const scheduler = createScheduler();

export interface EventReading {
  /** The place to read on from. */
  readonly from: Place;
  /** Without end, or until the reader has reached the tail. */
  readonly extent: 'forever' | 'to the tail';
  readonly signal: AbortSignal;
  /** Called before events are executed; may abort the signal. */
  readonly begin?: () => void;
  /** Pays for an execution. */
  readonly pay: () => void;
  /** Pays for an entry before it is read, whether or not it is an event of the operation. Returns how long that has to wait, in milliseconds. */
  readonly payForEntry?: () => number;
  /** Called when the operation turned out to be valid. */
  readonly started?: () => void;
  /** Called with places up to which every event was handed on. It also covers entries that are no events of the operation. */
  readonly passed?: (place: Place) => void;
  /** Takes the next events in order: as many as are ready and go into one write, but one at a time if they are executed for this reader alone. */
  readonly deliver: (entries: readonly ChangeEntry[], payloads: readonly Payload[]) => void | Promise<void>;
}

/** How the reading ended: at a place, or with errors of the operation or of its place in the log. */
export type EventOutcome = { readonly place: Place } | { readonly errors: readonly GraphQLError[] };

/**
 * Reads the log for a subscription, executes each event with its own context, and hands the payloads on in order.
 * A temporary error delays it: reading starts again after the last event that was handed on, as often as needed, so no event is skipped.
 * An internal error ends it and reports the place to go on from.
 */
export async function pumpEvents(
  tools: ExecutionTools,
  operation: SharedArgs,
  reading: EventReading,
): Promise<EventOutcome> {
  const { signal, passed, payForEntry = () => 0 } = reading;
  const mayRead = async (): Promise<void> => {
    const wait = payForEntry();
    if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => undefined);
  };
  const retry = tools.retries.begin(signal);
  let place = reading.from;
  // After an error events are executed one at a time. Then one failing event does not hold back those before it, and a batch that was too
  // large is split.
  let most = MAX_BATCH;
  while (!signal.aborted) {
    const source = reading.extent === 'forever' ? tools.changes.followFrom(place) : tools.changes.catchUp(place);
    const stop = (): void => void source.return();
    signal.addEventListener('abort', stop);
    const filtered = new FilteredEvents(source, mayRead, passed);
    try {
      const events = await openEvents(operation.args, filtered.stream);
      reading.started?.();
      const canBeMore = (): boolean => source.place.position < tools.changes.position;
      for await (const batch of inBatches(filtered.count(events), most, canBeMore)) {
        reading.begin?.();
        if (signal.aborted) return { place };
        const execution = await executeTogether(tools, operation, batch, reading);
        for await (const { entries, payloads } of inWrites(batch, execution)) {
          if (signal.aborted) return { place };
          await reading.deliver(entries, payloads);
          for (const entry of entries) {
            place = entry;
            filtered.handOn(entry);
          }
          retry.succeeded();
        }
        most = Math.min(2 * most, MAX_BATCH);
      }
      return { place: source.place };
    } catch (error) {
      if (signal.aborted) return { place };
      most = 1;
      if (!(await retry.waitAfter(error))) return { errors: [withLastCursor(tools.errors.mask(error), place)] };
    } finally {
      signal.removeEventListener('abort', stop);
      await source.return();
    }
  }
  return { place };
}

/** The payloads of a batch, and whether they are handed on one at a time, with pauses. */
interface Execution {
  readonly executing: readonly (Promise<Payload> | Payload)[];
  readonly isStepwise: boolean;
}

/** Events that are handed on together, each with its payload. */
interface Together {
  readonly entries: ChangeEntry[];
  readonly payloads: Payload[];
}

/** The events of a batch as they are handed on. Those before a failing one still are. */
async function* inWrites(
  batch: readonly ChangeEntry[],
  { executing, isStepwise }: Execution,
): AsyncGenerator<Together, undefined, undefined> {
  let ready: Together = { entries: [], payloads: [] };
  let bytes = 0;
  for (const [index, entry] of batch.entries()) {
    if (isStepwise) await pause();
    try {
      const payload = present(await executing[index]);
      ready.entries.push(entry);
      ready.payloads.push(payload);
      bytes += payload.bytes.length;
    } catch (error) {
      if (ready.entries.length > 0) yield ready;
      throw error;
    }
    if (!isStepwise && bytes < WRITE_BYTES && index < batch.length - 1) continue;
    yield ready;
    ready = { entries: [], payloads: [] };
    bytes = 0;
  }
}

/** The error that ends an operation. If the operation itself is not wrong, it also tells the client where to resume. */
export function withLastCursor(error: GraphQLError, { cursor }: Pick<Place, 'cursor'>): GraphQLError {
  if (!RESUMABLE.has(error.extensions.code)) return error;
  return new GraphQLError(error.message, { extensions: { ...error.extensions, lastCursor: cursor } });
}

/**
 * Executes an operation on events that are ready at the same time. Each payload is separate, so that a failing one does not hold back
 * those before it.
 * For live readers all start at once. For readers that catch up they run in pieces, and live readers are served in between.
 */
async function executeTogether(
  tools: ExecutionTools,
  operation: SharedArgs,
  batch: readonly ChangeEntry[],
  { extent, signal, pay }: EventReading,
): Promise<Execution> {
  // It ends when its readers have left. Whoever still waits for the same then executes it again.
  const start = (entry: ChangeEntry): Promise<Payload> =>
    tools.lifetimes.whileRead(signal, () => executeOnce(tools, operation, entry, batch, pay));
  if (extent === 'to the tail') {
    // Of a crowd that resumes together only the first executes. If the others took as many turns of the event loop as it, their events
    // would be old before it is their turn.
    let known: readonly Payload[] | null = null;
    const isKnown = (): boolean => {
      known = recall(tools.recent, operation.key, batch);
      return known !== null;
    };
    return scheduler.runLater(async () => {
      if (known !== null) return { executing: known, isStepwise: false };
      const executing = signal.aborted ? [] : await inPieces(batch, async (entry) => start(entry));
      return { executing, isStepwise: true };
    }, isKnown);
  }
  return scheduler.runNow(async () => {
    const executing = batch.map(start);
    await Promise.allSettled(executing);
    return { executing, isStepwise: false };
  });
}

/**
 * Executes an operation on an event, or reuses a recent payload of another reader. An error that must not be sent is thrown and not
 * remembered.
 */
async function executeOnce(
  tools: ExecutionTools,
  { key, args }: SharedArgs,
  entry: ChangeEntry,
  batch: readonly ChangeEntry[],
  pay: () => void,
): Promise<Payload> {
  const remembered = payloadName(entry.cursor, key);
  const execute = (): Promise<Payload> => {
    pay();
    return executeEvent(tools, args, entry, batch);
  };
  return tools.recent.fetch(remembered, execute);
}

/** graphql-js keeps one context for the life of a subscription, with all its loaders and caches; so each event gets its own. */
async function executeEvent(
  tools: ExecutionTools,
  args: ExecutionArgs,
  entry: ChangeEntry,
  batch: readonly ChangeEntry[],
): Promise<Payload> {
  tools.counts.executions += 1;
  const together = batch.length > 1 ? { together: batch } : {};
  const { hints, addTo } = collectHints();
  const contextValue = { ...(args.contextValue as object), ...together, hints };
  const result = addTo(await runOperation({ ...args, rootValue: entry, contextValue }));
  throwServerError(result, tools.errors);
  return payloadOf(result, entry.cursor, tools.errors);
}

/** Lets the operation's own resolver filter its events. The resolver gets the log stream in its context. */
async function openEvents(args: ExecutionArgs, source: ChangeStream): Promise<AsyncIterator<ChangeEntry>> {
  const contextValue = { ...(args.contextValue as object), events: source };
  const opened = await createSourceEventStream({ ...args, contextValue });
  if (Symbol.asyncIterator in opened) return (opened as AsyncIterable<ChangeEntry>)[Symbol.asyncIterator]();
  throw opened.errors?.[0] ?? new Error('A subscription opened neither events nor errors.');
}
