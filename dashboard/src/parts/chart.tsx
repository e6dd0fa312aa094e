import './chart.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { messages } from '../i18n/language.ts';

interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface ChartProps {
  readonly label: string;
  readonly height: number;
  /** Whether there is something to draw. */
  readonly ready: boolean;
  readonly draw: (width: number) => Promise<Element>;
  /** Changes when what is drawn changes. */
  readonly of: string;
  /** The same in numbers. */
  readonly table: Table;
  readonly children?: ComponentChildren;
}

/** A chart that is as wide as its place, with its table. It keeps its place while it loads. */
export function Chart({ label, height, ready, draw, of, table }: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = place;
    if (current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!ready || width === 0) return undefined;
    let isCurrent = true;
    void draw(width).then((drawn) => {
      if (!isCurrent) return;
      // The place has the name; the parts of the drawing say nothing more.
      drawn.setAttribute('aria-hidden', 'true');
      place.current?.replaceChildren(drawn);
    });
    return () => {
      isCurrent = false;
    };
  }, [ready, width, of]);
  return (
    <figure class="chart">
      <div ref={place} style={{ blockSize: `${height}px` }} role="img" aria-label={label} />
      <details>
        <summary>{messages.value.asTable}</summary>
        <table>
          <thead>
            <tr>
              {table.head.map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <tr key={row[0]}>
                {row.map((cell, index) => (
                  <td key={table.head[index]} class={index === 0 ? '' : 'number'}>
                    {cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
