/** A span with an upper bound. One that was refused is among them too: they only say where to look. */
export interface Bounded {
  readonly from: number;
  readonly to: number;
}

/** The longest spans over which upper bounds lead, because the curve never falls: from any day before another to its end. */
export function mergeBounded(spans: readonly Bounded[]): readonly Bounded[] {
  const merged: Bounded[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || span.from > last.to) merged.push(span);
    else if (span.to > last.to) merged[merged.length - 1] = { from: last.from, to: span.to };
  }
  return merged;
}

/** Whether the count between two days can have an upper bound. */
export function isBounded(merged: readonly Bounded[], from: number, to: number): boolean {
  let [low, high] = [0, merged.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((merged[middle]?.from ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  return (merged[low - 1]?.to ?? Number.NEGATIVE_INFINITY) >= to;
}
