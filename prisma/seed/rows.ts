/** A row of a seed file, by its columns. An empty cell means: not stated. */
export type Row = Readonly<Record<string, string>>;

/** The rows of the sources, by the key that they have in the files. */
export type SourceIds = ReadonlyMap<string, number>;

/** Gets how many of the rows are loaded. */
export type Progress = (what: string, done: number, all: number) => void;

/** The text of a cell that has to have one. */
export function cell(row: Row, column: string): string {
  const text = row[column];
  if (text === undefined || text === '') throw new Error(`A seed row has no ${column}: ${JSON.stringify(row)}`);
  return text;
}

/** The text of a cell, or null. */
export function optional(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

/** The number of a cell, or null. */
export function number(text: string | undefined): number | null {
  return text === undefined || text === '' ? null : Number(text);
}

/** The items of a list. */
export function list(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : text.split('|');
}
