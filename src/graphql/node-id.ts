import { parseObservationKey } from './observation-id.ts';
import { parseRowId } from './row-id.ts';
import { parseContradictionKey, parseMilestoneKey } from './then-id.ts';

const ROW_TYPES: ReadonlySet<string> = new Set([
  ...['Brand', 'Company', 'Alliance', 'Model', 'Plant', 'Market'],
  ...['Membership', 'Publisher', 'Source', 'Figure', 'Milestone', 'Target', 'Contradiction'],
]);

/** The types whose objects are not rows, or not only, with what tells whether the rest of an id is a key of theirs. */
const KEYED: Readonly<Record<string, ((key: string) => object | null) | undefined>> = {
  Observation: parseObservationKey,
  Contradiction: parseContradictionKey,
  Milestone: parseMilestoneKey,
};

/** An id of no object, because rows are counted from 1. */
const NOTHING = { typename: 'Source', id: '0' };

/** The type and row of an API id. For a text that is not one of our ids it returns an id of no object, so that the look-up gives null and not an error. */
export function decodeId(id: string): { readonly typename: string; readonly id: string } {
  const [typename = '', row = '', ...rest] = Buffer.from(id, 'base64').toString('utf8').split(':');
  const isRow = ROW_TYPES.has(typename) && parseRowId(row) !== null;
  const isOurs = isRow || (KEYED[typename]?.(row) ?? null) !== null;
  return isOurs && rest.length === 0 ? { typename, id: row } : NOTHING;
}

/** The row of an API id of this type. Null if the text is not such an id. */
export function rowIdOf(type: string, id: string): number | null {
  const decoded = decodeId(id);
  return decoded.typename === type ? parseRowId(decoded.id) : null;
}

/** The API's id of a row. */
export function encodeId(typename: string, row: number): string {
  return Buffer.from(`${typename}:${row}`, 'utf8').toString('base64');
}
