/** Those who wait, in a line for each name; the lines take turns, so that a long one makes nobody in another wait longer. */
export interface Lines<Waiter> {
  /** How many wait in all. */
  readonly size: number;
  /** How many wait in the longest line. */
  readonly longest: number;
  lengthOf(name: string): number;
  /** Adds a waiter at the end of its line. */
  join(name: string, waiter: Waiter): void;
  /** Takes a waiter away; one that is not there does no harm. */
  leave(name: string, waiter: Waiter): void;
  /** Takes the first of the line whose turn it is; undefined when nobody waits. */
  takeNext(): Waiter | undefined;
  /** Takes the last of the longest line. */
  takeLastOfLongest(): Waiter | undefined;
}

/** Lines that nobody stands in yet. */
export function createLines<Waiter>(): Lines<Waiter> {
  /** The line whose turn it is comes first. */
  const lines = new Map<string, Set<Waiter>>();
  let size = 0;

  const findLongest = (): readonly [string, ReadonlySet<Waiter>] | undefined => {
    const [first, ...others] = lines;
    return others.reduce(
      (longest, line) => (longest !== undefined && longest[1].size >= line[1].size ? longest : line),
      first,
    );
  };
  const leave = (name: string, waiter: Waiter): void => {
    const line = lines.get(name);
    if (line?.delete(waiter) !== true) return;
    size -= 1;
    if (line.size === 0) lines.delete(name);
  };

  return {
    get size() {
      return size;
    },
    get longest() {
      return findLongest()?.[1].size ?? 0;
    },
    lengthOf: (name) => lines.get(name)?.size ?? 0,
    join: (name, waiter) => {
      const line = lines.get(name) ?? new Set();
      lines.set(name, line.add(waiter));
      size += 1;
    },
    leave,
    takeNext: () => {
      for (const [name, line] of lines) {
        const [next] = line;
        leave(name, next as Waiter);
        if (line.size > 0) {
          lines.delete(name);
          lines.set(name, line);
        }
        return next;
      }
      return undefined;
    },
    takeLastOfLongest: () => {
      const [name, line] = findLongest() ?? ['', new Set<Waiter>()];
      const last = [...line].at(-1);
      if (last !== undefined) leave(name, last);
      return last;
    },
  };
}
