import { setImmediate as nextTurn } from 'node:timers/promises';

const NOT_YET = Symbol('not yet');

/**
 * Hands the events on in groups: of each what is there already, at least one and at most so many, so that they can be executed together.
 * Nothing is waited for but the first of a group. What broke the events comes after the last of them.
 */
export async function* inGroups<Event>(
  events: AsyncIterator<Event>,
  most: number,
): AsyncGenerator<readonly Event[], undefined, undefined> {
  let pending: Promise<IteratorResult<Event>> | null = null;
  for (;;) {
    const group: Event[] = [];
    let turn: Promise<typeof NOT_YET> | undefined;
    while (group.length < most) {
      pending ??= events.next();
      const step = turn === undefined ? await pending : await Promise.race([pending, turn]).catch(() => NOT_YET);
      if (step === NOT_YET || typeof step === 'symbol') break;
      pending = null;
      if (step.done === true) {
        if (group.length > 0) yield group;
        return undefined;
      }
      group.push(step.value);
      turn ??= nextTurn(NOT_YET);
    }
    yield group;
  }
}

/** Who goes first where there is only one thread. */
export interface Turns {
  /** Begins at once. */
  first<T>(work: () => Promise<T>): Promise<T>;
  /** Begins once those before it, one at a time, are done, and whoever goes first and had begun by then. */
  later<T>(work: () => Promise<T>): Promise<T>;
}

/** Lets what cannot wait go first, without keeping the rest from ever having its turn. */
export function takeTurns(): Turns {
  const urgent = new Set<Promise<unknown>>();
  let last: Promise<unknown> = Promise.resolve();
  return {
    first: (work) => {
      const working = work();
      const done = Promise.allSettled([working]);
      urgent.add(done);
      void done.then(() => urgent.delete(done));
      return working;
    },
    later: (work) => {
      const working = last.then(async () => {
        // What was received meanwhile is seen to before.
        await nextTurn();
        await Promise.all(urgent);
        return work();
      });
      last = working.catch(() => undefined);
      return working;
    },
  };
}
