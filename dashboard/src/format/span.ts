/** The days of a period, counted from 1970: both of its ends belong to it. */
export interface Span {
  /** Null: from the start of counting on. */
  readonly first: number | null;
  readonly last: number;
}

const TO_DATE = '../';
const DAY_MS = 86_400_000;
const MONTHS_OF: Readonly<Record<string, readonly [first: number, count: number]>> = {
  Q1: [1, 3],
  Q2: [4, 3],
  Q3: [7, 3],
  Q4: [10, 3],
  H1: [1, 6],
  H2: [7, 6],
};

/** The days of a period of the API: 2026-07, 2026-Q3, 2026-W12, 2025-01/2025-09 or ../2026-07-31. Null for a text that is none. */
export function spanOf(period: string): Span | null {
  if (period.startsWith(TO_DATE)) {
    const end = spanOf(period.slice(TO_DATE.length));
    return end === null ? null : { first: null, last: end.last };
  }
  const [from = '', to] = period.split('/');
  const begin = partOf(from);
  const end = to === undefined ? begin : partOf(to);
  return begin === null || end === null ? null : { first: begin.first, last: end.last };
}

function partOf(text: string): { readonly first: number; readonly last: number } | null {
  const [year, part, day] = text.split('-');
  if (year === undefined || !/^\d{4}$/.test(year)) return null;
  if (part === undefined) return months(Number(year), 1, 12);
  if (day !== undefined) {
    const at = dayOf(Number(year), Number(part), Number(day));
    return Number.isNaN(at) ? null : { first: at, last: at };
  }
  if (part.startsWith('W')) return week(Number(year), Number(part.slice(1)));
  const [first, count] = MONTHS_OF[part] ?? [/^\d{2}$/.test(part) ? Number(part) : Number.NaN, 1];
  return Number.isNaN(first) ? null : months(Number(year), first, count);
}

function months(year: number, first: number, count: number) {
  return { first: dayOf(year, first, 1), last: dayOf(year, first + count, 1) - 1 };
}

/** A week of ISO 8601, Monday to Sunday: the first of a year is that of the 4th of January. */
function week(year: number, number: number) {
  const fourth = dayOf(year, 1, 4);
  const monday = fourth - ((fourth + 3) % 7);
  const first = monday + (number - 1) * 7;
  return Number.isNaN(first) ? null : { first, last: first + 6 };
}

function dayOf(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / DAY_MS;
}
