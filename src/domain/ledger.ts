import type { Metric, Subject } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import type { Ledger } from './derivation.ts';
import { type Asserted, groupBySlot, observe, WEIGHED, wasKnownAt } from './observation.ts';

/** Which part of what is known. */
export interface LedgerScope {
  readonly metric: Metric;
  readonly withinId: number | null;
  /** What was known at that instant; today's knowledge if not given. */
  readonly asOf: Date | null;
}

/** An observation of some subject. */
interface Entry {
  readonly subjectId: number;
  readonly period: string;
  readonly asserted: Asserted;
}

type Head = Pick<Subject, 'id' | 'slug' | 'kind' | 'brandsComplete'>;

/** The ledgers of subjects, with those of a company's brands; two queries however many subjects there are. */
export async function readLedgers(
  db: Db,
  subjectIds: readonly number[],
  scope: LedgerScope,
): Promise<ReadonlyMap<number, Ledger>> {
  const ids = [...new Set(subjectIds)];
  const subjects = await db.subject.findMany({
    where: { OR: [{ id: { in: ids } }, { kind: 'BRAND', parentId: { in: ids } }] },
    select: { id: true, slug: true, kind: true, brandsComplete: true, parentId: true },
    orderBy: { id: 'asc' },
  });
  const all = subjects.map(({ id }) => id);
  const entries = scope.asOf === null ? await readKept(db, all, scope) : await readKnown(db, all, scope, scope.asOf);
  const bySubject = new Map<number, Map<string, Asserted>>();
  for (const { subjectId, period, asserted } of entries) {
    const periods = bySubject.get(subjectId) ?? new Map<string, Asserted>();
    bySubject.set(subjectId, periods.set(period, asserted));
  }
  const ledgerOf = (subject: Head, brands: readonly Ledger[]): Ledger => ({
    subjectId: subject.id,
    slug: subject.slug,
    metric: scope.metric,
    withinId: scope.withinId,
    asOf: scope.asOf,
    asserted: bySubject.get(subject.id) ?? new Map(),
    brands,
  });
  const wanted = new Set(ids);
  return new Map(
    subjects
      .filter(({ id }) => wanted.has(id))
      .map((subject) => {
        const sumsUp = subject.kind === 'COMPANY' && subject.brandsComplete;
        const brands = sumsUp
          ? subjects.filter(({ kind, parentId }) => kind === 'BRAND' && parentId === subject.id)
          : [];
        return [
          subject.id,
          ledgerOf(
            subject,
            brands.map((brand) => ledgerOf(brand, [])),
          ),
        ];
      }),
  );
}

async function readKept(
  db: Db,
  subjectIds: readonly number[],
  { metric, withinId }: LedgerScope,
): Promise<readonly Entry[]> {
  const rows = await db.observation.findMany({ where: { subjectId: { in: [...subjectIds] }, metric, withinId } });
  return rows.map((row) => ({
    subjectId: row.subjectId,
    period: row.period,
    asserted: { ...row, bestId: row.bestId as number },
  }));
}

/** What the figures amounted to that were the published word at that instant. */
async function readKnown(
  db: Db,
  subjectIds: readonly number[],
  { metric, withinId }: LedgerScope,
  asOf: Date,
): Promise<readonly Entry[]> {
  const figures = await db.figure.findMany({
    where: { subjectId: { in: [...subjectIds] }, metric, withinId, knownFrom: { lte: asOf } },
    include: WEIGHED,
    orderBy: { id: 'asc' },
  });
  return [...groupBySlot(figures).values()].flatMap((ofSlot) => {
    const [first] = ofSlot;
    const known = ofSlot.filter((figure) => wasKnownAt(figure, asOf));
    const asserted = observe(known, known.length < ofSlot.length);
    return first === undefined || asserted === null
      ? []
      : [{ subjectId: first.subjectId, period: first.period, asserted }];
  });
}
