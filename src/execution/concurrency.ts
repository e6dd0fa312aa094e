/** Runs work in the order of calls, as soon as fewer than the maximum are running. */
export type RunLimited = <T>(work: () => Promise<T>) => Promise<T>;

/** Limits the number of works that run at once. */
export function limitConcurrency(most: number): RunLimited {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return async (work) => {
    if (underWay >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else underWay += 1;
    try {
      return await work();
    } finally {
      // The turn passes directly to the next in line, so that no new caller can take it.
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };
}
