export type CsvCell = string | number | null;

/** At the beginning of a file. Without it spreadsheets take the text for one in the local encoding, and spoil Chinese names. */
export const UTF8_MARK = '\uFEFF';
const LINE_END = '\r\n';
/** What has to be in quotes: RFC 4180. */
const SPECIAL = /[",\r\n]/;
/** A spreadsheet takes a text that begins like this for a formula, and would run it. */
const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[-+]?\d+(?:\.\d+)?\s?%?$/;

/** Rows as CSV by RFC 4180. Null is an empty cell. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(textOf).join(',')}${LINE_END}`).join('');
}

function textOf(cell: CsvCell): string {
  if (cell === null || typeof cell === 'number') return String(cell ?? '');
  const text = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
