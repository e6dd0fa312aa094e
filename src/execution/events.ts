import { setTimeout as sleep } from 'node:timers/promises';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql';
import type { ChangeEntry, Place } from '../changes/log.ts';
import type { ChangeStream, Changes } from '../changes/stream.ts';
import { type ExecutionTools, type Payload, payloadOf } from './payload.ts';
import type { SharedArgs } from './shared-operation.ts';

/** An execution that fails for no reason that is known is tried so often before its error is sent. */
const TRIES = 3;
const DATABASE_RETRY_MS = 500;

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
 * A database that goes away delays it: reading is begun again behind the last event that was handed on.
 */
export async function pumpEvents(
  tools: ExecutionTools,
  { key, args }: SharedArgs,
  reading: EventReading,
): Promise<EventOutcome> {
  let place = reading.from;
  while (!reading.signal.aborted) {
    const source = reading.extent === 'forever' ? tools.changes.followFrom(place) : tools.changes.catchUp(place);
    const stop = (): void => void source.return();
    reading.signal.addEventListener('abort', stop);
    try {
      const opened = await openEvents(tools.changes, args, tellPassed(source, reading));
      if ('errors' in opened) {
        if (isSound(opened, tools)) {
          return { errors: opened.errors.map(tools.errors.mask) };
        }
        throw opened.errors[0];
      }
      reading.started?.();
      for (;;) {
        const step = await opened.events.next();
        if (step.done === true) return { place: source.place };
        const payload = await executeOnce(tools, { key, args }, step.value);
        if (reading.signal.aborted) break;
        await reading.deliver(step.value, payload);
        place = step.value;
      }
    } catch (error) {
      if (isSound({ errors: [error] }, tools)) return { errors: [tools.errors.mask(error)] };
      // What is wrong with the database is logged by the tail, which reads it all the time.
      await databaseIsBack(tools.changes, reading.signal);
    } finally {
      reading.signal.removeEventListener('abort', stop);
      await source.return();
    }
  }
  return { place };
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

/** Executes an operation on an event, unless that was done not long ago for another reader. */
async function executeOnce(tools: ExecutionTools, { key, args }: SharedArgs, entry: ChangeEntry): Promise<Payload> {
  const { recent, errors } = tools;
  const remembered = `${entry.position} ${key}`;
  let result: ExecutionResult | undefined;
  const execute = async (): Promise<Payload> => {
    result = await executeAnew(tools, args, entry);
    return payloadOf(result, entry.cursor, errors);
  };
  const payload = (await recent.fetch(remembered, { context: execute })) ?? (await execute());
  // What went wrong for no known reason is tried again for the next reader.
  if (result !== undefined && !isSound(result, tools)) recent.delete(remembered);
  return payload;
}

/** Whether its errors, if it has any, are the operation's own: neither a fault of ours nor trouble that passes. */
function isSound({ errors = [] }: { readonly errors?: readonly unknown[] }, tools: ExecutionTools): boolean {
  return errors.every((error) => tools.errors.describe(error) !== null && !tools.errors.isTemporary(error));
}

/** Executes an operation on an event, or for an answer; graphql-js would keep one context for the life of a subscription, and with it every loader and cache that hangs on it. */
export async function executeAnew(
  tools: ExecutionTools,
  args: ExecutionArgs,
  rootValue: object,
): Promise<ExecutionResult> {
  for (let attempt = 1; ; attempt += 1) {
    tools.counts.executions += 1;
    const result = await execute({ ...args, rootValue, contextValue: { ...(args.contextValue as object) } });
    if (isSound(result, tools) || attempt >= TRIES) return result;
    await databaseIsBack(tools.changes);
  }
}

type Opened = { readonly events: AsyncIterator<ChangeEntry> } | { readonly errors: readonly GraphQLError[] };

/** Lets the operation's own resolver open its events, on a reading of the log that is given to it. */
async function openEvents(changes: Changes, args: ExecutionArgs, source: ChangeStream): Promise<Opened> {
  const given: Changes = Object.create(changes, { follow: { value: async () => source } });
  const opened = await createSourceEventStream({
    ...args,
    contextValue: { ...(args.contextValue as object), changes: given },
  });
  if (Symbol.asyncIterator in opened) return { events: (opened as AsyncIterable<ChangeEntry>)[Symbol.asyncIterator]() };
  return { errors: opened.errors ?? [] };
}

/** Resolves once the database answers, or the signal aborts. */
export async function databaseIsBack(changes: Changes, signal?: AbortSignal): Promise<void> {
  while (signal?.aborted !== true) {
    try {
      await changes.state();
      return;
    } catch {
      await sleep(DATABASE_RETRY_MS);
    }
  }
}
