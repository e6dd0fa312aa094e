import { readAddress } from '../parts/address.ts';

/** The name of the choice in the address. */
export const MONTH = 'month';

/** The month whose board the reader has chosen; null: the newest one. */
export function chosenMonth(): string | null {
  const month = readAddress(MONTH);
  return month !== null && /^\d{4}-(?:0[1-9]|1[0-2])$/.test(month) ? month : null;
}
