/** How deep a text is looked for that tells the rows of a list apart. */
const MAX_LEVELS = 4;

/** What two versions of a list call their rows. Within each version no two rows have the same key. */
export interface RowKeys {
  readonly keysBefore: readonly string[];
  readonly keysAfter: readonly string[];
}

type Way = readonly string[];

/**
 * Finds keys that are the same for the same row: the first text in the rows that differs in all of them, an `id` before others. Rows
 * without such a text are the same if they are equal.
 */
export function rowKeys(before: readonly unknown[], after: readonly unknown[]): RowKeys {
  const way = waysIn(after[0]).find((each) => tellsApart(before, each) && tellsApart(after, each));
  return { keysBefore: keysOf(before, way), keysAfter: keysOf(after, way) };
}

/** The ways to the texts in a row, those that end with `id` first. */
function waysIn(row: unknown): readonly Way[] {
  const ways: Way[] = [];
  const walk = (value: unknown, way: Way): void => {
    if (typeof value === 'string') ways.push(way);
    if (typeof value !== 'object' || value === null || Array.isArray(value) || way.length === MAX_LEVELS) return;
    for (const [name, inner] of Object.entries(value)) walk(inner, [...way, name]);
  };
  walk(row, []);
  const isId = (way: Way): boolean => way.at(-1) === 'id';
  return [...ways.filter(isId), ...ways.filter((way) => !isId(way))];
}

function tellsApart(rows: readonly unknown[], way: Way): boolean {
  const seen = new Set<unknown>();
  for (const row of rows) {
    const text = textAt(row, way);
    if (text === null || seen.has(text)) return false;
    seen.add(text);
  }
  return true;
}

function textAt(row: unknown, way: Way): string | null {
  let value = row;
  for (const name of way) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'string' ? value : null;
}

function keysOf(rows: readonly unknown[], way: Way | undefined): readonly string[] {
  if (way !== undefined) return rows.map((row) => textAt(row, way) as string);
  const seen = new Map<string, number>();
  return rows.map((row) => {
    const text = JSON.stringify(row);
    const count = seen.get(text) ?? 0;
    seen.set(text, count + 1);
    // Equal rows are counted, so that the first stays the first.
    return `${text} ${count}`;
  });
}
