import * as Plot from '@observablehq/plot';
import { spread } from '../parts/end-labels.ts';
import { COLOURS, DASHES } from '../parts/palette.ts';
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

const SVG = 'http://www.w3.org/2000/svg';
const FONT_SIZE = 12;
/** The room of a name at the end of its line, in px. */
const NAME_HEIGHT = 15;
const SAMPLE = 14;
const GAP = 8;
/** Of the width, at most this part is for names. */
const NAMES_SHARE = 0.34;
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
    marks: lines.flatMap((line, index) => marksOf(line, index, isLog)),
  }) as SVGSVGElement;
  writeNames(plot, lines, { isLog, width, height, marginRight });
  return plot;
}

function marksOf({ points }: Drawn, index: number, isLog: boolean): Plot.Markish[] {
  const stroke = colourOf(index);
  const shown = (value: number | null): number => (value === null || (isLog && value <= 0) ? Number.NaN : value);
  const value = ({ value: known }: Point): number => shown(known);
  return [
    Plot.areaY(points, {
      x: 'at',
      y1: ({ lower }: Point) => shown(lower),
      y2: ({ upper }: Point) => shown(upper),
      fill: stroke,
      fillOpacity: 0.18,
    }),
    Plot.lineY(points, { x: 'at', y: value, stroke, strokeWidth: 2, strokeDasharray: dashOf(index) }),
    Plot.dot(alone(points), { x: 'at', y: value, fill: stroke, r: 2.5 }),
    Plot.tip(points, Plot.pointer({ x: 'at', y: value, title: 'words', maxRadius: 30 })),
  ];
}

/** The names beside the ends, as far apart as they need, each with a piece of its line and a thin line to its end. */
function writeNames(
  plot: SVGSVGElement,
  lines: readonly Drawn[],
  { isLog, width, height, marginRight }: Pick<Drawing, 'isLog' | 'width' | 'height'> & { readonly marginRight: number },
): void {
  const scaleOf = (name: 'x' | 'y') => (plot as unknown as Plot.Plot).scale(name);
  const [x, y] = [scaleOf('x'), scaleOf('y')];
  const ends = lines.flatMap(({ name, points }, index) => {
    const last = points.findLast(({ lower }) => lower !== null && (!isLog || lower > 0));
    if (last === undefined) return [];
    return [{ name, index, x: x?.apply(last.at) as number, y: y?.apply(middleOf(last, isLog)) as number }];
  });
  const places = spread(
    ends.map((end) => end.y),
    NAME_HEIGHT,
    MARGINS.top,
    height - MARGINS.bottom,
  );
  const edge = width - marginRight + GAP;
  ends.forEach((end, order) => {
    const at = places[order] ?? end.y;
    const stroke = colourOf(end.index);
    add(plot, 'path', {
      d: `M${end.x + 3} ${end.y}L${edge} ${at}`,
      stroke,
      fill: 'none',
      'stroke-width': 0.75,
      'stroke-opacity': 0.6,
    });
    add(plot, 'path', {
      d: `M${edge} ${at}h${SAMPLE}`,
      stroke,
      fill: 'none',
      'stroke-width': 2,
      'stroke-dasharray': dashOf(end.index),
    });
    const room = marginRight - GAP - SAMPLE - 4;
    add(plot, 'text', {
      x: edge + SAMPLE + 4,
      y: at,
      dy: '0.35em',
      fill: 'currentColor',
      'text-anchor': 'start',
    }).textContent = shortened(end.name, room);
  });
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

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? 'currentColor';
}

function dashOf(index: number): string {
  return DASHES[index % DASHES.length] ?? 'none';
}

function namesWidth(names: readonly string[], width: number): number {
  const longest = Math.max(0, ...names.map(widthOf));
  return Math.min(Math.ceil(longest) + GAP + SAMPLE + 8, Math.round(width * NAMES_SHARE));
}

/** A name that is too long ends in an ellipsis. */
function shortened(name: string, room: number): string {
  if (widthOf(name) <= room) return name;
  const characters = [...name];
  while (characters.length > 1 && widthOf(`${characters.join('')}…`) > room) characters.pop();
  return `${characters.join('').trimEnd()}…`;
}

/** About as wide as the text is drawn; Chinese characters are as wide as high. */
function widthOf(name: string): number {
  return [...name].reduce((sum, character) => sum + (character > '\u2e80' ? FONT_SIZE : FONT_SIZE * 0.58), 0);
}

function add<Name extends 'path' | 'text'>(
  plot: SVGSVGElement,
  name: Name,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  plot.append(made);
  return made;
}
