/** The instants that a DateTime can name: those of the years 1 to 9999. The database answers one long before them with an error. */
const [FIRST, LAST] = [Date.parse('0001-01-01T00:00:00Z'), Date.parse('9999-12-31T23:59:59.999Z')];

/** The instant of a number of milliseconds in an id. Null for a text that is not one. */
export function parseInstant(milliseconds: string): Date | null {
  const at = /^-?\d{1,16}$/.test(milliseconds) ? Number(milliseconds) : Number.NaN;
  return at >= FIRST && at <= LAST ? new Date(at) : null;
}
