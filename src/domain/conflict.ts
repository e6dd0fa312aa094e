import type { Prisma } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { BadInput } from '../errors.ts';
import { type Observed, observedAlone } from './derivation.ts';
import { type FigureFilter, figuresMatching } from './figure-filter.ts';
import { type Asserted, groupBySlot, observe, type Slot, slotKey, WEIGHED, wasKnownAt } from './observation.ts';

/** A page of observations whose claims contradict each other, the newest period first. */
export interface ConflictPage {
  readonly items: readonly { readonly cursor: string; readonly observed: Observed }[];
  readonly totalCount: number;
  readonly hasNextPage: boolean;
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
  page: { readonly first: number; readonly after: string | null },
  asOf: Date | null,
): Promise<ConflictPage> {
  const figures = await figuresMatching(db, { ...filter, currentOnly: asOf === null && (filter.currentOnly ?? true) });
  const conflicts = asOf === null ? await readKept(db, figures) : await readKnown(db, figures, asOf);
  const sorted = conflicts
    .map((conflict) => ({ conflict, cursor: cursorOf(conflict) }))
    .sort((a, b) => (a.cursor < b.cursor ? 1 : -1));
  const from = page.after === null ? 0 : sorted.findIndex(({ cursor }) => cursor < readCursor(page.after as string));
  const rest = from === -1 ? [] : sorted.slice(from);
  return {
    items: rest.slice(0, page.first).map(({ conflict, cursor }) => ({
      cursor: Buffer.from(cursor, 'utf8').toString('base64url'),
      observed: observedAlone({ ...placeOf(conflict), asOf }, conflict.asserted),
    })),
    totalCount: sorted.length,
    hasNextPage: rest.length > page.first,
  };
}

async function readKept(db: Db, figures: Prisma.FigureWhereInput): Promise<readonly Conflict[]> {
  const rows = await db.observation.findMany({
    where: { agreement: 'CONFLICTS' },
    include: { subject: { select: { slug: true } } },
  });
  const claimed = await slotsOf(db, {
    AND: [figures, { subjectId: { in: [...new Set(rows.map((row) => row.subjectId))] } }],
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
  const claimed = await slotsOf(db, { AND: [figures, known] });
  const rows = await db.figure.findMany({
    where: { knownFrom: { lte: asOf } },
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

/** The slots that figures are about. */
async function slotsOf(db: Db, where: Prisma.FigureWhereInput): Promise<ReadonlySet<string>> {
  const rows = await db.figure.findMany({
    where,
    distinct: ['subjectId', 'metric', 'period', 'withinId'],
    select: { subjectId: true, metric: true, period: true, withinId: true },
  });
  return new Set(rows.map(slotKey));
}

function placeOf({ subjectId, metric, withinId, period, subject }: Conflict) {
  return { subjectId, metric, withinId, period, slug: subject.slug };
}

/** Sorts by the period's last day, then by the slot, which is unique. */
function cursorOf({ periodEnd, ...slot }: Conflict): string {
  return `${periodEnd.toISOString().slice(0, 10)}|${slotKey(slot)}`;
}

function readCursor(after: string): string {
  const text = Buffer.from(after, 'base64url').toString('utf8');
  if (/^\d{4}-\d\d-\d\d\|/.test(text)) return text;
  throw new BadInput([
    { code: 'INVALID_INPUT', path: ['after'], message: `"${after}" is not a cursor of this list.`, didYouMean: [] },
  ]);
}
