import { createSourceEventStream, type ExecutionArgs, execute, GraphQLError } from 'graphql';
import type { ChangeEntry, Place } from '../changes/log.ts';
import type { ChangeStream } from '../changes/stream.ts';
import { inGroups, takeTurns } from './ahead.ts';
import { inPieces, pause } from './pace.ts';
import { type Payload, payloadOf } from './payload.ts';
import type { SharedArgs } from './shared-operation.ts';
import type { ExecutionTools } from './tools.ts';
import { throwIfUnsound } from './trouble.ts';

/**
 * So many events that are there already are executed together, as one query: a small one then costs a quarter of the CPU.
 * More cost hardly less each, and keep others waiting: what the query has found is taken apart in one go.
 */
const TOGETHER = 50;
/** Whoever catches up waits for whoever is live, and for the others that catch up. */
const turns = takeTurns();

export interface EventReading {
  /** The place that is read on from. */
  readonly from: Place;
  /** Without end, or until nothing lies between the reader and the tail. */
  readonly extent: 'forever' | 'to the tail';
  readonly signal: AbortSignal;
  /** Called once the operation was found to be sound. */
  readonly started?: () => void;
  /** Called with places up to which everything was handed on, or is none of its events. */
  readonly passed?: (place: Place) => void;
  readonly deliver: (entry: ChangeEntry, payload: Payload) => void | Promise<void>;
}

/** How it ended: at a place, or with what is wrong with the operation, or with its place in the log. */
export type EventOutcome = { readonly place: Place } | { readonly errors: readonly GraphQLError[] };

/**
 * Reads the log for a subscription, executes each of its events with a context of its own, and hands the payloads on, in order.
 * Trouble that passes delays it: reading is begun again after the last event that was handed on, for as long as it takes. So nothing is ever skipped;
 * a fault of ours ends it, with the place to go on from.
 */
export async function pumpEvents(
  tools: ExecutionTools,
  operation: SharedArgs,
  reading: EventReading,
): Promise<EventOutcome> {
  const { signal, passed } = reading;
  const effort = tools.trouble.begin(signal);
  let place = reading.from;
  // What is tried again is tried by itself: one event that fails keeps none before it from being handed on, and many may be too much at once.
  let most = TOGETHER;
  while (!signal.aborted) {
    const source = reading.extent === 'forever' ? tools.changes.followFrom(place) : tools.changes.catchUp(place);
    const stop = (): void => void source.return();
    signal.addEventListener('abort', stop);
    const chosen = new ChosenEvents(source, passed);
    try {
      const events = await openEvents(operation.args, chosen.stream);
      reading.started?.();
      for await (const group of inGroups(chosen.count(events), most)) {
        const executing = await executeTogether(tools, operation, group, reading);
        for (const [index, entry] of group.entries()) {
          if (reading.extent === 'to the tail') await pause();
          const payload = (await executing[index]) as Payload;
          if (signal.aborted) return { place };
          await reading.deliver(entry, payload);
          place = entry;
          chosen.handOn(entry);
          effort.done();
        }
        most = Math.min(2 * most, TOGETHER);
      }
      return { place: source.place };
    } catch (error) {
      most = 1;
      if (!(await effort.outlasts(error))) return { errors: [endOf(tools.errors.mask(error), place)] };
    } finally {
      signal.removeEventListener('abort', stop);
      await source.return();
    }
  }
  return { place };
}

/** The error that an operation ends with; of a fault the client learns where it can go on. */
export function endOf(error: GraphQLError, { cursor }: Pick<Place, 'cursor'>): GraphQLError {
  if (error.extensions.code !== 'INTERNAL_SERVER_ERROR') return error;
  return new GraphQLError(error.message, { extensions: { ...error.extensions, lastCursor: cursor } });
}

/** Tells of the places that are passed: of an event's once it was handed on, of one that is no event while none is under way. */
class ChosenEvents {
  /** The log as the operation chooses from it. Whoever asks for its next entry has chosen among those before. */
  readonly stream: ChangeStream;
  readonly #passed: (place: Place) => void;
  #underWay = 0;

  constructor(source: ChangeStream, passed: (place: Place) => void = () => undefined) {
    this.#passed = passed;
    const stream: ChangeStream = {
      next: () => {
        if (this.#underWay === 0) passed(source.place);
        return source.next();
      },
      return: () => source.return(),
      get place() {
        return source.place;
      },
      [Symbol.asyncIterator]: () => stream,
    };
    this.stream = stream;
  }

  /** The same events, each under way from here until it is handed on. */
  count(events: AsyncIterator<ChangeEntry>): AsyncIterator<ChangeEntry> {
    return {
      next: async () => {
        const step = await events.next();
        if (step.done !== true) this.#underWay += 1;
        return step;
      },
    };
  }

  handOn(entry: ChangeEntry): void {
    this.#underWay -= 1;
    this.#passed(entry);
  }
}

/**
 * Executes an operation on events that are there at the same time; each payload by itself, so that one that fails keeps none before it from being handed on.
 * For whoever is live in one go; for whoever catches up in pieces, between which whoever is live is served.
 */
async function executeTogether(
  tools: ExecutionTools,
  operation: SharedArgs,
  group: readonly ChangeEntry[],
  { extent, signal }: EventReading,
): Promise<readonly Promise<Payload>[]> {
  const start = (entry: ChangeEntry): Promise<Payload> => executeOnce(tools, operation, entry, group);
  if (extent === 'to the tail') return turns.later(async () => (signal.aborted ? [] : inPieces(group, start)));
  return turns.first(async () => {
    const executing = group.map(start);
    await Promise.allSettled(executing);
    return executing;
  });
}

/** Executes an operation on an event, unless that was done not long ago for another reader; throws what is not to be sent, and forgets it. */
async function executeOnce(
  tools: ExecutionTools,
  { key, args }: SharedArgs,
  entry: ChangeEntry,
  group: readonly ChangeEntry[],
): Promise<Payload> {
  // By its cursor: another log can have another entry at the same position.
  const remembered = `${entry.cursor} ${key}`;
  const execute = (): Promise<Payload> => executeAnew(tools, args, entry, group);
  return (await tools.recent.fetch(remembered, { context: execute })) ?? (await execute());
}

/** graphql-js would keep one context for the life of a subscription, and with it every loader and cache that hangs on it. */
async function executeAnew(
  tools: ExecutionTools,
  args: ExecutionArgs,
  entry: ChangeEntry,
  group: readonly ChangeEntry[],
): Promise<Payload> {
  tools.counts.executions += 1;
  const together = group.length > 1 ? { together: group } : {};
  const contextValue = { ...(args.contextValue as object), ...together };
  const result = await execute({ ...args, rootValue: entry, contextValue });
  throwIfUnsound(result, tools.errors);
  return payloadOf(result, entry.cursor, tools.errors);
}

/** Lets the operation's own resolver choose its events from a reading of the log, which is given to it with its context. */
async function openEvents(args: ExecutionArgs, source: ChangeStream): Promise<AsyncIterator<ChangeEntry>> {
  const contextValue = { ...(args.contextValue as object), events: source };
  const opened = await createSourceEventStream({ ...args, contextValue });
  if (Symbol.asyncIterator in opened) return (opened as AsyncIterable<ChangeEntry>)[Symbol.asyncIterator]();
  throw opened.errors?.[0] ?? new Error('A subscription opened neither events nor errors.');
}
