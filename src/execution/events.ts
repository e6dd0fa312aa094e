import { createSourceEventStream, type ExecutionArgs, execute, GraphQLError } from 'graphql';
import type { ChangeEntry, Place } from '../changes/log.ts';
import type { ChangeStream } from '../changes/stream.ts';
import { type Payload, payloadOf } from './payload.ts';
import type { SharedArgs } from './shared-operation.ts';
import type { ExecutionTools } from './tools.ts';
import { throwIfUnsound } from './trouble.ts';

export interface EventReading {
  /** The place that is read on from. */
  readonly from: Place;
  /** Without end, or until nothing lies between the reader and the tail. */
  readonly extent: 'forever' | 'to the tail';
  readonly signal: AbortSignal;
  /** Called once the operation was found to be sound. */
  readonly started?: () => void;
  /** Called with each place up to which everything was handed on, or is none of its events. */
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
  const { signal } = reading;
  const effort = tools.trouble.begin(signal);
  let place = reading.from;
  while (!signal.aborted) {
    const source = reading.extent === 'forever' ? tools.changes.followFrom(place) : tools.changes.catchUp(place);
    const stop = (): void => void source.return();
    signal.addEventListener('abort', stop);
    try {
      const events = await openEvents(operation.args, tellPassed(source, reading));
      reading.started?.();
      for (;;) {
        const step = await events.next();
        if (step.done === true) return { place: source.place };
        const payload = await executeOnce(tools, operation, step.value);
        if (signal.aborted) break;
        await reading.deliver(step.value, payload);
        place = step.value;
        effort.done();
      }
    } catch (error) {
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

/** The same stream. Whoever asks it for the next entry is done with those before. */
function tellPassed(source: ChangeStream, { passed }: EventReading): ChangeStream {
  const stream: ChangeStream = {
    next: () => {
      passed?.(source.place);
      return source.next();
    },
    return: () => source.return(),
    get place() {
      return source.place;
    },
    [Symbol.asyncIterator]: () => stream,
  };
  return stream;
}

/** Executes an operation on an event, unless that was done not long ago for another reader; throws what is not to be sent, and forgets it. */
async function executeOnce(tools: ExecutionTools, { key, args }: SharedArgs, entry: ChangeEntry): Promise<Payload> {
  // By its cursor: another log can have another entry at the same position.
  const remembered = `${entry.cursor} ${key}`;
  const execute = (): Promise<Payload> => executeAnew(tools, args, entry);
  return (await tools.recent.fetch(remembered, { context: execute })) ?? (await execute());
}

/** graphql-js would keep one context for the life of a subscription, and with it every loader and cache that hangs on it. */
async function executeAnew(tools: ExecutionTools, args: ExecutionArgs, entry: ChangeEntry): Promise<Payload> {
  tools.counts.executions += 1;
  const result = await execute({ ...args, rootValue: entry, contextValue: { ...(args.contextValue as object) } });
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
