import { present } from '../required.ts';

/** Waiters in one queue for each name. The queues take turns, so that a long queue does not delay the others. */
export interface FairQueue<Waiter> {
  /** Number of all waiters. */
  readonly size: number;
  /** Number of waiters in the longest queue. */
  readonly longest: number;
  lengthOf(name: string): number;
  /** Adds a waiter at the end of its queue. */
  join(name: string, waiter: Waiter): void;
  /** Removes a waiter; does nothing if it is not there. */
  leave(name: string, waiter: Waiter): void;
  /** Removes and returns the first of the queue whose turn it is; undefined when nobody waits. */
  takeNext(): Waiter | undefined;
  /** Removes and returns the last of the longest queue. */
  takeLastOfLongest(): Waiter | undefined;
}

/** Creates empty queues. */
export function createFairQueue<Waiter>(): FairQueue<Waiter> {
  /** In the order of turns: the next queue comes first. */
  const queues = new Map<string, Set<Waiter>>();
  let size = 0;

  const findLongest = (): readonly [string, ReadonlySet<Waiter>] | undefined => {
    const [first, ...others] = queues;
    return others.reduce(
      (longest, queue) => (longest !== undefined && longest[1].size >= queue[1].size ? longest : queue),
      first,
    );
  };
  const leave = (name: string, waiter: Waiter): void => {
    const queue = queues.get(name);
    if (queue?.delete(waiter) !== true) return;
    size -= 1;
    if (queue.size === 0) queues.delete(name);
  };

  return {
    get size() {
      return size;
    },
    get longest() {
      return findLongest()?.[1].size ?? 0;
    },
    lengthOf: (name) => queues.get(name)?.size ?? 0,
    join: (name, waiter) => {
      const queue = queues.get(name) ?? new Set();
      queues.set(name, queue.add(waiter));
      size += 1;
    },
    leave,
    takeNext: () => {
      for (const [name, queue] of queues) {
        const [next] = queue;
        leave(name, present(next));
        if (queue.size > 0) {
          queues.delete(name);
          queues.set(name, queue);
        }
        return next;
      }
      return undefined;
    },
    takeLastOfLongest: () => {
      const [name, queue] = findLongest() ?? ['', new Set<Waiter>()];
      const last = [...queue].at(-1);
      if (last !== undefined) leave(name, last);
      return last;
    },
  };
}
