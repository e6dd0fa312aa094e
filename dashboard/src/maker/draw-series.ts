import * as Plot from '@observablehq/plot';
import { COLOURS } from '../parts/palette.ts';
import { timeAxis } from '../parts/time-axis.ts';
import { type Bar, topOf } from './series-bars.ts';

interface Drawing {
  readonly bars: readonly Bar[];
  readonly width: number;
  readonly height: number;
  readonly short: (value: number) => string;
}

/** Draws a bar a period; above what is certain a pale one to what is possible, and a diamond over what was restated. */
export function drawSeries({ bars, width, height, short }: Drawing): Element {
  const top = topOf(bars);
  const first = bars[0]?.from ?? new Date();
  const last = bars.at(-1)?.to ?? new Date();
  const uncertain = bars.filter(({ certain, possible }) => possible !== certain);
  const between = { x1: 'from', x2: 'to', insetLeft: 0.5, insetRight: 0.5 } as const;
  return Plot.plot({
    width,
    height,
    marginLeft: 44,
    marginRight: 20,
    x: timeAxis(first, last, width),
    y: { domain: [0, top], label: null, grid: true, tickFormat: (value: number) => short(value), ticks: 5 },
    marks: [
      Plot.rectY(bars, { ...between, y1: 0, y2: 'certain', fill: COLOURS[0] as string }),
      Plot.rectY(uncertain, {
        ...between,
        y1: 'certain',
        y2: ({ possible }: Bar) => Math.min(possible ?? top, top),
        fill: COLOURS[0] as string,
        fillOpacity: 0.25,
      }),
      Plot.ruleY([0]),
      Plot.dot(
        bars.filter(({ isRevised }) => isRevised),
        {
          x: ({ from, to }: Bar) => new Date((from.getTime() + to.getTime()) / 2),
          y: 'certain',
          dy: -7,
          r: 4,
          symbol: 'diamond',
          fill: COLOURS[1] as string,
        },
      ),
    ],
  });
}
