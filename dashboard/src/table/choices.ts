import { computed } from '@preact/signals';
import { asOfDay, today } from '../api/as-of.ts';
import { readAddress, writeAddress } from '../parts/address.ts';
import { KINDS } from './makers.ts';
import { monthsOf } from './rows.ts';
import { firstOrderOf, type Order } from './sort-rows.ts';

const YEAR = /^[12]\d{3}$/;
const COLUMNS = ['maker', 'total', 'change'];
const FIRST_COLUMN = 'total';

/** The year of the day as of which the page is shown: later ones have not begun. */
export const lastYear = computed(() => Number((asOfDay.value ?? today()).slice(0, 4)));

/** The choices of the reader, all of them in the address. */
export const choices = computed(() => {
  const day = asOfDay.value ?? today();
  const asked = readAddress('year') ?? '';
  // In January nothing of the new year is reported yet.
  const usual = lastYear.value - (day.slice(5, 7) === '01' ? 1 : 0);
  const year = YEAR.test(asked) && Number(asked) <= lastYear.value ? Number(asked) : usual;
  const sort = readAddress('sort') ?? '';
  const by = COLUMNS.includes(sort) || monthsOf(year).includes(sort) ? sort : FIRST_COLUMN;
  const order = readAddress('order');
  const kind = KINDS.find((one) => one === readAddress('kinds')) ?? null;
  return {
    year,
    by,
    order: order === 'asc' || order === 'desc' ? order : firstOrderOf(by),
    /** One kind of makers; null: all of them. */
    kind,
    kinds: kind === null ? KINDS : [kind],
    find: readAddress('find') ?? '',
  };
});

/** Shows another year, sorted by the same month. */
export function chooseYear(year: number): void {
  const { by } = choices.value;
  writeAddress({ year: String(year), ...(COLUMNS.includes(by) ? {} : { sort: `${year}${by.slice(4)}` }) });
}

/** Sorts by a column, or by the same one the other way round. */
export function chooseSort(by: string): void {
  const now = choices.value;
  const first = firstOrderOf(by);
  const order: Order = by === now.by && now.order === first ? opposite(first) : first;
  writeAddress({ sort: by, order: order === first ? null : order });
}

export function chooseKind(kind: string): void {
  writeAddress({ kinds: kind || null });
}

export function chooseNames(find: string): void {
  writeAddress({ find: find || null });
}

function opposite(order: Order): Order {
  return order === 'asc' ? 'desc' : 'asc';
}
