import * as Plot from '@observablehq/plot';
import { COLOURS } from '../parts/palette.ts';
import { timeAxis } from '../parts/time-axis.ts';
import type { CurveDot, CurvePoint } from './curve-points.ts';

interface Drawing {
  readonly points: readonly CurvePoint[];
  readonly dots: readonly CurveDot[];
  readonly width: number;
  readonly height: number;
  readonly short: (value: number) => string;
}

/** Draws the total to date with its bounds as a band. Milestones that were announced are full dots, those that follow from the numbers are rings. */
export function drawCurve({ points, dots, width, height, short }: Drawing): Element {
  const times = [...points.map(({ on }) => on), ...dots.map(({ on }) => on)].sort((a, b) => a.getTime() - b.getTime());
  const colour = COLOURS[0] as string;
  const largest = Math.max(...dots.map(({ value }) => value), 0);
  return Plot.plot({
    width,
    height,
    marginLeft: 44,
    marginRight: 16,
    x: timeAxis(times[0] ?? new Date(), times.at(-1) ?? new Date(), width),
    y: { label: null, grid: true, zero: true, tickFormat: (value: number) => short(value), ticks: 5 },
    marks: [
      Plot.areaY(points, { x: 'on', y1: 'lower', y2: 'upper', fill: colour, fillOpacity: 0.2 }),
      Plot.lineY(points, { x: 'on', y: 'lower', stroke: colour, strokeDasharray: '2 3' }),
      Plot.lineY(points, { x: 'on', y: 'value', stroke: colour, strokeWidth: 2.5 }),
      Plot.ruleY([0]),
      Plot.dot(dots, {
        x: 'on',
        y: 'value',
        r: 5,
        stroke: COLOURS[1] as string,
        strokeWidth: 2,
        fill: (dot: CurveDot) => (dot.isAnnounced ? (COLOURS[1] as string) : 'none'),
      }),
      // Labels of the first ones would lie over each other.
      Plot.text(
        dots.filter(({ value }) => value >= largest / 20),
        {
          x: 'on',
          y: 'value',
          text: ({ value }: CurveDot) => short(value),
          fill: 'currentColor',
          textAnchor: 'end',
          dx: -9,
          dy: -4,
        },
      ),
    ],
  });
}
