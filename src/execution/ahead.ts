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

/** Lets so many at a time do something; the others wait in line. */
export function takeTurns(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let busy = 0;
  return async (work) => {
    if (busy >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      // Whoever comes next begins in a turn of its own, so that what others have received meanwhile is seen to first.
      else setImmediate(next);
    }
  };
}
