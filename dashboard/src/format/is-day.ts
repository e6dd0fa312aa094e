const DAY = /^[12]\d{3}-\d{2}-\d{2}$/;

/** Whether a text is a day as the API takes one, and one of the calendar: 2026-02-28, but not 2026-02-30. */
export function isDay(text: string): boolean {
  const at = DAY.test(text) ? Date.parse(text) : Number.NaN;
  // A 30th of February is read as one of March.
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
