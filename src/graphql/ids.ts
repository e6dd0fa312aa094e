/** The row that an API id of a type names; null when it is no such id. */
export function rowIdOf(type: string, id: string): number | null {
  const [typename, digits = '', ...rest] = Buffer.from(id, 'base64').toString('utf8').split(':');
  if (typename !== type || rest.length > 0) return null;
  return parseRowId(digits);
}

/** The number of a row; null for a text that is none. */
export function parseRowId(text: string): number | null {
  // Row numbers are 32 bits wide; anything larger is refused by the database with an error.
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : null;
}
