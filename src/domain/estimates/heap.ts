/** Items by priority, the lowest first; of equal priority, those with the lowest tie first. */
export interface Heap<Item> {
  push(item: Item, priority: number, tie?: number): void;
  /** Removes and returns the first item; undefined if there is none. */
  pop(): Item | undefined;
}

interface Entry<Item> {
  readonly item: Item;
  readonly priority: number;
  readonly tie: number;
}

/** Creates an empty binary heap: both operations take time in proportion to the logarithm of its size. */
export function createHeap<Item>(): Heap<Item> {
  const entries: Entry<Item>[] = [];
  const at = (index: number): Entry<Item> => entries[index] as Entry<Item>;
  const swap = (a: number, b: number): void => {
    [entries[a], entries[b]] = [at(b), at(a)];
  };
  const isLower = (a: number, b: number): boolean => {
    if (a >= entries.length) return false;
    const [one, other] = [at(a), at(b)];
    return one.priority < other.priority || (one.priority === other.priority && one.tie < other.tie);
  };

  return {
    push: (item, priority, tie = 0) => {
      let index = entries.push({ item, priority, tie }) - 1;
      while (index > 0) {
        const above = (index - 1) >> 1;
        if (!isLower(index, above)) break;
        swap(index, above);
        index = above;
      }
    },
    pop: () => {
      const [first] = entries;
      const last = entries.pop();
      if (last === undefined || entries.length === 0) return first?.item;
      entries[0] = last;
      for (let index = 0; ; ) {
        const [left, right] = [2 * index + 1, 2 * index + 2];
        const lower = isLower(right, left) ? right : left;
        if (!isLower(lower, index)) break;
        swap(index, lower);
        index = lower;
      }
      return first?.item;
    },
  };
}
