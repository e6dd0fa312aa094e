import type { Span } from '../format/span.ts';

/** How much of the line the time before the first known day takes, as a part of the rest: there, totals to date come from. */
const BEFORE = 0.6;

/** Where something is on the line. */
export interface Placed {
  /** In percent of the width. */
  readonly x: number;
  readonly width: number;
}

/** A line of time. */
export interface TimeScale {
  readonly at: (span: Span) => Placed;
  /** The first and the last day that the spans name, and where they begin and end. */
  readonly marks: readonly [first: Mark, last: Mark];
}

interface Mark {
  readonly x: number;
  readonly day: number;
}

/** Where spans are on one line of time that takes so many percent of the width. A total to date begins at its edge. */
export function scaleOf(spans: readonly Span[], width: number): TimeScale {
  const days = spans.flatMap(({ first, last }) => (first === null ? [last + 1] : [first, last + 1]));
  const end = Math.max(...days);
  const known = Math.min(...days);
  const hasTotals = spans.some(({ first }) => first === null);
  const begin = hasTotals ? known - Math.max(1, end - known) * BEFORE : known;
  const placeOf = (day: number) => ((day - begin) / (end - begin)) * width;
  return {
    at: ({ first, last }) => {
      const x = first === null ? 0 : placeOf(first);
      return { x, width: placeOf(last + 1) - x };
    },
    marks: [
      { x: placeOf(known), day: hasTotals ? known - 1 : known },
      { x: placeOf(end), day: end - 1 },
    ],
  };
}

/** In which lane each claim is drawn, from the top. A whole is in the first, its parts in the second; of the others none that overlap share one. */
export function lanesOf(
  claims: readonly { readonly id: string; readonly span: Span }[],
  sum: {
    readonly whole: { readonly id: string };
    readonly parts: readonly { readonly id: string; readonly span: Span }[];
  } | null,
): ReadonlyMap<string, number> {
  const lanes: (readonly Span[])[] = [];
  const found = new Map<string, number>();
  const put = (id: string, span: Span, from: number): void => {
    const free = lanes.findIndex((taken, lane) => lane >= from && taken.every((other) => !overlap(span, other)));
    const lane = free === -1 ? Math.max(from, lanes.length) : free;
    lanes[lane] = [...(lanes[lane] ?? []), span];
    found.set(id, lane);
  };
  const whole = claims.find(({ id }) => id === sum?.whole.id);
  if (whole !== undefined) put(whole.id, whole.span, 0);
  for (const { id, span } of sum?.parts ?? []) put(id, span, 1);
  for (const { id, span } of claims) if (!found.has(id)) put(id, span, sum === null ? 0 : 1);
  return found;
}

function overlap(a: Span, b: Span): boolean {
  return (a.first ?? -Infinity) <= b.last && (b.first ?? -Infinity) <= a.last;
}
