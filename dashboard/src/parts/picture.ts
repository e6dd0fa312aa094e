import { withoutStyles } from './without-styles.ts';
import { wrapText } from './wrap-text.ts';

/** A picture has this size wherever it is made: on a phone it is not smaller. */
export const DRAWING_WIDTH = 960;
const MARGIN = 24;
const FONT = "system-ui, 'PingFang SC', 'Noto Sans SC', sans-serif";
const LINE_HEIGHT = 1.4;
const SIZES = { title: 20, note: 13, source: 11 };
/** Pixels of a PNG for each of the drawing. */
const SCALE = 2;
const SVG = 'http://www.w3.org/2000/svg';
/** What elements of a drawing inherit, and style sheets may have set. */
const INHERITED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
];

export interface Around {
  readonly title: string;
  readonly note?: string | undefined;
  /** Whose numbers they are, and where the chart is. */
  readonly source: readonly string[];
}

/** A drawing as a file of its own: on white, with its title above and its source below, and without a need for our style sheets. */
export function pictureOf(drawn: Element, around: Around): SVGSVGElement {
  const host = document.createElement('div');
  host.className = 'picture';
  host.style.inlineSize = `${DRAWING_WIDTH}px`;
  const quiet = document.createElement('span');
  quiet.className = 'quiet';
  host.append(withoutStyles(drawn), quiet);
  document.body.append(host);
  // Pictures are for pages of others, which are white. Nothing is painted before it is as it was.
  const { dataset } = document.documentElement;
  const { theme } = dataset;
  dataset.theme = 'light';
  try {
    const colours = { text: getComputedStyle(host).color, quiet: getComputedStyle(quiet).color };
    return compose(partsOf(host), around, colours);
  } finally {
    if (theme === undefined) delete dataset.theme;
    else dataset.theme = theme;
    host.remove();
  }
}

/** A picture as the text of an SVG file. */
export function svgFile(picture: SVGSVGElement): Blob {
  return new Blob([new XMLSerializer().serializeToString(picture)], { type: 'image/svg+xml' });
}

/** A picture in pixels. */
export async function pngFile(picture: SVGSVGElement): Promise<Blob> {
  const url = URL.createObjectURL(svgFile(picture));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = picture.width.baseVal.value * SCALE;
    canvas.height = picture.height.baseVal.value * SCALE;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) =>
      canvas.toBlob((blob) => (blob === null ? reject(new Error('The picture is too large.')) : resolve(blob))),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}

interface Part {
  readonly svg: SVGSVGElement;
  readonly box: DOMRect;
}

/** The drawings of a host where they are in it, with the styles that they have there. */
function partsOf(host: HTMLElement): { readonly parts: readonly Part[]; readonly height: number } {
  const origin = host.getBoundingClientRect();
  const parts = [...host.querySelectorAll('svg')]
    .filter((svg) => svg.parentElement?.closest('svg') === null)
    .map((svg) => {
      const { left, top, width, height } = svg.getBoundingClientRect();
      return { svg: inlined(svg), box: new DOMRect(left - origin.left, top - origin.top, width, height) };
    });
  return { parts, height: Math.max(0, ...parts.map(({ box }) => box.bottom)) };
}

/** A copy whose elements say themselves how they look. */
function inlined(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const to = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  from.forEach((element, index) => {
    const target = to[index];
    if (target === undefined) return;
    const style = getComputedStyle(element);
    const above = index === 0 || element.parentElement === null ? null : getComputedStyle(element.parentElement);
    for (const name of INHERITED) {
      const value = style.getPropertyValue(name);
      target.style.removeProperty(name);
      if (above === null || value !== above.getPropertyValue(name)) target.setAttribute(name, value);
      else target.removeAttribute(name);
    }
    target.removeAttribute('class');
    if (target.style.length === 0) target.removeAttribute('style');
  });
  copy.removeAttribute('aria-hidden');
  return copy;
}

function compose(
  { parts, height }: ReturnType<typeof partsOf>,
  { title, note, source }: Around,
  colours: { readonly text: string; readonly quiet: string },
): SVGSVGElement {
  const picture = element('svg', { 'font-family': FONT, role: 'img' });
  const name = element('title', {});
  name.textContent = title;
  const background = element('rect', { width: '100%', height: '100%', fill: '#ffffff' });
  picture.append(name, background);
  let y = MARGIN;
  const write = (text: string, size: number, fill: string, weight: number): void => {
    for (const line of linesOf(text, size, weight)) {
      y += size * LINE_HEIGHT;
      const row = element('text', { x: MARGIN, y, fill, 'font-size': size, 'font-weight': weight });
      row.textContent = line;
      picture.append(row);
    }
  };
  write(title, SIZES.title, colours.text, 600);
  if (note !== undefined) write(note, SIZES.note, colours.quiet, 400);
  y += MARGIN / 2;
  for (const { svg, box } of parts) {
    const place = { x: MARGIN + box.x, y: y + box.y, width: box.width, height: box.height, overflow: 'visible' };
    for (const [key, value] of Object.entries(place)) svg.setAttribute(key, String(value));
    picture.append(svg);
  }
  y += height + MARGIN / 4;
  for (const line of source) write(line, SIZES.source, colours.quiet, 400);
  const size = { width: DRAWING_WIDTH + 2 * MARGIN, height: Math.ceil(y + MARGIN) };
  for (const [key, value] of Object.entries(size)) picture.setAttribute(key, String(value));
  picture.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
  return picture;
}

function linesOf(text: string, size: number, weight: number): readonly string[] {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return [text];
  context.font = `${weight} ${size}px ${FONT}`;
  return wrapText(text, DRAWING_WIDTH, (part) => context.measureText(part).width);
}

function element<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
