import DataLoader from 'dataloader';
import { daysWithBases, type Over, type SeriesRange } from '../domain/boards/series.ts';
import type { SeriesOf } from '../domain/claims/breaks.ts';
import { slotKey } from '../domain/claims/slot.ts';
import type { Observed } from '../domain/estimates/observation.ts';
import { type DaysBetween, isAlwaysKept, readKeptSeries } from '../domain/estimates/reading.ts';
import type { Metric } from '../domain/values/metric.ts';
import type { Period } from '../domain/values/period.ts';
import type { Context } from './context.ts';

/** A series of periods that are kept wherever anything is known of them. */
interface Wanted {
  readonly subjectId: number;
  readonly metric: Metric;
}

/** The kinds of periods whose series are read here. */
export type KeptKind = Exclude<SeriesRange['granularity'], 'WEEK' | 'YEAR_TO_DATE'> | 'TO_DATE';

/** What one operation has read. */
interface Read {
  readonly loaders: Map<string, DataLoader<Wanted, readonly Observed[], string>>;
  /** Of each series and kind the days on which everything was read that ends on them. */
  readonly days: Map<string, readonly DaysBetween[]>;
  readonly bySlot: Map<string, Observed>;
}

const reads = new WeakMap<Context, Read>();

/**
 * What is kept of the periods of one kind that end on some days, the earliest first. All series that an operation asks for of the same days
 * are read together, with what their changes are measured against.
 */
export async function loadKept(
  context: Context,
  wanted: Wanted,
  kind: KeptKind,
  range: { readonly from: string | null; readonly to: string | null },
  overs: ReadonlySet<Over> = new Set(),
): Promise<readonly Observed[]> {
  const { loaders, days: known, bySlot } = readOf(context);
  const { from, to } = range;
  const key = [kind, from, to, ...[...overs].sort()].join('|');
  let loader = loaders.get(key);
  if (loader === undefined) {
    loader = new DataLoader<Wanted, readonly Observed[], string>(
      async (series) => {
        const days = kind === 'TO_DATE' ? [range] : daysWithBases({ granularity: kind, from, to }, overs);
        const ids = [...new Set(series.map(({ subjectId }) => subjectId))];
        const metrics = [...new Set(series.map(({ metric }) => metric))];
        const found = new Map(
          (await readKeptSeries(context.db, ids, metrics, kind, days)).map((one) => [keyOf(one), one.observations]),
        );
        return series.map((one) => {
          const place = keyOf(one);
          const all = found.get(place) ?? [];
          for (const observed of all) bySlot.set(slotOf(observed.place, observed.period), observed);
          known.set(`${place}|${kind}`, [...(known.get(`${place}|${kind}`) ?? []), ...days]);
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
  const read = reads.get(context);
  if (read === undefined || place.withinId !== null) return undefined;
  const days = read.days.get(`${keyOf(place)}|${period.kind}`);
  if (days?.some((between) => isWithin(period, between)) !== true) return undefined;
  // What is not kept everywhere can still follow from claims.
  return read.bySlot.get(slotOf(place, period)) ?? (isAlwaysKept(place.metric, null, period) ? null : undefined);
}

function readOf(context: Context): Read {
  const known = reads.get(context);
  if (known !== undefined) return known;
  const fresh = { loaders: new Map(), days: new Map(), bySlot: new Map() };
  reads.set(context, fresh);
  return fresh;
}

function isWithin({ end }: Period, { from, to }: DaysBetween): boolean {
  return (from === null || from <= end) && (to === null || end <= to);
}

function slotOf({ subjectId, metric, withinId }: SeriesOf, { text }: Period): string {
  return slotKey({ subjectId, metric, withinId, period: text });
}

function keyOf({ subjectId, metric }: Wanted): string {
  return `${subjectId}|${metric}`;
}
