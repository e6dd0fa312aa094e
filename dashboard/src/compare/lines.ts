import { dayAfter } from '../format/day.ts';
import type { Maker, Series, Sourced } from './series-query.ts';

type Observation = Series['observations'][number];

/** A place on a line. Nothing is drawn where all its numbers are null. */
export interface Point {
  readonly period: string;
  /** The first day of the period. */
  readonly at: Date;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  /** Null: nothing is known of this period. */
  readonly of: Observation | null;
}

/** What is drawn of a maker. */
export interface Line {
  readonly maker: Maker;
  /** What is counted, in the order in which it begins: makers are reported differently, and so may be the years of one. */
  readonly metrics: readonly Observation['metric'][];
  readonly points: readonly Point[];
}

/** A line of each series, with a gap wherever a period is missing. */
export function linesOf(series: readonly Series[]): readonly Line[] {
  return series.map(({ subject, observations }) => ({
    maker: subject,
    metrics: [...new Set(observations.map(({ metric }) => metric))],
    points: withGaps(observations),
  }));
}

/** Whether the lines count different things. */
export function areMixed(lines: readonly Line[]): boolean {
  return new Set(lines.flatMap(({ metrics }) => metrics)).size > 1;
}

/** The lines in percent of what they were in the first period in which all of them have a value, and that period. Null if there is none. */
export function indexed(lines: readonly Line[]): { readonly lines: readonly Line[]; readonly base: string } | null {
  const drawn = lines.filter(({ points }) => points.some(({ value }) => value !== null && value > 0));
  const base = drawn[0]?.points.find(
    ({ period, value }) => value !== null && drawn.every((line) => (valueIn(line, period) ?? 0) > 0),
  )?.period;
  if (base === undefined) return null;
  const scaled = lines.map((line) => {
    const whole = valueIn(line, base);
    const percent = (value: number | null): number | null =>
      value === null || whole === null || whole <= 0 ? null : (value / whole) * 100;
    return {
      ...line,
      points: line.points.map((point) => ({
        ...point,
        value: percent(point.value),
        lower: percent(point.lower),
        upper: percent(point.upper),
      })),
    };
  });
  return { lines: scaled, base };
}

/** The first and the newest number of a line. `growth` is in percent; null where the two count different things. */
export interface Ends {
  readonly first: Observation;
  readonly newest: Observation;
  readonly growth: number | null;
}

/** How far a line came; null if it has no value. */
export function endsOf({ points }: Line): Ends | null {
  const known = points.flatMap(({ of }) => (of?.value == null ? [] : [{ of, value: of.value }]));
  const [first, newest] = [known.at(0), known.at(-1)];
  if (first === undefined || newest === undefined) return null;
  const isComparable = first !== newest && first.of.metric === newest.of.metric && first.value > 0;
  return {
    first: first.of,
    newest: newest.of,
    growth: isComparable ? (newest.value / first.value - 1) * 100 : null,
  };
}

/** Points with a value that has a gap on both sides: a line does not show them. */
export function alone(points: readonly Point[]): readonly Point[] {
  return points.filter(
    ({ value }, index) => value !== null && points[index - 1]?.value == null && points[index + 1]?.value == null,
  );
}

/** Who published each number, by its id. */
export function publishersOf(series: Sourced): ReadonlyMap<string, readonly string[]> {
  const observations = series.flatMap((one) => one.observations);
  return new Map(
    observations.map(({ id, inputs }) => [id, [...new Set(inputs.map(({ source }) => source.publisher.name))]]),
  );
}

function withGaps(observations: readonly Observation[]): readonly Point[] {
  const points: Point[] = [];
  let end: string | null = null;
  for (const of of observations) {
    const { periodStart, periodEnd, period, value, lower, upper } = of;
    if (periodStart === null) continue;
    const next = end === null ? null : dayAfter(end);
    if (next !== null && next < periodStart)
      points.push({ period: next, at: new Date(next), value: null, lower: null, upper: null, of: null });
    const least = lower ?? value;
    const most = upper ?? value;
    const isBounded = least !== null && most !== null;
    points.push({
      period,
      at: new Date(periodStart),
      value,
      lower: isBounded ? least : null,
      upper: isBounded ? most : null,
      of,
    });
    end = periodEnd;
  }
  return points;
}

function valueIn({ points }: Line, period: string): number | null {
  return points.find((point) => point.period === period)?.value ?? null;
}
