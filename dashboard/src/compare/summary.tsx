import type { Observed } from '../api/observation.ts';
import { useLive } from '../api/use-live.ts';
import { percent } from '../format/number.ts';
import { period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import { Legend } from '../parts/legend.tsx';
import { PageLink, pathOf } from '../parts/page-link.tsx';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { Value } from '../parts/value.tsx';
import { LineSample } from './line-sample.tsx';
import { type Ends, endsOf, type Line, linesOf } from './lines.ts';
import { text } from './messages.ts';
import { MARKED, type Series } from './series-query.ts';

/** The first and the newest number of each line, which open their sources, and how far it came. */
export function Summary({ series }: { readonly series: readonly Series[] }) {
  const m = text.value;
  const rows = linesOf(series).map((line) => ({ line, ends: endsOf(line) }));
  const ids = rows.flatMap(({ ends }) => (ends === null ? [] : [ends.first.id, ends.newest.id]));
  const { data } = useLive(MARKED, { ids });
  const marked = new Map(
    (data?.nodes ?? []).flatMap((node) => (node?.__typename === 'Observation' ? [[node.id, node]] : [])),
  );
  return (
    <section aria-labelledby="summary">
      <h2 id="summary">{m.summary}</h2>
      <ScrollBox label={m.summaryTable}>
        <table>
          <thead>
            <tr>
              <th scope="col">{m.maker}</th>
              <th scope="col">{m.counted}</th>
              <th scope="colgroup" class="pair" colSpan={2}>
                {m.first}
              </th>
              <th scope="colgroup" class="pair" colSpan={2}>
                {m.newest}
              </th>
              <th scope="col" class="number">
                {m.growth}
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ line, ends }, index) => (
              <Row key={line.maker.id} line={line} ends={ends} index={index} marked={marked} />
            ))}
          </tbody>
        </table>
      </ScrollBox>
      <Legend />
    </section>
  );
}

interface RowProps {
  readonly line: Line;
  readonly ends: Ends | null;
  readonly index: number;
  readonly marked: ReadonlyMap<string, Observed>;
}

function Row({ line: { maker, metrics }, ends, index, marked }: RowProps) {
  return (
    <tr>
      <th scope="row">
        <LineSample index={index} /> <PageLink to={pathOf(maker)}>{nameOf(maker)}</PageLink>
      </th>
      <td>{text.value.list(metrics.map(metricName))}</td>
      <End of={ends?.first} slug={maker.slug} marked={marked} />
      <End of={ends?.newest} slug={maker.slug} marked={marked} />
      <td class="number">{percent(ends?.growth)}</td>
    </tr>
  );
}

interface EndProps {
  readonly of: Ends['first'] | undefined;
  readonly slug: string;
  readonly marked: ReadonlyMap<string, Observed>;
}

function End({ of, slug, marked }: EndProps) {
  if (of === undefined)
    return (
      <>
        <td class="number">–</td>
        <td />
      </>
    );
  // Until its marks have arrived.
  const bare: Observed = { ...of, revised: false, agreement: 'SOLE', contradictions: [] };
  return (
    <>
      <td class="number">
        <Value of={marked.get(of.id) ?? bare} subject={slug} metric={of.metric} />
      </td>
      <td class="quiet">{period(of.period)}</td>
    </>
  );
}
