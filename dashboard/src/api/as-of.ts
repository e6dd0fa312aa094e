import { signal } from '@preact/signals';

/** The time as of which the page is shown, as the API takes it; null: now. */
export const asOf = signal<string | null>(null);

/** Today in Shanghai, where days of the data begin and end: 2026-07-31. */
export function today(): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date());
}
