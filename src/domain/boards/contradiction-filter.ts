import type { Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { idsOf, readRelatives } from '../catalog/families.ts';
import { expandSubjects } from '../catalog/subjects.ts';
import { type ContradictionThen, readContradictionsThen } from '../estimates/contradictions-then.ts';
import type { ChangeFilter } from './change-filter.ts';

/**
 * A where-clause for the contradictions that there are now, of the subjects of a filter or with figures of these; throws BadInput for
 * unknown slugs.
 */
export async function contradictionsMatching(
  db: Db,
  { subjects, metrics, includeDescendants }: ChangeFilter,
): Promise<Prisma.ContradictionWhereInput> {
  const where: Prisma.ContradictionWhereInput = {
    resolvedAt: null,
    ...(metrics == null ? {} : { metric: { in: [...metrics] } }),
  };
  if (subjects == null) return where;
  const ids = await expandSubjects(db, subjects, includeDescendants ?? true);
  const ofRelatives = await readContradictionsWith(db, ids, metrics ?? null);
  const ofSubjects = { subjectId: { in: ids } };
  return { ...where, ...(ofRelatives.length === 0 ? ofSubjects : { OR: [ofSubjects, { id: { in: ofRelatives } }] }) };
}

/** The contradictions of a filter as known at an instant; throws BadInput for unknown slugs. */
export async function contradictionsThenMatching(
  db: Db,
  { subjects, metrics, includeDescendants }: ChangeFilter,
  asOf: Date,
): Promise<readonly ContradictionThen[]> {
  const ids = subjects == null ? null : await expandSubjects(db, subjects, includeDescendants ?? true);
  return readContradictionsThen(db, ids, { metrics: metrics == null ? null : [...new Set(metrics)], asOf });
}

/**
 * The ids of the contradictions of relatives in which figures of the subjects take part. Only parts and wholes of a subject can have any,
 * so these are searched: a subject can have far more figures than its relatives have contradictions.
 */
async function readContradictionsWith(
  db: Db,
  ids: readonly number[],
  metrics: readonly Metric[] | null,
): Promise<number[]> {
  const among = new Set(ids);
  const relatives = idsOf(await readRelatives(db, ids)).filter((id) => !among.has(id));
  if (relatives.length === 0) return [];
  const rows = await db.$queryRaw<{ id: number }[]>`
    /* readContradictionsWith */
    select c.id
      from "Contradiction" c
     where c."subjectId" = any(${relatives}::int[]) and c."resolvedAt" is null
       and (${metrics}::text[] is null or c.metric::text = any(${metrics}::text[]))
       and exists (select from "Figure" f where f.id = any(c."figureIds") and f."subjectId" = any(${ids}::int[]))
     order by c.id`;
  return rows.map(({ id }) => id);
}
