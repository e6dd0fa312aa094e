import type { Maker, Month, MonthsOfMaker, Total } from './table-query.ts';

const MONTHS_IN_A_YEAR = 12;
/** The metric that goes without saying. */
export const USUAL = 'DELIVERIES';

export type Metric = Month['metric'];

/** A maker's year. Null: nothing is known. */
export interface Row {
  readonly maker: Maker;
  /** The metric of most of its months. Others are named where they stand. */
  readonly metric: Metric;
  readonly months: readonly (Month | null)[];
  /** The months of the year before. */
  readonly before: readonly (Month | null)[];
  readonly total: Total | null;
}

/** The months of a year: 2025-01 to 2025-12. */
export function monthsOf(year: number): readonly string[] {
  return Array.from({ length: MONTHS_IN_A_YEAR }, (_, index) => `${year}-${String(index + 1).padStart(2, '0')}`);
}

/** What the months of a year are added up to: the newest month that most have reported, or the whole year if it is over. */
export function toDateOf(year: number, newest: string): string {
  const [first = '', ...others] = monthsOf(year).filter((month) => month <= newest);
  const last = others.at(-1);
  if (first === '' || others.length === MONTHS_IN_A_YEAR - 1) return String(year);
  return last === undefined ? first : `${first}/${last}`;
}

/** A row a maker, in the order of the makers. */
export function rowsOf(makers: readonly Maker[], series: readonly MonthsOfMaker[], year: number): readonly Row[] {
  const bySlug = new Map(series.map((one) => [one.subject.slug, one]));
  return makers.map((maker) => {
    const one = bySlug.get(maker.slug);
    const byPeriod = new Map(one?.observations.map((month) => [month.period, month]));
    const monthsIn = (of: number) => monthsOf(of).map((month) => byPeriod.get(month) ?? null);
    const months = monthsIn(year);
    const total = one?.subject.total ?? null;
    return { maker, metric: usualOf(months) ?? total?.metric ?? USUAL, months, before: monthsIn(year - 1), total };
  });
}

/** How many makers have a number in each month of the year. */
export function reportedIn(rows: readonly Row[]): readonly number[] {
  return Array.from(
    { length: MONTHS_IN_A_YEAR },
    (_, index) => rows.filter(({ months }) => months[index] !== null).length,
  );
}

/** The metric of most months; of equally many the first. */
function usualOf(months: readonly (Month | null)[]): Metric | undefined {
  const counts = new Map<Metric, number>();
  for (const month of months) if (month !== null) counts.set(month.metric, (counts.get(month.metric) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0];
}
