const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The day that is so many days after another one, or before it: 2026-07-31. */
export function dayAfter(day: string, days = 1): string {
  const date = new Date(day);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

/** Where a period that ends on a day ends on a line of time: at the beginning of the next one. */
export function endOf(day: string): Date {
  return new Date(dayAfter(day));
}

/** Whether a text is a day that there is: not 2026-02-30. */
export function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(Date.parse(text)) && dayAfter(text, 0) === text;
}
