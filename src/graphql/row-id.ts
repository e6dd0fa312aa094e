/** The number of a row. Null for a text that is not one. */
export function parseRowId(text: string): number | null {
  // Row numbers have 32 bits. The database answers a larger number with an error.
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : null;
}
