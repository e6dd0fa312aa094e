import { computed } from '@preact/signals';
import { isDay } from '../format/is-day.ts';
import { readAddress, writeAddress } from '../parts/address.ts';

const NAME = 'asOf';

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

/** The day that is so many days after another one, or before it. */
export function dayAfter(day: string, days: number): string {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function parse(text: string | null): string | null {
  return text !== null && isDay(text) && text <= today() ? text : null;
}
