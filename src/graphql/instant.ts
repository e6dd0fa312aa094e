/** The instant of a number of milliseconds in an id. Null for a text that is not one. */
export function parseInstant(milliseconds: string): Date | null {
  const instant = new Date(/^-?\d{1,16}$/.test(milliseconds) ? Number(milliseconds) : Number.NaN);
  return Number.isNaN(instant.getTime()) ? null : instant;
}
