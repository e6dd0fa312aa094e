const NUMBER = /^[-+]?\d+(?:\.\d+)?\s?%?$/;
/** A spreadsheet takes a text that begins like this for a formula, and would run it. */
const FORMULA = /^[=+\-@\t\r]/;
/** What has to be in quotes: RFC 4180. */
const SPECIAL = /[",\r\n]/;

/** A text as a cell of a CSV file, which no spreadsheet takes for a formula: the names of makers are what others wrote. */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
