import { csvCell } from './csv-cell.ts';

/** What stands in a cell: a text, a number that is shown with separators, or null for what is unknown. */
export type Datum = string | number | null;

export interface Data {
  readonly head: readonly string[];
  readonly rows: readonly (readonly Datum[])[];
}

/** Without it spreadsheets take the text for one in the local encoding, and spoil Chinese names. */
const UTF8_MARK = '\uFEFF';
const LINE_END = '\r\n';
const GROUPED = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;

/** A table as a file for spreadsheets and programs: numbers without separators, and in the last column of each row where it is from, so that no row is without its source. */
export function csvOf({ head, rows }: Data, sourceColumn: string, source: string): string {
  const lines = [[...head, sourceColumn], ...rows.map((row) => [...row, source])];
  return `${UTF8_MARK}${lines.map((line) => line.map(cell).join(',')).join(LINE_END)}${LINE_END}`;
}

function cell(datum: Datum): string {
  if (datum === null) return '';
  if (typeof datum === 'number') return String(datum);
  return csvCell(GROUPED.test(datum) ? datum.replaceAll(',', '') : datum);
}
