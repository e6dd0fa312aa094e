interface Box {
  readonly width: number;
  readonly height: number;
  /** The value at the top; 0 is at the bottom. */
  readonly largest: number;
}

/** The path through values at equal distances, from one place to another. It has gaps where they are unknown; a value alone between gaps is a dot. */
export function pathOf(values: readonly (number | null)[], from: number, { width, height, largest }: Box): string {
  let isDrawing = false;
  let path = '';
  for (const [index, value] of values.entries()) {
    if (index < from) continue;
    if (value === null) {
      isDrawing = false;
      continue;
    }
    const at = `${round((index / Math.max(values.length - 1, 1)) * width)} ${round(height * (1 - value / largest))}`;
    // A line of no length is a dot, as its ends are round.
    path += isDrawing ? `L${at}` : `M${at}h0`;
    isDrawing = true;
  }
  return path;
}

function round(length: number): number {
  return Math.round(length * 10) / 10;
}
