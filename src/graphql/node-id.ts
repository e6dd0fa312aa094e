const NODE_TYPES: ReadonlySet<string> = new Set([
  ...['Brand', 'Company', 'Alliance', 'Model', 'Plant', 'Market'],
  ...['Membership', 'Publisher', 'Source', 'Figure', 'Milestone', 'Target', 'Contradiction'],
]);

/** An id of no object, because rows are counted from 1. */
const NOTHING = { typename: 'Source', id: '0' };

/** The type and row of an API id. For a text that is not one of our ids it returns an id of no object, so that the look-up gives null and not an error. */
export function decodeId(id: string): { readonly typename: string; readonly id: string } {
  const [typename = '', row = '', ...rest] = Buffer.from(id, 'base64').toString('utf8').split(':');
  return NODE_TYPES.has(typename) && parseRowId(row) !== null && rest.length === 0 ? { typename, id: row } : NOTHING;
}

/** The row of an API id of this type. Null if the text is not such an id. */
export function rowIdOf(type: string, id: string): number | null {
  const decoded = decodeId(id);
  return decoded.typename === type ? parseRowId(decoded.id) : null;
}

/** The number of a row. Null for a text that is not one. */
export function parseRowId(text: string): number | null {
  // Row numbers have 32 bits. The database answers a larger number with an error.
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : null;
}

/** The API's id of a row. */
export function encodeId(typename: string, row: number): string {
  return Buffer.from(`${typename}:${row}`, 'utf8').toString('base64');
}
