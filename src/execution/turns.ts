import { setImmediate as nextTurn } from 'node:timers/promises';
import { GraphQLError } from 'graphql';
import { TemporarilyUnavailable } from '../errors.ts';
import { present } from '../required.ts';
import type { Asker } from './admission.ts';
import { createFairQueue } from './fair-queue.ts';

/** Maximum time, in milliseconds, that this work takes in one turn of the event loop. A single piece may take longer. */
const PIECE_MS = 2;
const MIB = 1024 * 1024;
/** How much may wait of one client, and of all: at some milliseconds each, more would wait for longer than clients do. */
const MOST: MostWaiting = { ofClient: { works: 500, bytes: 64 * MIB }, ofAll: { works: 2_000, bytes: 128 * MIB } };
/** What keeps less is counted as a work, but not by its bytes, so that large ones do not keep it out. */
const SMALL_BYTES = 64 * 1024;
/** How long a client waits that has too much waiting, in seconds. */
const RETRY_AFTER_SECONDS = 2;

interface Most {
  readonly works: number;
  /** What the works keep while they wait. */
  readonly bytes: number;
}

export interface MostWaiting {
  readonly ofClient: Most;
  readonly ofAll: Most;
}

/** Whose work it is: those of one name are one client. */
export type Sender = Pick<Asker, 'name' | 'isGone'>;

/** Work that keeps the thread busy, a little in each turn of the event loop, so that no burst of it delays everything else. */
export interface Turns {
  /**
   * Does work of a client: at once if nobody waits, else in the client's queue, the queues taking turns. Throws RATE_LIMITED if too much of
   * the client waits already, and TemporarilyUnavailable if too much of all does, or the client is gone by its turn.
   */
  take<T>(sender: Sender, work: () => T, bytes?: number): Promise<T>;
  /** The same for what has been worked for already, so that it is not refused. There are only as many as are executed at once. */
  finish<T>(name: string, work: () => T): Promise<T>;
}

interface Waiting {
  readonly name: string;
  readonly bytes: number;
  begin(): void;
  refuse(): void;
}

/** Creates empty queues. */
export function createTurns({ ofClient, ofAll }: MostWaiting = MOST): Turns {
  const queue = createFairQueue<Waiting>();
  const kept = new Map<string, number>();
  let keptOfAll = 0;
  /** The time that was worked in this turn of the event loop, in milliseconds; null if nothing was. */
  let worked: number | null = null;

  const keep = (name: string, bytes: number): void => {
    if (bytes === 0) return;
    keptOfAll += bytes;
    const ofName = (kept.get(name) ?? 0) + bytes;
    if (ofName === 0) kept.delete(name);
    else kept.set(name, ofName);
  };
  const workOff = (): void => {
    worked ??= 0;
    const began = performance.now() - worked;
    while (queue.size > 0 && worked < PIECE_MS) {
      const next = present(queue.takeNext());
      keep(next.name, -next.bytes);
      next.begin();
      worked = performance.now() - began;
    }
  };
  const beginTurn = async (): Promise<void> => {
    do {
      workOff();
      await nextTurn();
      worked = null;
    } while (queue.size > 0);
  };
  const start = (): void => {
    if (worked === null) void beginTurn();
    else workOff();
  };

  /** If all together are too many, the last of the longest queue is refused. */
  const makeRoom = (name: string): boolean => {
    if (queue.size < ofAll.works) return true;
    if (queue.longest <= queue.lengthOf(name) + 1) return false;
    const last = present(queue.takeLastOfLongest());
    keep(last.name, -last.bytes);
    last.refuse();
    return true;
  };
  const refuse = (name: string, bytes: number): Error | null => {
    // Whatever it keeps, it keeps no more while it waits for nobody.
    if (queue.size === 0) return null;
    const ofName = kept.get(name) ?? 0;
    if (queue.lengthOf(name) >= ofClient.works)
      return tooMany(`${ofClient.works} operations of this client wait to be read already.`, ofClient.works);
    if (bytes > 0 && ofName + bytes > ofClient.bytes)
      return tooMany(
        `The operations of this client that wait to be read would take more than ${ofClient.bytes} bytes.`,
        ofClient.bytes,
      );
    if (bytes > 0 && keptOfAll + bytes > ofAll.bytes) return new TemporarilyUnavailable();
    return makeRoom(name) ? null : new TemporarilyUnavailable();
  };

  return {
    take: (sender, work, size = 0) =>
      new Promise((resolve, reject) => {
        const { name } = sender;
        const bytes = size > SMALL_BYTES ? size : 0;
        const refusal = refuse(name, bytes);
        if (refusal !== null) return reject(refusal);
        const away = (): void => reject(new TemporarilyUnavailable());
        keep(name, bytes);
        queue.join(name, {
          name,
          bytes,
          refuse: away,
          begin: () => (sender.isGone() ? away() : settle(work, resolve, reject)),
        });
        start();
      }),
    finish: (name, work) =>
      new Promise((resolve, reject) => {
        const begin = (): void => settle(work, resolve, reject);
        // In a queue of its own, so that a client's new operations do not delay its answers.
        queue.join(`${name} answers`, { name, bytes: 0, begin, refuse: begin });
        start();
      }),
  };
}

function settle<T>(work: () => T, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  try {
    resolve(work());
  } catch (error) {
    reject(error);
  }
}

function tooMany(what: string, limit: number): GraphQLError {
  return new GraphQLError(`${what} Try again in ${RETRY_AFTER_SECONDS} s.`, {
    extensions: { code: 'RATE_LIMITED', limit, retryAfter: RETRY_AFTER_SECONDS },
  });
}
