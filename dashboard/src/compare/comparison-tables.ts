import { shown } from '../format/number.ts';
import { period } from '../format/time.ts';
import { nameOf } from '../i18n/language.ts';
import { metricName } from '../i18n/metric-name.ts';
import type { Data } from '../parts/chart-csv.ts';
import type { Line } from './lines.ts';
import { text } from './messages.ts';
import { namesOf } from './wording.ts';

/** A row a period, the newest first, and a column a maker. */
export function wideTable(lines: readonly Line[]): Data {
  const columns = lines.map(({ points }) => new Map(points.map(({ period: name, of }) => [name, of])));
  const known = lines.flatMap(({ points }) => points.filter(({ of }) => of !== null));
  const at = new Map(known.map((point) => [point.period, point.at.getTime()]));
  const periods = [...at].sort(([, a], [, b]) => b - a).map(([name]) => name);
  return {
    head: [text.value.period, ...namesOf(lines)],
    rows: periods.map((name) => [
      period(name),
      ...columns.map((column) => {
        const of = column.get(name) ?? null;
        return of === null ? null : shown(of);
      }),
    ]),
  };
}

/** A row a number, as programs read it: nothing is rounded, and nothing stands for what is unknown. */
export function longTable(lines: readonly Line[], publishers: ReadonlyMap<string, readonly string[]>): Data {
  const m = text.value;
  const numbers = lines.flatMap(({ maker, points }) =>
    points.flatMap(({ of }) => (of === null ? [] : [{ maker, of }])),
  );
  return {
    head: [m.maker, m.counted, m.period, m.value, m.lower, m.upper, m.qualifier, m.method, m.publishers],
    rows: numbers.map(({ maker, of }) => [
      nameOf(maker),
      metricName(of.metric),
      of.period,
      of.value,
      of.lower,
      of.upper,
      of.qualifier,
      of.method,
      m.list(publishers.get(of.id) ?? []),
    ]),
  };
}
