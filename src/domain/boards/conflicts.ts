import type { Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { present, required } from '../../required.ts';
import { type FigureFilter, figuresMatching } from '../claims/figure-filter.ts';
import { type Slot, slotKey } from '../claims/slot.ts';
import { observedFrom } from '../estimates/kept.ts';
import { readHistories } from '../estimates/knowledge.ts';
import { type Observed, observationOf } from '../estimates/observation.ts';
import { groupBy } from '../values/group.ts';
import { parsePeriod } from '../values/period.ts';

/** A page of observations whose claims contradict each other, the newest period first. */
export interface ConflictPage {
  readonly items: readonly Conflict[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

interface Conflict {
  readonly place: ConflictPlace;
  readonly observed: Observed;
}

/** The part of the list that is asked for: so many after a place or from the start, or backwards before a place or from the end. */
export interface ConflictSlice {
  readonly size: number;
  readonly place: ConflictPlace | null;
  readonly backwards: boolean;
}

/** The sort key of conflicts: the period's last day, then the slot, which is unique. */
export interface ConflictPlace {
  readonly periodEnd: Date;
  readonly slot: string;
}

/** The observations with contradicting claims about the figures of a filter, now or as known at an instant. */
export async function readConflicts(
  db: Db,
  filter: FigureFilter,
  slice: ConflictSlice,
  asOf: Date | null,
): Promise<ConflictPage> {
  // At an instant only the claims that counted then are weighed.
  const currentOnly = asOf !== null || (filter.currentOnly ?? true);
  const figures = await figuresMatching(db, { ...filter, currentOnly }, asOf);
  const conflicts = await (asOf === null ? readConflictsNow(db, figures) : readConflictsAsOf(db, figures, asOf));
  const sorted = conflicts
    .map((observed) => ({
      observed,
      place: {
        periodEnd: new Date(observed.period.end),
        slot: slotKey({ ...observed.place, period: observed.period.text }),
      },
    }))
    .sort((a, b) => (sortKey(a.place) < sortKey(b.place) ? 1 : -1));
  return pageOf(sorted, slice);
}

function pageOf(sorted: readonly Conflict[], { size, place, backwards }: ConflictSlice): ConflictPage {
  const isBeyond = ({ place: one }: Conflict): boolean =>
    place === null || (backwards ? sortKey(one) > sortKey(place) : sortKey(one) < sortKey(place));
  const rest = sorted.filter(isBeyond);
  const items = backwards ? rest.slice(-size) : rest.slice(0, size);
  const [isMore, isAnyBehind] = [rest.length > size, rest.length < sorted.length];
  return {
    items,
    totalCount: sorted.length,
    hasNextPage: backwards ? isAnyBehind : isMore,
    hasPreviousPage: backwards ? isMore : isAnyBehind,
  };
}

async function readConflictsNow(db: Db, figures: Prisma.FigureWhereInput): Promise<readonly Observed[]> {
  const rows = await db.observation.findMany({ where: { agreement: 'CONFLICTS' } });
  const claimed = await slotsOf(db, { AND: [figures, aboutAnyOf(rows)] });
  return rows.filter((row) => claimed.has(row.slot)).map((row) => observedFrom(row));
}

/** A claim can be set aside because of other periods, so all claims of the subjects and metrics of the figures are weighed. */
async function readConflictsAsOf(db: Db, figures: Prisma.FigureWhereInput, asOf: Date): Promise<readonly Observed[]> {
  const slots = await db.figure.findMany({
    where: figures,
    distinct: ['subjectId', 'metric', 'period', 'withinId'],
    select: { subjectId: true, metric: true, period: true, withinId: true },
  });
  const found: Observed[] = [];
  for (const [, ofScope] of groupBy(slots, ({ metric, withinId }) => `${metric}|${withinId}`)) {
    const { metric, withinId } = present(ofScope[0]);
    const ids = [...new Set(ofScope.map(({ subjectId }) => subjectId))];
    const histories = await readHistories(db, ids, { metric, withinId, asOf });
    for (const { subjectId, period } of ofScope) {
      const observed = observationOf(required(histories, subjectId), present(parsePeriod(period)));
      if (observed?.agreement === 'CONFLICTS') found.push(observed);
    }
  }
  return found;
}

/** Covers all figures about these slots, and few others. */
function aboutAnyOf(slots: readonly Pick<Slot, 'subjectId' | 'metric' | 'period'>[]) {
  const each = <Key extends 'subjectId' | 'metric' | 'period'>(key: Key) => [
    ...new Set(slots.map((slot) => slot[key])),
  ];
  return { subjectId: { in: each('subjectId') }, metric: { in: each('metric') }, period: { in: each('period') } };
}

/** The slots of figures. */
async function slotsOf(db: Db, where: Prisma.FigureWhereInput): Promise<ReadonlySet<string>> {
  const rows = await db.figure.findMany({
    where,
    distinct: ['subjectId', 'metric', 'period', 'withinId'],
    select: { subjectId: true, metric: true, period: true, withinId: true },
  });
  return new Set(rows.map(slotKey));
}

function sortKey({ periodEnd, slot }: ConflictPlace): string {
  return `${periodEnd.toISOString()}|${slot}`;
}
