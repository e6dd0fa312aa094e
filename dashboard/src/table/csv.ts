import { csvCell } from '../parts/csv-cell.ts';

type Cell = string | number | null;

/** Rows as CSV by RFC 4180. Null is an empty cell. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return rows.map((row) => `${row.map((cell) => csvCell(String(cell ?? ''))).join(',')}\r\n`).join('');
}
