type Cell = string | number | null;

/** What has to be in quotes: RFC 4180. */
const SPECIAL = /[",\r\n]/;

/** Rows as CSV by RFC 4180. Null is an empty cell. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map(textOf).join(',')}\r\n`).join('');
}

function textOf(cell: Cell): string {
  const text = String(cell ?? '');
  return SPECIAL.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
