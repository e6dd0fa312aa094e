import * as Plot from '@observablehq/plot';
import { COLOURS } from '../parts/palette.ts';
import { timeAxis } from '../parts/time-axis.ts';
import { REST, type Segment } from './stack.ts';

interface Drawing {
  readonly segments: readonly Segment[];
  /** The members in their order, each with the name that it has on the page. */
  readonly names: ReadonlyMap<string, string>;
  readonly width: number;
  readonly height: number;
  readonly short: (value: number) => string;
}

/** Draws the members of each month on each other; what no known member accounts for is an empty frame. */
export function drawStack({ segments, names, width, height, short }: Drawing): Element {
  const known = segments.filter(({ part }) => part !== REST);
  const between = { x1: 'from', x2: 'to', y1: 'lower', y2: 'upper', insetLeft: 1, insetRight: 1 } as const;
  return Plot.plot({
    width,
    height,
    marginLeft: 44,
    marginRight: 20,
    x: timeAxis(segments[0]?.from ?? new Date(), segments.at(-1)?.to ?? new Date(), width),
    y: { label: null, grid: true, zero: true, tickFormat: (value: number) => short(value), ticks: 5 },
    color: { domain: [...names.keys()], range: COLOURS },
    marks: [
      Plot.rectY(
        segments.filter(({ part }) => part === REST),
        { ...between, fill: 'currentColor', fillOpacity: 0.08, stroke: 'currentColor', strokeOpacity: 0.5 },
      ),
      Plot.rectY(known, { ...between, fill: 'part' }),
      Plot.ruleY([0]),
    ],
  });
}
