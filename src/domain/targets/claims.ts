import type { Target, TargetClaim } from '../../database/generated/client.ts';
import { groupBy } from '../values/group.ts';
import { orderOf } from './measures.ts';

/** What has to be read of a target's claims to weigh them. */
export const WEIGHED = { include: { source: { include: { publisher: true } } }, orderBy: { id: 'asc' } } as const;

/** The numbers of a target. */
export type Goal = Pick<Target, 'value' | 'lower' | 'upper' | 'growthMinPercent' | 'growthMaxPercent'>;

/** A claim with what weighs it. */
export interface WeighedClaim
  extends Goal,
    Pick<TargetClaim, 'statedMetric' | 'setOn' | 'sourceId' | 'note' | 'recordedAt' | 'knownFrom'> {
  readonly source: {
    readonly publisherId: number;
    readonly originId: number | null;
    readonly publishedOn: Date | null;
    readonly identity: string;
    readonly publisher: { readonly tier: number };
  };
}

/** What a target says by its claims. */
export type Summary = Goal & Pick<Target, 'metric' | 'setOn' | 'sourceId' | 'note'>;

/** Whether two claims name the same numbers. */
export function isSameGoal(a: Goal, b: Goal): boolean {
  return goalKey(a) === goalKey(b);
}

/** The numbers of a claim alone. */
export function goalIn({ value, lower, upper, growthMinPercent, growthMaxPercent }: Goal): Goal {
  return { value, lower, upper, growthMinPercent, growthMaxPercent };
}

/**
 * What a target says by its claims: what the best one does. It is known since the first day on which anyone with these numbers says that it
 * was set. Null without claims.
 */
export function summaryOf(claims: readonly WeighedClaim[]): Summary | null {
  const best = bestClaim(claims);
  if (best === null) return null;
  const days = claims.filter((claim) => isSameGoal(claim, best)).flatMap(({ setOn }) => setOn ?? []);
  return {
    ...goalIn(best),
    metric: best.statedMetric,
    setOn: best.setOn ?? days.sort()[0] ?? null,
    sourceId: best.sourceId,
    note: best.note,
  };
}

/** What a target said at an instant, by the claims that were known then. Null if none was. */
export function summaryAt(claims: readonly WeighedClaim[], asOf: Date): Summary | null {
  return summaryOf(claims.filter(({ knownFrom }) => knownFrom <= asOf));
}

/**
 * The best claim: of the lowest tier, which is the maker's own; then with the numbers that most independent origins name; then published
 * first; then by what it says is counted, and by its document. It does not depend on the order in which sources were recorded. Only of two
 * claims of one document, which a database from before there were claims can have, it is the one that was recorded last.
 */
export function bestClaim<C extends WeighedClaim>(claims: readonly C[]): C | null {
  const origins = new Map(
    [...groupBy(claims, goalKey)].map(([key, same]) => [
      key,
      new Set(same.map(({ source }) => source.originId ?? source.publisherId)).size,
    ]),
  );
  const originsOf = (claim: C) => origins.get(goalKey(claim)) ?? 0;
  const ordered = [...claims].sort(
    (a, b) =>
      a.source.publisher.tier - b.source.publisher.tier ||
      originsOf(b) - originsOf(a) ||
      compare(publishedOn(a), publishedOn(b)) ||
      orderOf(a.statedMetric) - orderOf(b.statedMetric) ||
      compare(a.source.identity, b.source.identity) ||
      compare(b.recordedAt.getTime(), a.recordedAt.getTime()) ||
      compareGoals(a, b),
  );
  return ordered[0] ?? null;
}

function goalKey(goal: Goal): string {
  return Object.values(goalIn(goal)).join('|');
}

/** By the numbers, the lowest first; without a number last. */
function compareGoals(a: Goal, b: Goal): number {
  const [ours, theirs] = [a, b].map((goal) =>
    Object.values(goalIn(goal)).map((one) => one ?? Number.POSITIVE_INFINITY),
  );
  const differences = (ours ?? []).map((one, index) => compare(one, theirs?.[index] ?? one));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** Claims without a day come last. */
function publishedOn({ source }: WeighedClaim): number {
  return source.publishedOn?.getTime() ?? Number.POSITIVE_INFINITY;
}

function compare<T extends number | string>(a: T, b: T): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
