import './chart.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { whole } from '../format/number.ts';
import { messages } from '../i18n/language.ts';
import type { Data, Datum } from './chart-csv.ts';
import { addressOf, sourceLine } from './chart-source.ts';
import { ChartTools } from './chart-tools.tsx';
import { useIsNear } from './use-is-near.ts';

/** The usual size of the text of a page, in pixels, in which charts are drawn. */
const BASE = 16;

interface ChartProps {
  /** What the chart shows: its name for screen readers, and the title of its picture. */
  readonly label: string;
  readonly height: number;
  /** Whether there is something to draw. */
  readonly ready: boolean;
  /** Draws it anew, so wide. */
  readonly draw: (width: number) => Promise<Element>;
  /** Changes when what is drawn changes. */
  readonly of: string;
  /** The same in numbers. */
  readonly table: Data;
  /** Stands above the chart; without it whoever shows the chart has named it. */
  readonly title?: string;
  /** Whether the page has named it already: its title is then for its files, and for screen readers. */
  readonly isNamed?: boolean;
  /** What a reader of the picture has to know besides the title. */
  readonly note?: string;
  /** Whether it is not known yet whose numbers they are. */
  readonly awaited?: boolean;
  /** Whose numbers they are, who said most of them first. */
  readonly publishers?: readonly string[];
  /** The page that has the chart, if it is another than the one that is open. */
  readonly path?: string;
  /** The data of the file, if it has more than the table. */
  readonly data?: Data;
  /** More buttons. */
  readonly children?: ComponentChildren;
}

/** A chart that is as wide as its place, with its source, its table, and itself as files. It keeps its place while it loads. */
export function Chart(props: ChartProps) {
  const { label, height, ready, draw, of, table, title, note, publishers = [], path, data, children } = props;
  const { awaited = false, isNamed = false } = props;
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  const isNear = useIsNear(place);
  useEffect(() => {
    if (!ready || !isNear || width === 0) return undefined;
    let isCurrent = true;
    const scale = textScale();
    void draw(Math.round(width / scale)).then((drawn) => {
      if (!isCurrent) return;
      if (scale !== 1) enlarge(drawn);
      // The place has the name; the parts of the drawing say nothing more.
      drawn.setAttribute('aria-hidden', 'true');
      place.current?.replaceChildren(drawn);
    });
    return () => {
      isCurrent = false;
    };
  }, [ready, isNear, width, of]);
  const source = sourceLine(publishers);
  const address = addressOf(path);
  return (
    <figure class="chart">
      {title !== undefined && <figcaption class={isNamed ? 'hidden' : undefined}>{title}</figcaption>}
      {title !== undefined && note !== undefined && <p class="quiet note">{note}</p>}
      <div ref={place} class="drawing" style={{ '--height': `${height / BASE}rem` }} role="img" aria-label={label} />
      <div class="under">
        <p class="quiet">{source}</p>
        <ChartTools
          around={{ title: title ?? label, note, source: [source, address] }}
          draw={draw}
          data={data ?? table}
          ready={ready && !awaited}
        >
          {children}
        </ChartTools>
      </div>
      <DataTable label={label} table={table} />
    </figure>
  );
}

/** How many times as large as usual the text of the page is: on a wall, or as the reader has chosen. */
function textScale(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / BASE;
}

/** Lets a drawing fill its place, its text with it. */
function enlarge(drawn: Element): void {
  drawn.setAttribute('width', '100%');
  drawn.setAttribute('height', '100%');
}

function DataTable({ label, table }: { readonly label: string; readonly table: Data }) {
  return (
    <details>
      <summary>{messages.value.asTable}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls has to be reached by the keyboard */}
      <section class="scrolling" tabIndex={0} aria-label={label}>
        <table>
          <thead>
            <tr>
              {table.head.map((name, index) => (
                <th key={name} scope="col" class={index === 0 ? '' : 'number'}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr key={row[0]}>
                {row.map((cell, index) => (
                  <Cell key={table.head[index]} of={cell} isFirst={index === 0} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}

function Cell({ of, isFirst }: { readonly of: Datum; readonly isFirst: boolean }) {
  const shown = typeof of === 'number' ? whole(of) : (of ?? '–');
  return isFirst ? <th scope="row">{shown}</th> : <td class="number">{shown}</td>;
}
