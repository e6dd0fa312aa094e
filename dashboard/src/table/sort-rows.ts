import { monthsOf, type Row } from './rows.ts';
import type { Month } from './table-query.ts';

export type Order = 'asc' | 'desc';

interface Sorting {
  /** `maker`, `total`, `change`, or a month such as 2025-03. */
  readonly by: string;
  readonly order: Order;
  readonly year: number;
  readonly nameOf: (row: Row) => string;
}

/** The order in which a column is sorted first: names from A, numbers from the largest. */
export function firstOrderOf(by: string): Order {
  return by === 'maker' ? 'asc' : 'desc';
}

/** Rows by a column. What is unknown comes last in both orders, and what is equal stays as it was. */
export function sortRows(rows: readonly Row[], { by, order, year, nameOf }: Sorting): readonly Row[] {
  const sign = order === 'asc' ? 1 : -1;
  if (by === 'maker') return [...rows].sort((a, b) => sign * nameOf(a).localeCompare(nameOf(b)));
  const index = monthsOf(year).indexOf(by);
  const keyed = rows.map((row) => ({ row, key: keyOf(row, by, index) }));
  return keyed
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      return sign * (a.key - b.key);
    })
    .map(({ row }) => row);
}

function keyOf({ months, total }: Row, by: string, index: number): number | null {
  if (by === 'change') return total?.change?.percent ?? null;
  return sizeOf(index === -1 ? total : (months[index] ?? null));
}

/** A number as large as it is at least. */
export function sizeOf(of: Pick<Month, 'value' | 'lower' | 'upper'> | null): number | null {
  return of?.value ?? of?.lower ?? of?.upper ?? null;
}
