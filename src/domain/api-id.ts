const NODE_TYPES: ReadonlySet<string> = new Set([
  ...['Brand', 'Company', 'Alliance', 'Model', 'Plant', 'Market'],
  ...['Membership', 'Publisher', 'Source', 'Figure', 'Milestone', 'Target'],
]);

/** An id that names nothing: rows are counted from 1. */
const NOTHING = { typename: 'Source', id: '0' };

/** Type and row of an API id; a text that is no id of ours names nothing, so that looking it up is null and no error. */
export function decodeId(id: string): { readonly typename: string; readonly id: string } {
  const [typename = '', row = '', ...rest] = Buffer.from(id, 'base64').toString('utf8').split(':');
  return NODE_TYPES.has(typename) && parseRowId(row) !== null && rest.length === 0 ? { typename, id: row } : NOTHING;
}

/** The row that an API id of a type names; null when it is no such id. */
export function rowIdOf(type: string, id: string): number | null {
  const decoded = decodeId(id);
  return decoded.typename === type ? parseRowId(decoded.id) : null;
}

/** The number of a row; null for a text that is none. */
export function parseRowId(text: string): number | null {
  // Row numbers are 32 bits wide; anything larger is refused by the database with an error.
  return /^[1-9]\d{0,9}$/.test(text) && Number(text) <= 2_147_483_647 ? Number(text) : null;
}

/** The API's id of a row. */
export function encodeId(typename: string, row: number): string {
  return Buffer.from(`${typename}:${row}`, 'utf8').toString('base64');
}
