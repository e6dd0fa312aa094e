import type { Metric, Observation, Subject } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import type { Ledger } from './derivation.ts';
import { groupBy } from './group.ts';
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

/** The ledgers of subjects, with those of a company's brands; two queries however many subjects there are. */
export async function readLedgers(
  db: Db,
  subjectIds: readonly number[],
  scope: LedgerScope,
): Promise<ReadonlyMap<number, Ledger>> {
  const heads = await readHeads(db, subjectIds);
  const all = heads.map(({ id }) => id);
  const entries = scope.asOf === null ? await readKept(db, all, scope) : await readKnown(db, all, scope, scope.asOf);
  return assemble(heads, subjectIds, entries, scope);
}

/** What is known today of several metrics that are no share of a market, by metric; two queries as well. */
export async function readLedgersOfMetrics(
  db: Db,
  subjectIds: readonly number[],
  metrics: readonly Metric[],
): Promise<ReadonlyMap<Metric, ReadonlyMap<number, Ledger>>> {
  const heads = await readHeads(db, subjectIds);
  const rows = await db.observation.findMany({
    where: { subjectId: { in: heads.map(({ id }) => id) }, metric: { in: [...metrics] }, withinId: null },
  });
  const byMetric = groupBy(rows, ({ metric }) => metric);
  return new Map(
    metrics.map((metric) => {
      const scope = { metric, withinId: null, asOf: null };
      return [metric, assemble(heads, subjectIds, (byMetric.get(metric) ?? []).map(entryOf), scope)];
    }),
  );
}

type Head = Pick<Subject, 'id' | 'slug' | 'kind' | 'brandsComplete' | 'parentId'>;

/** The subjects, and the brands of those that are companies. */
function readHeads(db: Db, subjectIds: readonly number[]): Promise<readonly Head[]> {
  const ids = [...new Set(subjectIds)];
  return db.subject.findMany({
    where: { OR: [{ id: { in: ids } }, { kind: 'BRAND', parentId: { in: ids } }] },
    select: { id: true, slug: true, kind: true, brandsComplete: true, parentId: true },
    orderBy: { id: 'asc' },
  });
}

function assemble(
  heads: readonly Head[],
  subjectIds: readonly number[],
  entries: readonly Entry[],
  scope: LedgerScope,
): ReadonlyMap<number, Ledger> {
  const bySubject = new Map<number, Map<string, Asserted>>();
  for (const { subjectId, period, asserted } of entries) {
    const periods = bySubject.get(subjectId) ?? new Map<string, Asserted>();
    bySubject.set(subjectId, periods.set(period, asserted));
  }
  const brandsOf = groupBy(
    heads.filter(({ kind }) => kind === 'BRAND'),
    ({ parentId }) => parentId,
  );
  const ledgerOf = (head: Head, brands: readonly Ledger[]): Ledger => ({
    subjectId: head.id,
    slug: head.slug,
    metric: scope.metric,
    withinId: scope.withinId,
    asOf: scope.asOf,
    asserted: bySubject.get(head.id) ?? new Map(),
    brands,
  });
  const wanted = new Set(subjectIds);
  return new Map(
    heads
      .filter(({ id }) => wanted.has(id))
      .map((head) => {
        const sumsUp = head.kind === 'COMPANY' && head.brandsComplete;
        const brands = sumsUp ? (brandsOf.get(head.id) ?? []) : [];
        return [
          head.id,
          ledgerOf(
            head,
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
  return rows.map(entryOf);
}

function entryOf(row: Observation): Entry {
  return { subjectId: row.subjectId, period: row.period, asserted: { ...row, bestId: row.bestId as number } };
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
