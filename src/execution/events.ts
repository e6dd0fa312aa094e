import { setTimeout as sleep } from 'node:timers/promises';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute, type GraphQLError } from 'graphql';
import type { ChangeEntry, Place } from '../changes/log.ts';
import type { ChangeStream, Changes } from '../changes/stream.ts';
import { inGroups, takeTurns } from './ahead.ts';
import { type ExecutionTools, type Payload, payloadOf } from './payload.ts';
import type { SharedArgs } from './shared-operation.ts';

/** An execution that fails for no reason that is known is tried so often before its error is sent. */
const TRIES = 3;
const DATABASE_RETRY_MS = 500;
/**
 * So many events that are there already are executed together, as one query: a small one then costs a quarter of the CPU.
 * More cost hardly less each, and keep others waiting: what follows the query is done in one go, in some 40 µs an event.
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
      const opened = await openEvents(tools.changes, args, source);
      if ('errors' in opened) {
        if (isSound(opened, tools)) {
          return { errors: opened.errors.map(tools.errors.mask) };
        }
        throw opened.errors[0];
      }
      reading.started?.();
      for await (const group of inGroups(opened.events, TOGETHER)) {
        const executing = await executeTogether(tools, { key, args }, group, reading.extent);
        for (const [index, entry] of group.entries()) {
          const payload = (await executing[index]) as Payload;
          if (reading.signal.aborted) return { place };
          await reading.deliver(entry, payload);
          place = entry;
        }
      }
      return { place: source.place };
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

/** Executes an operation on events that are there at the same time; each payload by itself, so that one that fails keeps none before it from being handed on. */
async function executeTogether(
  tools: ExecutionTools,
  operation: SharedArgs,
  group: readonly ChangeEntry[],
  extent: EventReading['extent'],
): Promise<readonly Promise<Payload>[]> {
  const start = () => group.map((entry) => executeOnce(tools, operation, entry, group));
  const execute = async (): Promise<readonly Promise<Payload>[]> => {
    const executing = start();
    await Promise.allSettled(executing);
    return executing;
  };
  return extent === 'forever' ? turns.first(execute) : turns.later(execute);
}

/** Executes an operation on an event, unless that was done not long ago for another reader. */
async function executeOnce(
  tools: ExecutionTools,
  { key, args }: SharedArgs,
  entry: ChangeEntry,
  group: readonly ChangeEntry[],
): Promise<Payload> {
  const { recent, errors } = tools;
  // By its cursor: another log can have another entry at the same position.
  const remembered = `${entry.cursor} ${key}`;
  let result: ExecutionResult | undefined;
  const execute = async (): Promise<Payload> => {
    result = await executeAnew(tools, args, entry, group.length > 1 ? group : undefined);
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
  together?: readonly ChangeEntry[],
): Promise<ExecutionResult> {
  for (let attempt = 1; ; attempt += 1) {
    tools.counts.executions += 1;
    // What is tried again is tried by itself.
    const own = attempt === 1 && together !== undefined ? { together } : {};
    const contextValue = { ...(args.contextValue as object), ...own };
    const result = await execute({ ...args, rootValue, contextValue });
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
