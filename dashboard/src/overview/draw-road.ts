import * as Plot from '@observablehq/plot';
import { COLOURS, DASHES } from '../parts/palette.ts';
import type { RoadDot, RoadPoint } from './road-points.ts';

interface Drawing {
  readonly lines: readonly RoadPoint[];
  readonly dots: readonly RoadDot[];
  readonly width: number;
  readonly height: number;
  readonly short: (value: number) => string;
}

/** Draws the curves on a logarithmic scale. Milestones that were announced are full dots, those that follow from the numbers are rings. */
export function drawRoad({ lines, dots, width, height, short }: Drawing): Element {
  const makers = [...new Set(lines.map(({ maker }) => maker))];
  return Plot.plot({
    width,
    height,
    marginLeft: 44,
    marginRight: 96,
    x: { label: null, nice: true },
    y: { type: 'log', label: null, grid: true, tickFormat: (value: number) => short(value), ticks: 6 },
    color: { domain: makers, range: COLOURS },
    marks: [
      Plot.areaY(lines, { x: 'months', y1: 'lower', y2: 'upper', fill: 'maker', fillOpacity: 0.15 }),
      ...makers.map((maker, index) =>
        Plot.lineY(
          lines.filter((point) => point.maker === maker),
          {
            x: 'months',
            y: 'value',
            stroke: 'maker',
            strokeWidth: 2,
            strokeDasharray: DASHES[index % DASHES.length] ?? 'none',
          },
        ),
      ),
      Plot.dot(dots, {
        x: 'months',
        y: 'value',
        stroke: 'maker',
        fill: (dot: RoadDot) => (dot.isAnnounced ? dot.maker : 'none'),
        r: 4,
        title: 'title',
      }),
      Plot.text(
        lines.filter(({ isLast }) => isLast),
        { x: 'months', y: 'value', text: 'maker', fill: 'currentColor', textAnchor: 'start', dx: 6 },
      ),
    ],
  });
}
