import type { Road } from './road-query.ts';

export interface RoadPoint {
  readonly maker: string;
  readonly months: number;
  /** The value, or the middle of its bounds on a logarithmic scale. */
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly isLast: boolean;
}

export interface RoadDot {
  readonly maker: string;
  readonly months: number;
  readonly value: number;
  readonly title: string;
  readonly isAnnounced: boolean;
}

/** The points of curves that are known well enough to draw, and the milestones on them. */
export function pointsOf(
  roads: readonly Road[],
  nameOf: (road: Road) => string,
  titleOf: (milestone: Road['milestones']['nodes'][number]) => string,
) {
  const lines: RoadPoint[] = [];
  const dots: RoadDot[] = [];
  for (const road of roads) {
    const maker = nameOf(road);
    const points = road.curve.points.flatMap(({ monthsSinceStart: months, value, lower, upper }) => {
      const least = value ?? lower;
      const most = value ?? upper;
      // A band of more than four times says nothing on this scale.
      if (months === null || least === null || most === null || least <= 0 || most > least * 4) return [];
      return [{ maker, months, value: value ?? Math.sqrt(least * most), lower: least, upper: most, isLast: false }];
    });
    lines.push(...points.map((point, index) => ({ ...point, isLast: index === points.length - 1 })));
    for (const milestone of road.milestones.nodes) {
      const { threshold, status, reachedOn } = milestone;
      const at = road.curve.points.find(({ on }) => reachedOn !== null && on.slice(0, 7) >= reachedOn.slice(0, 7));
      if (threshold === null || at?.monthsSinceStart == null) continue;
      dots.push({
        maker,
        months: at.monthsSinceStart,
        value: threshold,
        title: titleOf(milestone),
        isAnnounced: status !== 'DETECTED',
      });
    }
  }
  return { lines, dots };
}
