/** Runs work as soon as fewer than the most are under way, in the order of asking. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so many do their work at once. */
export function createTurns(most: number): InTurn {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    if (underWay >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else underWay += 1;
    try {
      return await work();
    } finally {
      // The turn is handed on, not given back: nobody who asks meanwhile comes first.
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
