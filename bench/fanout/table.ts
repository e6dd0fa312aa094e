/** Prints rows as a Markdown table, with the keys of the first as its head. */
export function printTable(title: string, rows: readonly Readonly<Record<string, string | number>>[]): void {
  const heads = Object.keys(rows[0] ?? {});
  const lines = [heads, heads.map(() => '---'), ...rows.map((row) => heads.map((head) => String(row[head] ?? '')))];
  process.stdout.write(`\n${title}\n\n${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`);
}

/** The latencies of the arrivals, sorted, in milliseconds. */
export function latencies(
  committed: readonly { readonly value: number; readonly at: number }[],
  arrived: readonly { readonly value: number; readonly at: number }[],
): readonly number[] {
  const begun = new Map(committed.map(({ value, at }) => [value, at]));
  return arrived
    .flatMap(({ value, at }) => (begun.has(value) ? [at - (begun.get(value) as number)] : []))
    .sort((a, b) => a - b);
}

/** The percentile of sorted values. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
}

export function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}
