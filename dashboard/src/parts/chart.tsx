import './chart.css';
import type { ComponentChildren } from 'preact';
import type { CsvCell } from '../format/csv.ts';
import { whole } from '../format/number.ts';
import { messages } from '../i18n/language.ts';
import { Broken } from './broken.tsx';
import type { Data } from './chart-csv.ts';
import { addressOf, sourceLine } from './chart-source.ts';
import { ChartTools } from './chart-tools.tsx';
import { ScrollBox } from './scroll-box.tsx';
import { TableHead } from './table-head.tsx';
import { BASE, type Drawn, useDrawing } from './use-drawing.ts';

interface ChartProps extends Drawn {
  /** What the chart shows: its name for screen readers, and the title of its picture. */
  readonly label: string;
  readonly height: number;
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
  const { place, hasFailed } = useDrawing({ ready, draw, of });
  const source = sourceLine(publishers);
  const address = addressOf(path);
  return (
    <figure class="chart">
      {title !== undefined && <figcaption class={isNamed ? 'hidden' : undefined}>{title}</figcaption>}
      {title !== undefined && note !== undefined && <p class="quiet note">{note}</p>}
      <div ref={place} class="drawing" style={{ '--height': `${height / BASE}rem` }} role="img" aria-label={label} />
      {hasFailed && <Broken />}
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

function DataTable({ label, table }: { readonly label: string; readonly table: Data }) {
  return (
    <details>
      <summary>{messages.value.asTable}</summary>
      <ScrollBox label={label}>
        <table>
          <TableHead columns={table.head.map((name, index) => (index === 0 ? name : { number: name }))} />
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
      </ScrollBox>
    </details>
  );
}

function Cell({ of, isFirst }: { readonly of: CsvCell; readonly isFirst: boolean }) {
  const shown = typeof of === 'number' ? whole(of) : (of ?? '–');
  return isFirst ? <th scope="row">{shown}</th> : <td class="number">{shown}</td>;
}
