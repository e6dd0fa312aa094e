import * as Plot from '@observablehq/plot';
import { type End, namesWidth, writeNames } from '../parts/draw-end-names.ts';
import { colourOf, dashOf } from '../parts/palette.ts';
import { alone, type Point } from './lines.ts';

/** A line as it is drawn. */
export interface Drawn {
  readonly name: string;
  readonly points: readonly Described[];
}

interface Described extends Point {
  /** The same in words. */
  readonly words: string;
}

export interface Drawing {
  readonly lines: readonly Drawn[];
  readonly isLog: boolean;
  /** What the vertical axis counts. */
  readonly unit: string;
  /** Whether the dates of the axis are in Chinese. */
  readonly isChinese: boolean;
  readonly short: (value: number) => string;
  readonly width: number;
  readonly height: number;
}

const FONT_SIZE = 12;
const MARGINS = { top: 28, bottom: 40, left: 48 };

/** Draws a line a maker, with its bounds as a band, a gap where nothing is known, and its name at its end. */
export function drawCompare({ lines, isLog, unit, isChinese, short, width, height }: Drawing): SVGSVGElement {
  const names = lines.map(({ name }) => name);
  const marginRight = namesWidth(names, width);
  const plot = Plot.plot({
    width,
    height,
    marginTop: MARGINS.top,
    marginBottom: MARGINS.bottom,
    marginLeft: MARGINS.left,
    marginRight,
    style: { fontSize: `${FONT_SIZE}px` },
    x: {
      type: 'utc',
      label: null,
      insetLeft: 6,
      insetRight: 6,
      ...(isChinese ? { tickFormat: dateInChinese } : {}),
      ticks: Math.max(2, Math.round((width - marginRight) / 110)),
    },
    y: {
      type: isLog ? 'log' : 'linear',
      zero: !isLog,
      nice: !isLog,
      grid: true,
      ticks: 6,
      label: unit,
      labelArrow: 'none',
      tickFormat: short,
    },
    marks: [
      ...lines.flatMap((line, index) => marksOf(line, index, isLog)),
      // One for all lines, so that only the nearest point is told.
      Plot.tip(
        lines.flatMap(({ points }) => points),
        Plot.pointer({ x: 'at', y: valueOn(isLog), title: 'words', maxRadius: 30 }),
      ),
    ],
  }) as SVGSVGElement;
  writeNames(plot, endsOf(lines, isLog), { width, height, marginRight, top: MARGINS.top, bottom: MARGINS.bottom });
  return plot;
}

function marksOf({ points }: Drawn, index: number, isLog: boolean): Plot.Markish[] {
  const stroke = colourOf(index);
  const value = valueOn(isLog);
  return [
    Plot.areaY(points, {
      x: 'at',
      y1: ({ lower }: Point) => shownOn(isLog, lower),
      y2: ({ upper }: Point) => shownOn(isLog, upper),
      fill: stroke,
      fillOpacity: 0.18,
    }),
    Plot.lineY(points, { x: 'at', y: value, stroke, strokeWidth: 2, strokeDasharray: dashOf(index) }),
    Plot.dot(alone(points), { x: 'at', y: value, fill: stroke, r: 2.5 }),
  ];
}

/** The last points of which anything is known that can be drawn. */
function endsOf(lines: readonly Drawn[], isLog: boolean): readonly End[] {
  return lines.flatMap(({ name, points }, index) => {
    const last = points.findLast(({ lower }) => lower !== null && (!isLog || lower > 0));
    return last === undefined ? [] : [{ name, index, x: last.at, y: middleOf(last, isLog) }];
  });
}

function valueOn(isLog: boolean): (point: Point) => number {
  return ({ value }) => shownOn(isLog, value);
}

/** A gap where nothing is known, or nothing that has a place on a logarithmic scale. */
function shownOn(isLog: boolean, value: number | null): number {
  return value === null || (isLog && value <= 0) ? Number.NaN : value;
}

/** Where a line ends: at its value, or between its bounds. */
function middleOf({ value, lower, upper }: Point, isLog: boolean): number {
  if (value !== null) return value;
  const [least, most] = [lower ?? 0, upper ?? 0];
  return isLog ? Math.sqrt(least * most) : (least + most) / 2;
}

/** A tick of the axis of dates, in Chinese: the year in January, or the month, or the day of one. */
function dateInChinese(date: Date): string {
  const [month, day] = [date.getUTCMonth() + 1, date.getUTCDate()];
  if (day > 1) return `${month}月${day}日`;
  return month === 1 ? `${date.getUTCFullYear()}年` : `${month}月`;
}
