import { endOf } from '../format/day.ts';
import type { SeriesPoint } from './maker-query.ts';

const BOUNDS: readonly SeriesPoint['qualifier'][] = ['OVER', 'UNDER'];

/** A period of the chart. */
export interface Bar {
  readonly from: Date;
  readonly to: Date;
  /** What is certain. */
  readonly certain: number;
  /** What is possible at most; null: without a bound. The same as what is certain if the value is known. */
  readonly possible: number | null;
  readonly isRevised: boolean;
}

type Point = Pick<SeriesPoint, 'value' | 'lower' | 'upper' | 'qualifier' | 'periodStart' | 'periodEnd' | 'revised'>;

/** The bars of a series. Periods of which nothing is known have none, so that they stay empty. */
export function barsOf(points: readonly Point[]): readonly Bar[] {
  return points.flatMap(({ value: stated, lower, upper, qualifier, periodStart, periodEnd, revised }) => {
    if (periodStart === null || (stated === null && lower === null && upper === null)) return [];
    // What is over or under a number is not that number.
    const value = BOUNDS.includes(qualifier) ? null : stated;
    return [
      {
        from: new Date(periodStart),
        to: endOf(periodEnd),
        certain: value ?? lower ?? 0,
        possible: value ?? upper,
        isRevised: revised,
      },
    ];
  });
}

/** Up to where the chart reaches: over all that is certain, and over bounds that are not far above it. */
export function topOf(bars: readonly Bar[]): number {
  const certain = Math.max(0, ...bars.map((bar) => bar.certain));
  const near = bars.flatMap(({ possible }) =>
    possible !== null && (certain === 0 || possible <= certain * 1.5) ? [possible] : [],
  );
  return Math.max(certain, ...near, 1) * 1.08;
}
