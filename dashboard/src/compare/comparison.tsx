import { useQuery } from '@urql/preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { asOf } from '../api/as-of.ts';
import { ready } from '../api/changes.ts';
import { useLive } from '../api/use-live.ts';
import { short, whole } from '../format/number.ts';
import { period } from '../format/time.ts';
import { language } from '../i18n/language.ts';
import { Chart } from '../parts/chart.tsx';
import { mostFirst, shownDay } from '../parts/chart-source.ts';
import { EmbedButton } from '../parts/embed-button.tsx';
import { askFor, type Choice } from './choice.ts';
import { longTable, wideTable } from './comparison-tables.ts';
import { indexed, linesOf, publishersOf } from './lines.ts';
import type { Picked } from './makers.tsx';
import { text } from './messages.ts';
import { SERIES, type Series, SOURCES } from './series-query.ts';
import { drawnLines, notesOf, titleOf } from './wording.ts';

const HEIGHT = 440;

/** What asks for the series of some makers under a choice. */
function variablesOf(slugs: readonly string[], choice: Choice) {
  return { makers: [...slugs], ...askFor(choice, shownDay()), asOf: asOf.value };
}

/** The series of some makers under a choice. A list with an unknown slug is refused, which is no failure: once it is known, the list is asked for without it. */
export function useSeries(slugs: readonly string[], choice: Choice, { isRead }: Pick<Picked, 'isRead'>) {
  const read = useLive(SERIES, variablesOf(slugs, choice));
  return { ...read, failed: read.failed && isRead };
}

/** Lines of some makers, with what has to be known to read them. */
export function Comparison({ series, choice }: { readonly series: readonly Series[]; readonly choice: Choice }) {
  const m = text.value;
  const lines = useMemo(() => linesOf(series), [series]);
  const slugs = series.map(({ subject }) => subject.slug);
  const variables = variablesOf(slugs, choice);
  const [{ data, fetching }, askSources] = useQuery({ query: SOURCES, variables, pause: !ready.value });
  const now = { numbers: JSON.stringify(lines), of: JSON.stringify(variables) };
  const last = useRef(now);
  useEffect(() => {
    const before = last.current;
    last.current = now;
    // It takes long, so that it is asked again only if these numbers have changed, not after each change.
    if (before.numbers !== now.numbers && before.of === now.of) askSources({ requestPolicy: 'network-only' });
  }, [now.numbers, now.of]);
  const sources = publishersOf(fetching ? [] : (data?.series ?? []));
  const scaled = choice.isIndexed ? indexed(lines) : null;
  const base = scaled === null ? null : period(scaled.base);
  const isKnown = lines.some(({ points }) => points.some(({ lower }) => lower !== null));
  const title = titleOf(lines, choice);
  const drawing = {
    lines: drawnLines(scaled?.lines ?? lines, lines, base !== null),
    isLog: choice.isLog,
    unit: base === null ? m.vehicles : m.index(base),
    isChinese: language.value === 'zh',
  };
  return (
    <>
      {!isKnown && <p role="status">{m.nothing}</p>}
      <Chart
        height={HEIGHT}
        label={title}
        title={title}
        note={notesOf(lines, choice, base)}
        ready={isKnown}
        awaited={fetching}
        draw={async (width) =>
          (await import('./draw-compare.ts')).drawCompare({
            ...drawing,
            short: base === null ? short : whole,
            width,
            height: HEIGHT,
          })
        }
        of={JSON.stringify(drawing)}
        table={wideTable(lines)}
        data={longTable(lines, sources)}
        publishers={mostFirst([...sources.values()].flat())}
      >
        <EmbedButton title={title} name="compare" />
      </Chart>
    </>
  );
}
