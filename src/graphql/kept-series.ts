import DataLoader from 'dataloader';
import { daysWithBases, type Over, type SeriesRange } from '../domain/boards/series.ts';
import type { SeriesOf } from '../domain/claims/breaks.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import {
  ALL_DETAILS,
  type DaysBetween,
  type Detail,
  isAlwaysKept,
  readKeptSeries,
} from '../domain/estimates/reading.ts';
import type { Metric } from '../domain/values/metric.ts';
import type { Period, PeriodKind } from '../domain/values/period.ts';
import type { Context } from './context.ts';

/** A series of periods that are kept wherever anything is known of them. */
interface Wanted {
  readonly subjectId: number;
  readonly metric: Metric;
}

/** The kinds of periods whose series are read here. */
export type KeptKind = Exclude<SeriesRange['granularity'], 'WEEK' | 'YEAR_TO_DATE'> | 'TO_DATE';

/** What an operation asks of the observations of a series. */
export interface AskedOfSeries {
  /** The periods that their changes are measured against. */
  readonly overs: ReadonlySet<Over>;
  readonly details: ReadonlySet<Detail>;
}

/** Everything about the periods themselves. */
const EVERYTHING: AskedOfSeries = { overs: new Set(), details: ALL_DETAILS };

/** What was read of a series in periods of one kind: everything that ends on these days. */
interface ReadSeries {
  readonly days: DaysBetween[];
  readonly byPeriod: Map<string, Observed>;
}

/** What one operation has read. */
interface Read {
  readonly loaders: Map<string, DataLoader<Wanted, readonly Observed[], string>>;
  readonly series: Map<string, ReadSeries>;
}

const reads = new WeakMap<Context, Read>();

/**
 * What is kept of the periods of one kind that end on some days, the earliest first. All series that an operation asks for of the same days
 * are read together, with what is asked of them and what their changes are measured against.
 */
export async function loadKept(
  context: Context,
  wanted: Wanted,
  kind: KeptKind,
  range: { readonly from: string | null; readonly to: string | null },
  { overs, details }: AskedOfSeries = EVERYTHING,
): Promise<readonly Observed[]> {
  const { loaders, series: read } = readOf(context);
  const { from, to } = range;
  const key = [kind, from, to, ...[...overs].sort(), ...[...details].sort()].join('|');
  let loader = loaders.get(key);
  if (loader === undefined) {
    loader = new DataLoader<Wanted, readonly Observed[], string>(
      async (series) => {
        const days = kind === 'TO_DATE' ? [range] : daysWithBases({ granularity: kind, from, to }, overs);
        const ids = [...new Set(series.map(({ subjectId }) => subjectId))];
        const metrics = [...new Set(series.map(({ metric }) => metric))];
        const kept = await readKeptSeries(context.db, ids, metrics, kind, days, details);
        const found = new Map(kept.map((one) => [keyOf(one), one.observations]));
        return series.map((one) => {
          const all = found.get(keyOf(one)) ?? [];
          addTo(read, seriesKey(one, kind), days, all);
          return all.filter(({ period }) => isWithin(period, range));
        });
      },
      { cacheKeyFn: keyOf },
    );
    loaders.set(key, loader);
  }
  return loader.load(wanted);
}

/** What the operation has read of a period, null if nothing is known of it. Undefined: it has not been read. */
export function keptAlready(context: Context, place: SeriesOf, period: Period): Observed | null | undefined {
  const read = place.withinId === null ? reads.get(context)?.series.get(seriesKey(place, period.kind)) : undefined;
  const known = read?.byPeriod.get(period.text);
  if (known !== undefined || read?.days.some((days) => isWithin(period, days)) !== true) return known;
  // What is not kept everywhere can still follow from claims.
  return isAlwaysKept(place.metric, null, period) ? null : undefined;
}

function addTo(
  read: Map<string, ReadSeries>,
  key: string,
  days: readonly DaysBetween[],
  all: readonly Observed[],
): void {
  const { days: known, byPeriod } = read.get(key) ?? { days: [], byPeriod: new Map<string, Observed>() };
  known.push(...days);
  for (const observed of all) byPeriod.set(observed.period.text, observed);
  read.set(key, { days: known, byPeriod });
}

function readOf(context: Context): Read {
  const known = reads.get(context);
  if (known !== undefined) return known;
  const fresh = { loaders: new Map(), series: new Map() };
  reads.set(context, fresh);
  return fresh;
}

function isWithin({ end }: Period, { from, to }: DaysBetween): boolean {
  return (from === null || from <= end) && (to === null || end <= to);
}

function seriesKey({ subjectId, metric }: Wanted, kind: PeriodKind): string {
  return `${subjectId}|${metric}|${kind}`;
}

function keyOf({ subjectId, metric }: Wanted): string {
  return `${subjectId}|${metric}`;
}
