const DAY = 86_400_000;

/** The day after one: where a period that ends on it ends on a line of time. */
export function dayAfter(day: string): Date {
  return new Date(Date.parse(day) + DAY);
}
