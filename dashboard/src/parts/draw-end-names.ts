import type * as Plot from '@observablehq/plot';
import { spread } from './end-labels.ts';
import { colourOf, dashOf } from './palette.ts';

/** The end of a line, in the values of the scales. */
export interface End {
  readonly name: string;
  /** Which line it is, for its colour and its dash. */
  readonly index: number;
  readonly x: number | Date;
  readonly y: number;
}

/** The size of a drawing and its margins, in px. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  readonly marginRight: number;
}

const SVG = 'http://www.w3.org/2000/svg';
const FONT_SIZE = 12;
/** The room of a name, in px. */
const NAME_HEIGHT = 15;
const SAMPLE = 14;
const GAP = 8;
/** Of the width, at most this part is for names. */
const NAMES_SHARE = 0.34;

/** How much room the names take at the right, in px. */
export function namesWidth(names: readonly string[], width: number): number {
  const longest = Math.max(0, ...names.map(widthOf));
  return Math.min(Math.ceil(longest) + GAP + SAMPLE + 8, Math.round(width * NAMES_SHARE));
}

/** Writes names beside the ends of lines, as far apart as they need, each with a piece of its line and a thin line to its end. */
export function writeNames(plot: SVGSVGElement, ends: readonly End[], frame: Frame): void {
  const scaleOf = (name: 'x' | 'y') => (plot as unknown as Plot.Plot).scale(name);
  const [x, y] = [scaleOf('x'), scaleOf('y')];
  const placed = ends.map((end) => ({ ...end, x: x?.apply(end.x) as number, y: y?.apply(end.y) as number }));
  const places = spread(
    placed.map((end) => end.y),
    NAME_HEIGHT,
    frame.top,
    frame.height - frame.bottom,
  );
  const edge = frame.width - frame.marginRight + GAP;
  const text = edge + SAMPLE + 4;
  for (const [order, end] of placed.entries()) {
    const at = places[order] ?? end.y;
    const line = { stroke: colourOf(end.index), fill: 'none' };
    add(plot, 'path', {
      ...line,
      d: `M${end.x + 3} ${end.y}L${edge} ${at}`,
      'stroke-width': 0.75,
      'stroke-opacity': 0.6,
    });
    add(plot, 'path', {
      ...line,
      d: `M${edge} ${at}h${SAMPLE}`,
      'stroke-width': 2,
      'stroke-dasharray': dashOf(end.index),
    });
    const name = { x: text, y: at, dy: '0.35em', fill: 'currentColor', 'text-anchor': 'start' };
    add(plot, 'text', name).textContent = shortened(end.name, frame.width - text);
  }
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
