import DataLoader from 'dataloader';
import type { Figure, FigureRank, Metric } from '../database/generated/client.ts';
import { totalsOf } from '../domain/boards/curve.ts';
import { observationsIn, type SeriesRange } from '../domain/boards/series.ts';
import {
  type Break,
  type BreakingClaim,
  breaksOf,
  readBreakingClaims,
  type SeriesOf,
} from '../domain/claims/breaks.ts';
import { RANKS, rankedAt } from '../domain/claims/rank-history.ts';
import { type Slot, slotKey } from '../domain/claims/slot.ts';
import { readFiguresOf } from '../domain/claims/slot-figures.ts';
import { type Grounds, groundsOf } from '../domain/estimates/grounds.ts';
import type { HistoryScope, MetricHistory } from '../domain/estimates/history.ts';
import { nothingAbout } from '../domain/estimates/kept.ts';
import { readHistories } from '../domain/estimates/knowledge.ts';
import { latestTotalOf, type Observed, observationOf } from '../domain/estimates/observation.ts';
import { isAlwaysKept, readLatestTotals, readObservations } from '../domain/estimates/reading.ts';
import { groupBy } from '../domain/values/group.ts';
import type { Period } from '../domain/values/period.ts';
import { required } from '../required.ts';
import type { Context } from './context.ts';
import { type AskedOfSeries, keptAlready, loadKept } from './kept-series.ts';

/** A subject in a scope. */
export interface Place extends HistoryScope {
  readonly subjectId: number;
}

/** What one operation has read. It belongs to its context, so a pushed event never sees what was read for an earlier one. */
interface Loaders {
  readonly histories: Map<string, DataLoader<number, MetricHistory | null>>;
  readonly totals: Map<string, DataLoader<number, Observed | null>>;
  readonly observations: DataLoader<Slot, Observed | null, string>;
  readonly figures: DataLoader<Slot, readonly Figure[], string>;
  readonly ranks: DataLoader<number, readonly FigureRank[]>;
  readonly breaks: DataLoader<SeriesOf, readonly BreakingClaim[], string>;
  /** The series of figures, by their ids. */
  readonly slots: DataLoader<number, SeriesOf>;
}

const loaders = new WeakMap<Context, Loaders>();

/**
 * What is known of a period, null if nothing is. Now it is looked up, all that an operation asks for together; as known at an instant, or
 * if it is a period of which no observation is kept, it is worked out from the claims.
 */
export async function loadObservation(context: Context, place: Place, period: Period): Promise<Observed | null> {
  const { subjectId, metric, withinId, asOf } = place;
  if (asOf === null) {
    const known = keptAlready(context, place, period);
    if (known !== undefined) return known;
    const kept = await loadersOf(context).observations.load({ subjectId, metric, withinId, period: period.text });
    if (kept !== null || isAlwaysKept(metric, withinId, period)) return kept;
  }
  const history = await loadHistory(context, place);
  return history === null ? null : observationOf(history, period);
}

/** The kept observation of the slot with a key. If none is left, one of which nothing is known. */
export async function loadSlot(context: Context, key: string): Promise<Observed> {
  const [subjectId, metric, text = '', withinId = ''] = key.split('|');
  const slot = {
    subjectId: Number(subjectId),
    metric: metric as Metric,
    period: text,
    withinId: withinId === '' ? null : Number(withinId),
  };
  return (await loadersOf(context).observations.load(slot)) ?? nothingAbout(slot);
}

/** The newest total to date. Null if nothing is known of it. */
export async function loadLatestTotal(context: Context, place: Place): Promise<Observed | null> {
  const { subjectId, metric, asOf } = place;
  if (asOf !== null) {
    const history = await loadHistory(context, place);
    return history === null ? null : latestTotalOf(history);
  }
  const { totals } = loadersOf(context);
  const loader =
    totals.get(metric) ??
    new DataLoader(async (ids: readonly number[]) => {
      const found = await readLatestTotals(context.db, ids, metric);
      return ids.map((id) => found.get(id) ?? null);
    });
  totals.set(metric, loader);
  return loader.load(subjectId);
}

/** The totals to date that are kept, the earliest first. All that an operation asks for are read together. */
export async function loadTotals(context: Context, place: Place): Promise<readonly Observed[]> {
  if (place.asOf !== null) {
    const history = await loadHistory(context, place);
    return history === null ? [] : totalsOf(history);
  }
  return loadKept(context, place, 'TO_DATE', { from: null, to: null });
}

/** What an observation follows from. Worked out from the claims, unless a claim gives the value. */
export async function loadGrounds(context: Context, observed: Observed): Promise<Grounds> {
  const { bestId, resolution, place, period } = observed;
  if (bestId !== null) return { figureIds: [bestId], explanation: resolution, phrase: '' };
  const history = await loadHistory(context, place);
  return history === null ? { figureIds: [], explanation: resolution, phrase: '' } : groundsOf(history, period);
}

/** What is known of the periods of a range. It is read together with what their changes are measured against. */
export async function loadKnown(
  context: Context,
  place: Place,
  range: SeriesRange,
  asked?: AskedOfSeries,
): Promise<readonly Observed[]> {
  const { granularity } = range;
  if (place.asOf !== null || granularity === 'YEAR_TO_DATE' || granularity === 'WEEK') {
    const history = await loadHistory(context, place);
    return history === null ? [] : observationsIn(history, range);
  }
  return loadKept(context, place, granularity, range, asked);
}

/** What all claims about a subject amount to. All histories that an operation asks for in one scope are worked out together. */
export function loadHistory(context: Context, { subjectId, ...scope }: Place): Promise<MetricHistory | null> {
  const { histories } = loadersOf(context);
  const key = [scope.metric, scope.withinId, scope.asOf?.getTime()].join('|');
  const loader =
    histories.get(key) ??
    new DataLoader(async (ids: readonly number[]) => {
      const found = await readHistories(context.db, ids, scope);
      return ids.map((id) => found.get(id) ?? null);
    });
  histories.set(key, loader);
  return loader.load(subjectId);
}

/** All figures ever recorded about a slot. All slots that an operation asks for are read together. */
export function loadFigures(context: Context, slot: Slot): Promise<readonly Figure[]> {
  return loadersOf(context).figures.load(slot);
}

/**
 * Where the series was redefined that an observation is of, and those of its relatives from whose claims it follows. All series that an
 * operation asks for are read together.
 */
export async function loadBreaks(context: Context, observed: Observed): Promise<readonly Break[]> {
  const { subjectId, metric, withinId, asOf } = observed.place;
  const { breaks, slots } = loadersOf(context);
  const figureIds = observed.bestId === null ? (await loadGrounds(context, observed)).figureIds : [];
  const others = await Promise.all(figureIds.map((id) => slots.load(id)));
  const series = [{ subjectId, metric, withinId }, ...others.filter((one) => one.metric === metric)];
  const distinct = [...new Map(series.map((one) => [seriesText(one), one])).values()];
  return breaksOf((await Promise.all(distinct.map((one) => breaks.load(one)))).flat(), asOf);
}

/** Figures with the ranks that they had at an instant; with their present ones without an instant. */
export async function withRanksAt<F extends Figure>(
  context: Context,
  figures: readonly F[],
  asOf: Date | null,
): Promise<F[]> {
  if (asOf === null) return [...figures];
  const { ranks } = loadersOf(context);
  return Promise.all(figures.map(async (figure) => rankedAt(figure, await ranks.load(figure.id), asOf)));
}

function loadersOf(context: Context): Loaders {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const fresh: Loaders = {
    histories: new Map(),
    totals: new Map(),
    observations: new DataLoader<Slot, Observed | null, string>(
      async (slots) => {
        const found = await readObservations(context.db, slots);
        return slots.map((slot) => found.get(slotKey(slot)) ?? null);
      },
      { cacheKeyFn: slotKey },
    ),
    figures: new DataLoader<Slot, readonly Figure[], string>(
      async (slots) => {
        const all = await readFiguresOf(context.db, slots);
        return slots.map((slot) => all.filter((figure) => slotKey(figure) === slotKey(slot)));
      },
      { cacheKeyFn: slotKey },
    ),
    breaks: new DataLoader<SeriesOf, readonly BreakingClaim[], string>(
      async (series) => {
        const subjectIds = [...new Set(series.map(({ subjectId }) => subjectId))];
        const found = await readBreakingClaims(context.db, subjectIds, [
          ...new Set(series.map(({ metric }) => metric)),
        ]);
        const bySeries = groupBy(found, seriesText);
        return series.map((one) => bySeries.get(seriesText(one)) ?? []);
      },
      { cacheKeyFn: seriesText },
    ),
    slots: new DataLoader(async (ids: readonly number[]) => {
      const found = await context.db.figure.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, subjectId: true, metric: true, withinId: true },
      });
      const byId = new Map(found.map((figure) => [figure.id, figure]));
      return ids.map((id) => required(byId, id));
    }),
    ranks: new DataLoader(async (ids: readonly number[]) => {
      // By way of the figures, so that a live query depends on their subjects and metrics only.
      const found = await context.db.figure.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, subjectId: true, metric: true, ...RANKS },
      });
      const byFigure = new Map(found.map((figure) => [figure.id, figure.ranks]));
      return ids.map((id) => byFigure.get(id) ?? []);
    }),
  };
  loaders.set(context, fresh);
  return fresh;
}

function seriesText({ subjectId, metric, withinId }: SeriesOf): string {
  return [subjectId, metric, withinId].join('|');
}
