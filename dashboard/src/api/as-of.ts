import { computed } from '@preact/signals';
import { isDay } from '../format/day.ts';
import { readAddress, writeAddress } from '../parts/address.ts';

const NAME = 'asOf';
/** Nothing was published of these makers before, and a year that is being typed begins with zeros. */
export const FIRST_DAY = '2000-01-01';

/** The day as of whose end the page is shown, in Shanghai, where days of the data begin and end; null: now. It is in the address. */
export const asOfDay = computed(() => parse(readAddress(NAME)));

/** The same as the API takes it. */
export const asOf = computed(() => (asOfDay.value === null ? null : `${asOfDay.value}T23:59:59.999+08:00`));

/** Shows the page as of a day, or of now. */
export function showAsOf(day: string | null): void {
  writeAddress({ [NAME]: parse(day) });
}

/** Today in Shanghai: 2026-07-31. */
export function today(): string {
  return dayIn(new Date());
}

/** The day in Shanghai to which an instant belongs. */
export function dayIn(instant: Date): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(instant);
}

function parse(text: string | null): string | null {
  return text !== null && isDay(text) && text >= FIRST_DAY && text <= today() ? text : null;
}
