import type { Metric, Subject, SubjectKind } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { isMemberOn } from './alliance.ts';
import { deriveObservation, type Observed } from './derivation.ts';
import { readLedgers } from './ledger.ts';
import { type Period, previousPeriod } from './period.ts';

export interface LeaderboardRequest {
  readonly metric: Metric;
  readonly period: Period;
  readonly kinds: readonly SubjectKind[];
  readonly first: number;
  readonly asOf: Date | null;
}

/** Who did how much in a period, the most first. */
export interface LeaderboardOf {
  readonly metric: Metric;
  readonly period: Period;
  readonly entries: readonly RankedEntry[];
  readonly overlaps: readonly OverlapOf[];
}

export interface RankedEntry {
  /** 1 for the most; equal values share a rank, and the next rank is skipped. */
  readonly rank: number;
  readonly subjectId: number;
  readonly observation: Observed;
  /** The part of the sum of all on the board, 0 to 1; what stands inside another on the board is not added again. */
  readonly share: number | null;
  readonly previousRank: number | null;
}

/** A subject on the board whose vehicles another one on the board counts as well. */
export interface OverlapOf {
  readonly partId: number;
  readonly wholeId: number;
}

/** Ranks every subject of the kinds that has a value; ties share a rank. */
export async function readLeaderboard(db: Db, request: LeaderboardRequest): Promise<LeaderboardOf> {
  const { metric, period, kinds, first, asOf } = request;
  const subjects = await db.subject.findMany({ where: { kind: { in: [...kinds] } }, orderBy: { id: 'asc' } });
  const ids = subjects.map(({ id }) => id);
  const ledgers = await readLedgers(db, ids, { metric, withinId: null, asOf });
  const observe = (of: Period) =>
    ids.flatMap((id) => {
      const ledger = ledgers.get(id);
      const observed = ledger === undefined ? null : deriveObservation(ledger, of);
      return observed === null || sizeOf(observed) === null ? [] : [observed];
    });
  const now = rank(observe(period));
  const before = previousPeriod(period);
  const ranksBefore = new Map(
    before === null ? [] : rank(observe(before)).map((entry) => [entry.observation.ledger.subjectId, entry.rank]),
  );
  const overlaps = await findOverlaps(
    db,
    subjects,
    new Set(now.map(({ observation }) => observation.ledger.subjectId)),
    period,
  );
  const parts = new Set(overlaps.map(({ partId }) => partId));
  const total = now.reduce(
    (sum, { observation }) => (parts.has(observation.ledger.subjectId) ? sum : sum + (sizeOf(observation) ?? 0)),
    0,
  );
  const entries = now.slice(0, first).map(({ rank: place, observation }): RankedEntry => {
    const { subjectId } = observation.ledger;
    const share = total > 0 ? (sizeOf(observation) ?? 0) / total : null;
    return { rank: place, subjectId, observation, share, previousRank: ranksBefore.get(subjectId) ?? null };
  });
  const shown = new Set(entries.map(({ subjectId }) => subjectId));
  return {
    metric,
    period,
    entries,
    overlaps: overlaps.filter(({ partId, wholeId }) => shown.has(partId) && shown.has(wholeId)),
  };
}

/** What a subject is ranked by: its value, or what it is certainly over. */
function sizeOf({ value, lower }: Observed): number | null {
  return value ?? lower;
}

function rank(observed: readonly Observed[]): readonly { readonly rank: number; readonly observation: Observed }[] {
  const sorted = [...observed].sort(
    (a, b) => (sizeOf(b) ?? 0) - (sizeOf(a) ?? 0) || a.ledger.subjectId - b.ledger.subjectId,
  );
  let place = 0;
  return sorted.map((observation, index) => {
    const previous = sorted[index - 1];
    if (previous === undefined || sizeOf(previous) !== sizeOf(observation)) place = index + 1;
    return { rank: place, observation };
  });
}

/** Brands inside their companies, models inside their brands, members inside their alliance, over however many steps. */
async function findOverlaps(
  db: Db,
  subjects: readonly Subject[],
  shown: ReadonlySet<number>,
  period: Period,
): Promise<readonly OverlapOf[]> {
  const parents = await db.subject.findMany({
    where: { parentId: { not: null } },
    select: { id: true, parentId: true },
  });
  const memberships = await db.membership.findMany();
  const above = new Map<number, number[]>();
  const put = (part: number, whole: number) => above.set(part, [...(above.get(part) ?? []), whole]);
  for (const { id, parentId } of parents) put(id, parentId as number);
  for (const membership of memberships)
    if (isMemberOn(membership, period.end)) put(membership.brandId, membership.allianceId);
  return subjects
    .filter(({ id }) => shown.has(id))
    .flatMap(({ id }) =>
      [...everythingAbove(id, above)].filter((whole) => shown.has(whole)).map((wholeId) => ({ partId: id, wholeId })),
    );
}

function everythingAbove(
  id: number,
  above: ReadonlyMap<number, readonly number[]>,
  seen = new Set<number>(),
): ReadonlySet<number> {
  for (const whole of above.get(id) ?? []) {
    if (seen.has(whole)) continue;
    seen.add(whole);
    everythingAbove(whole, above, seen);
  }
  return seen;
}
