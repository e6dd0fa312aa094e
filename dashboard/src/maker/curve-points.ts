import type { Reached } from './maker-query.ts';
import { dateRange } from './milestone-times.ts';

/** A milestone whose day is known less exactly than this has no place on the line. */
const WIDEST = 92 * 86_400_000;

export interface CurvePoint {
  readonly on: Date;
  /** Null where only bounds are known, so that the line has a gap. */
  readonly value: number | null;
  readonly lower: number;
  readonly upper: number;
}

export interface CurveDot {
  readonly on: Date;
  readonly value: number;
  readonly isAnnounced: boolean;
}

interface Point {
  readonly on: string;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** The points of a curve. One without an upper bound is certain only from its lower one on, and has a band of no width. */
export function curvePoints(points: readonly Point[]): readonly CurvePoint[] {
  return points.flatMap(({ on, value, lower, upper }) => {
    const least = value ?? lower;
    return least === null ? [] : [{ on: new Date(on), value, lower: least, upper: value ?? upper ?? least }];
  });
}

/** The milestones whose day is known well enough to be drawn, in the middle of the days that are possible. */
export function curveDots(
  milestones: readonly Pick<Reached, 'threshold' | 'status' | 'reachedOn' | 'window'>[],
): readonly CurveDot[] {
  return milestones.flatMap(({ threshold, status, reachedOn, window }) => {
    const range = dateRange(reachedOn, window);
    if (threshold === null || range === null || status === 'EXPECTED' || status === 'WITHDRAWN') return [];
    if (Date.parse(range.last) - Date.parse(range.first) > WIDEST) return [];
    const middle = (Date.parse(range.first) + Date.parse(range.last)) / 2;
    return [{ on: new Date(middle), value: threshold, isAnnounced: status !== 'DETECTED' }];
  });
}
