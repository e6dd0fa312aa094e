/** How many months back a choice reaches. */
const OFFERED = 60;

/** The months before one, the newest first. */
export function monthsBefore(month: string): readonly string[] {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return Array.from({ length: OFFERED }, (_, index) =>
    new Date(Date.UTC(year, number - 2 - index)).toISOString().slice(0, 7),
  );
}
