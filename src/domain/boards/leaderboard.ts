import type { Metric, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { slotKey } from '../claims/slot.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { isAlwaysKept, readObservations } from '../estimates/reading.ts';
import { addDays, addMonths, dayOf, firstDayOfMonth } from '../values/calendar.ts';
import { groupBy } from '../values/group.ts';
import { unitOf } from '../values/metric.ts';
import { type Period, periodFromDays, previousPeriod, yearAgo } from '../values/period.ts';
import { type BoardScope, weighedKinds } from './board-parts.ts';
import { type ExtentRow, workOutExtents } from './extents.ts';
import { BoardHistories } from './histories.ts';
import { findLatestPeriod } from './latest-period.ts';
import { ALL, type Asked } from './ranked-apart.ts';
import { type RankedRow, rankPeriod } from './ranking.ts';
import { canBeApart, rankApart } from './ranking-apart.ts';
import { isByIndex, rankByIndex } from './ranking-by-index.ts';

/** A value is comparable if its bounds are no further from it than this share of it: "about 410,000" is, "over 40,000" is not. */
const CLOSE = 0.1;

export interface LeaderboardRequest {
  /** Of each subject the first of these that it has. */
  readonly metrics: readonly [Metric, ...Metric[]];
  /** Null: the newest one that half of the subjects have reported, see `findLatestPeriod`. */
  readonly period: Period | null;
  readonly kinds: readonly SubjectKind[];
  readonly withinId: number | null;
  /** Whether each vehicle is counted once only. */
  readonly withoutParts: boolean;
  readonly first: number;
  readonly asOf: Date | null;
  /** What is shown besides the ranks. Not given: everything. */
  readonly asked?: Asked;
}

/** A ranking of subjects in a period, the largest value first. */
export interface LeaderboardData extends BoardScope {
  readonly metrics: readonly [Metric, ...Metric[]];
  readonly period: Period;
  readonly withoutParts: boolean;
  readonly entries: readonly RankedEntry[];
  /** In the order of the parts on the board, then of the wholes' ids. */
  readonly overlaps: readonly OverlapData[];
  /**
   * The sum over all that are ranked, each vehicle once: without those inside another one, and without what two of them share. A whole
   * counts by its largest part if that is larger. Null: their values do not add up.
   */
  readonly total: number | null;
  /** The ids of all of whom something is known, also if they are left out. Null: those with a kept observation of the period. */
  readonly knownIds: readonly number[] | null;
  /** The newest period that half have reported. Undefined: it was not looked for. */
  readonly found: Period | null | undefined;
  /** What was known at the instant. Null: now. */
  readonly histories: BoardHistories | null;
  /** Without parts: the ids of all that are ranked, also beyond the first. Null if it is not asked who is missing. */
  readonly listedIds: readonly number[] | null;
}

export interface RankedEntry {
  /** 1 for the largest value. Equal values share a rank, and the next ranks are skipped. */
  readonly rank: number;
  /** The best and the worst rank that the bounds allow. */
  readonly rankLower: number;
  readonly rankUpper: number;
  readonly subjectId: number;
  readonly observation: Observed;
  /** The share of the board's sum, 0 to 1. A subject inside another one on the board is not added again. */
  readonly share: number | null;
  readonly previousRank: number | null;
  readonly yearAgoRank: number | null;
  /** Whether it has a value in the board's own metric that is known closely enough. */
  readonly isComparable: boolean;
}

/** A subject whose vehicles another one on the board also counts. */
export interface OverlapData {
  readonly partId: number;
  readonly wholeId: number;
}

/** Ranks every subject of these kinds that has a value; equal values share a rank. */
export async function readLeaderboard(db: Db, request: LeaderboardRequest): Promise<LeaderboardData> {
  const { metrics, kinds, withinId, withoutParts, asOf, asked = ALL } = request;
  const histories = new BoardHistories(db, request, asOf);
  const known = asOf === null ? null : histories;
  const found = request.period === null ? await findLatestPeriod(db, request, known) : undefined;
  const period = request.period ?? found ?? lastMonth();
  const [before, yearBefore] = [previousPeriod(period), yearAgo(period)];
  const isKept = asOf === null && metrics.every((metric) => isAlwaysKept(metric, withinId, period));
  const periods = [period, before, yearBefore].filter((one) => one !== null);
  const workedOut = isKept ? null : await workOutExtents(histories, weighedKinds(kinds), periods);
  const ranking = { ...request, period, before, yearBefore, asksWhoIsMissing: asked.missing };
  const rankShort = isByIndex(ranking, asked) ? rankByIndex : rankApart;
  const apart = isKept && canBeApart(ranking, asked) ? await rankShort(db, ranking, asked) : null;
  const rows = apart?.rows ?? (await rankPeriod(db, ranking, workedOut));
  const observed =
    apart?.observed ??
    (await (isKept ? readKept(db, request, period, rows, asked) : readWorkedOut(histories, period, rows)));
  const [{ total, listedIds } = { total: 0, listedIds: [] }] = rows;
  const addsUp = withinId === null && unitOf(metrics[0]) !== 'PERCENT';
  return {
    ...{ metrics, kinds, withinId, withoutParts, period, listedIds, found, histories: known },
    total: addsUp ? total : null,
    entries: rows.flatMap((row) => {
      const observation = observed.get(row.subjectId);
      // Gone since it was ranked.
      return observation === undefined ? [] : entryOf(row, observation, metrics[0], addsUp);
    }),
    overlaps: rows.flatMap(overlapsOf),
    knownIds: workedOut === null ? null : knownIn(workedOut, period),
  };
}

function entryOf(row: RankedRow, observation: Observed, metric: Metric, addsUp: boolean): RankedEntry {
  const { subjectId, rank, rankLower, rankUpper, size, total, previousRank, yearAgoRank } = row;
  return {
    ...{ subjectId, rank, rankLower, rankUpper, previousRank, yearAgoRank, observation },
    share: addsUp && total > 0 ? size / total : null,
    isComparable: row.metric === metric && isClose(observation),
  };
}

/** Whether there is a value, and its bounds are near it. */
function isClose({ value, lower, upper }: Observed): boolean {
  if (value === null || lower === null || upper === null) return false;
  return Math.max(value - lower, upper - value) <= value * CLOSE;
}

function overlapsOf({ subjectId, wholes, shared }: RankedRow): readonly OverlapData[] {
  return [
    ...wholes.map((wholeId) => ({ partId: subjectId, wholeId })),
    ...shared.map((partId) => ({ partId, wholeId: subjectId })),
  ];
}

/** The kept observations of those that are shown, by subject. One statement. */
async function readKept(
  db: Db,
  { withinId }: LeaderboardRequest,
  { text: period }: Period,
  rows: readonly RankedRow[],
  { details }: Asked,
): Promise<ReadonlyMap<number, Observed>> {
  const slots = rows.map(({ subjectId, metric }) => ({ subjectId, metric, period, withinId }));
  const found = await readObservations(db, slots, details);
  return new Map(
    slots.flatMap((slot) => {
      const observed = found.get(slotKey(slot));
      return observed === undefined ? [] : [[slot.subjectId, observed]];
    }),
  );
}

/** The same of what is worked out from the claims. */
async function readWorkedOut(
  histories: BoardHistories,
  period: Period,
  rows: readonly RankedRow[],
): Promise<ReadonlyMap<number, Observed>> {
  const observed = new Map<number, Observed>();
  for (const [metric, ofMetric] of groupBy(rows, (row) => row.metric)) {
    const ids = ofMetric.map(({ subjectId }) => subjectId);
    for await (const history of histories.among(ids, metric)) {
      const one = observationOf(history, period);
      if (one !== null) observed.set(history.subjectId, one);
    }
  }
  return observed;
}

function knownIn(rows: readonly ExtentRow[], { text }: Period): readonly number[] {
  return [...new Set(rows.filter(({ period }) => period === text).map(({ id }) => id))];
}

/** The last month that has ended: where nobody has reported anything, nobody has reported this one. */
function lastMonth(): Period {
  const firstDay = firstDayOfMonth(dayOf(new Date()));
  return periodFromDays(addMonths(firstDay, -1), addDays(firstDay, -1));
}
