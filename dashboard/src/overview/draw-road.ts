import * as Plot from '@observablehq/plot';
import { namesWidth, writeNames } from '../parts/draw-end-names.ts';
import { COLOURS, dashOf } from '../parts/palette.ts';
import type { RoadDot, RoadPoint } from './road-points.ts';

interface Drawing {
  readonly lines: readonly RoadPoint[];
  readonly dots: readonly RoadDot[];
  readonly width: number;
  readonly height: number;
  readonly short: (value: number) => string;
}

const MARGINS = { top: 16, bottom: 32 };

/** Draws the curves on a logarithmic scale. Milestones that were announced are full dots, those that follow from the numbers are rings. */
export function drawRoad({ lines, dots, width, height, short }: Drawing): Element {
  const makers = [...new Set(lines.map(({ maker }) => maker))];
  const marginRight = namesWidth(makers, width);
  const plot = Plot.plot({
    width,
    height,
    marginTop: MARGINS.top,
    marginBottom: MARGINS.bottom,
    marginLeft: 44,
    marginRight,
    style: { fontSize: '12px' },
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
            strokeDasharray: dashOf(index),
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
    ],
  }) as SVGSVGElement;
  const ends = lines.filter(({ isLast }) => isLast);
  writeNames(
    plot,
    ends.map(({ maker, months, value }) => ({ name: maker, index: makers.indexOf(maker), x: months, y: value })),
    { ...MARGINS, width, height, marginRight },
  );
  return plot;
}
