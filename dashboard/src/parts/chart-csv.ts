import { type CsvCell, csvOf, UTF8_MARK } from '../format/csv.ts';

/** The numbers of a chart: texts, numbers that are shown with separators, and null for what is unknown. */
export interface Data {
  readonly head: readonly string[];
  readonly rows: readonly (readonly CsvCell[])[];
}

const GROUPED = /^-?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;

/** A table as a file for spreadsheets and programs: numbers without separators, and in the last column of each row where it is from, so that no row is without its source. */
export function chartCsv({ head, rows }: Data, sourceColumn: string, source: string): string {
  return `${UTF8_MARK}${csvOf([[...head, sourceColumn], ...rows.map((row) => [...row.map(plain), source])])}`;
}

function plain(cell: CsvCell): CsvCell {
  return typeof cell === 'string' && GROUPED.test(cell) ? cell.replaceAll(',', '') : cell;
}
