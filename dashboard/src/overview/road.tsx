import { asOf } from '../api/as-of.ts';
import { useLive } from '../api/use-live.ts';
import { short, whole } from '../format/number.ts';
import { messages, nameOf } from '../i18n/language.ts';
import { Chart } from '../parts/chart.tsx';
import { mostFirst } from '../parts/chart-source.ts';
import { EmbedButton } from '../parts/embed-button.tsx';
import { milestoneTitle } from '../parts/milestone-title.ts';
import type { Board } from './board-query.ts';
import { pointsOf } from './road-points.ts';
import { ROAD_SOURCES, ROADS } from './road-query.ts';

/** As many lines as can be told apart. */
const MOST = 8;

/** How many vehicles each maker had delivered so many months after its first: a line a maker, its bounds as a band, its milestones as dots. */
export function RoadToMillion({ board }: { readonly board: Board }) {
  const m = messages.value;
  const makers = board.entries
    .filter(({ metric }) => metric === 'DELIVERIES')
    .map(({ subject }) => subject)
    .slice(0, MOST);
  const ids = makers.map(({ id }) => id);
  const { data } = useLive(ROADS, { ids, asOf: asOf.value });
  const { data: sources } = useLive(ROAD_SOURCES, { makers: makers.map(({ slug }) => slug), asOf: asOf.value });
  const roads = (data?.nodes ?? []).flatMap((node) => (node !== null && 'curve' in node ? [node] : []));
  const { lines, dots } = pointsOf(roads, nameOf, milestoneTitle);
  return (
    <section aria-labelledby="road">
      <h2 id="road">{m.road}</h2>
      <p class="quiet">{m.roadNote}</p>
      <Chart
        height={360}
        label={m.road}
        note={m.roadNote}
        path="/"
        awaited={sources === null}
        publishers={mostFirst((sources?.figures.nodes ?? []).map(({ source }) => source.publisher.name))}
        ready={lines.length > 0}
        draw={async (width) => (await import('./draw-road.ts')).drawRoad({ lines, dots, width, height: 360, short })}
        table={{
          head: [m.maker, m.months, m.vehicles],
          rows: lines
            .filter(({ isLast }) => isLast)
            .map(({ maker, months, value }) => [maker, whole(months), whole(value)]),
        }}
        of={JSON.stringify([lines, dots, m.road])}
      >
        <EmbedButton title={m.road} name="road" />
      </Chart>
    </section>
  );
}
