import { setImmediate as nextTurn } from 'node:timers/promises';
import { present } from '../required.ts';
import { createFairQueue } from './fair-queue.ts';

/** Maximum time, in milliseconds, that this work takes in one turn of the event loop. A single piece may take longer. */
const PIECE_MS = 2;

/** Work that keeps the thread busy, a little in each turn of the event loop, so that no burst of it delays everything else. */
export interface Turns {
  /** Does work of a client: at once if nobody waits, else in the client's queue, the queues taking turns. */
  take<T>(client: string, work: () => T): Promise<T>;
}

/** Creates empty queues. */
export function createTurns(): Turns {
  const queue = createFairQueue<() => void>();
  /** The time that was worked in this turn of the event loop, in milliseconds; null if nothing was. */
  let worked: number | null = null;

  const workOff = (): void => {
    worked ??= 0;
    const began = performance.now() - worked;
    while (queue.size > 0 && worked < PIECE_MS) {
      present(queue.takeNext())();
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

  return {
    take: (client, work) =>
      new Promise((resolve, reject) => {
        queue.join(client, () => {
          try {
            resolve(work());
          } catch (error) {
            reject(error);
          }
        });
        if (worked === null) void beginTurn();
        else workOff();
      }),
  };
}
