import type { Prisma } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { type Observed, observedAlone } from './derivation.ts';
import { type FigureFilter, figuresMatching } from './figure-filter.ts';
import { type Asserted, groupBySlot, observe, type Slot, slotKey, WEIGHED, wasKnownAt } from './observation.ts';

/** A page of observations whose claims contradict each other, the newest period first. */
export interface ConflictPage {
  readonly items: readonly { readonly place: ConflictPlace; readonly observed: Observed }[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** What conflicts are sorted by: the period's last day, then the slot, which is unique. */
export interface ConflictPlace {
  readonly periodEnd: Date;
  readonly slot: string;
}

interface Conflict extends Slot {
  readonly period: string;
  readonly periodEnd: Date;
  readonly subject: { readonly slug: string };
  readonly asserted: Asserted;
}

/** The observations about figures that a filter lets through, whose claims contradict each other, now or as known at some instant. */
export async function readConflicts(
  db: Db,
  filter: FigureFilter,
  page: { readonly first: number; readonly after: ConflictPlace | null },
  asOf: Date | null,
): Promise<ConflictPage> {
  const figures = await figuresMatching(db, { ...filter, currentOnly: asOf === null && (filter.currentOnly ?? true) });
  const conflicts = asOf === null ? await readKept(db, figures) : await readKnown(db, figures, asOf);
  const sorted = conflicts
    .map((conflict) => ({ conflict, place: { periodEnd: conflict.periodEnd, slot: slotKey(conflict) } }))
    .sort((a, b) => (sortKey(a.place) < sortKey(b.place) ? 1 : -1));
  const { after } = page;
  const rest = after === null ? sorted : sorted.filter(({ place }) => sortKey(place) < sortKey(after));
  return {
    items: rest.slice(0, page.first).map(({ conflict, place }) => ({
      place,
      observed: observedAlone({ ...askedOf(conflict), asOf }, conflict.asserted),
    })),
    totalCount: sorted.length,
    hasNextPage: rest.length > page.first,
    hasPreviousPage: rest.length < sorted.length,
  };
}

async function readKept(db: Db, figures: Prisma.FigureWhereInput): Promise<readonly Conflict[]> {
  const rows = await db.observation.findMany({
    where: { agreement: 'CONFLICTS' },
    include: { subject: { select: { slug: true } } },
  });
  const claimed = await slotsOf(db, {
    AND: [figures, aboutAnyOf(rows)],
  });
  return rows
    .filter((row) => claimed.has(row.slot))
    .map((row) => ({ ...row, asserted: { ...row, bestId: row.bestId as number } }));
}

async function readKnown(db: Db, figures: Prisma.FigureWhereInput, asOf: Date): Promise<readonly Conflict[]> {
  const known: Prisma.FigureWhereInput = {
    knownFrom: { lte: asOf },
    OR: [{ knownUntil: null }, { knownUntil: { gt: asOf } }],
  };
  // One claim contradicts nobody, and most slots have one.
  const several = await db.figure.groupBy({
    by: ['subjectId', 'metric', 'period', 'withinId'],
    where: known,
    having: { id: { _count: { gt: 1 } } },
  });
  const claimed = await slotsOf(db, { AND: [figures, known, aboutAnyOf(several)] });
  const rows = await db.figure.findMany({
    where: { knownFrom: { lte: asOf }, ...aboutAnyOf(several) },
    include: { ...WEIGHED, subject: { select: { slug: true } } },
  });
  return [...groupBySlot(rows)].flatMap(([key, ofSlot]) => {
    const [first] = ofSlot;
    if (first === undefined || !claimed.has(key)) return [];
    const current = ofSlot.filter((figure) => wasKnownAt(figure, asOf));
    const asserted = observe(current, current.length < ofSlot.length);
    return asserted?.agreement === 'CONFLICTS' ? [{ ...first, asserted }] : [];
  });
}

/** No fewer than the figures about these slots, and few others. */
function aboutAnyOf(slots: readonly Pick<Slot, 'subjectId' | 'metric' | 'period'>[]): Prisma.FigureWhereInput {
  const each = <Key extends 'subjectId' | 'metric' | 'period'>(key: Key) => [
    ...new Set(slots.map((slot) => slot[key])),
  ];
  return { subjectId: { in: each('subjectId') }, metric: { in: each('metric') }, period: { in: each('period') } };
}

/** The slots that figures are about. */
async function slotsOf(db: Db, where: Prisma.FigureWhereInput): Promise<ReadonlySet<string>> {
  const rows = await db.figure.findMany({
    where,
    distinct: ['subjectId', 'metric', 'period', 'withinId'],
    select: { subjectId: true, metric: true, period: true, withinId: true },
  });
  return new Set(rows.map(slotKey));
}

function askedOf({ subjectId, metric, withinId, period, subject }: Conflict) {
  return { subjectId, metric, withinId, period, slug: subject.slug };
}

function sortKey({ periodEnd, slot }: ConflictPlace): string {
  return `${periodEnd.toISOString()}|${slot}`;
}
