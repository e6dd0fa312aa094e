import type { ChangeEntry } from '../../changes/log.ts';
import type { Metric, Prisma, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { expandSubjects } from '../catalog/subjects.ts';
import { PERIOD_FORMATS, parsePeriod } from '../values/period.ts';
import { collectProblems } from '../values/problems.ts';
import { type DocumentFilter, documentsMatching } from './document-filter.ts';

/** Which figures; filters that are not given do not restrict. */
export interface FigureFilter extends DocumentFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly periods?: readonly string[] | null | undefined;
  /** Ids of sources; null for an unknown id, which matches nothing. */
  readonly sourceIds?: readonly (number | null)[] | null | undefined;
  readonly kinds?: readonly SubjectKind[] | null | undefined;
  readonly includeDescendants?: boolean | null | undefined;
  readonly currentOnly?: boolean | null | undefined;
}

/**
 * A where-clause for the figures of a filter, now or as known at an instant; throws BadInput for unknown slugs, invalid periods and days,
 * and too long a text.
 */
export async function figuresMatching(
  db: Db,
  filter: FigureFilter,
  asOf: Date | null,
): Promise<Prisma.FigureWhereInput> {
  return {
    AND: [...documentsMatching(filter), ...knownAt(asOf, filter.currentOnly ?? true)],
    ...(filter.subjects == null
      ? {}
      : { subjectId: { in: await expandSubjects(db, filter.subjects, filter.includeDescendants ?? true) } }),
    ...(filter.metrics == null ? {} : { metric: { in: [...filter.metrics] } }),
    ...(filter.periods == null ? {} : { period: { in: canonicalPeriods(filter.periods) } }),
    ...(filter.sourceIds == null ? {} : { sourceId: { in: filter.sourceIds.filter((id) => id !== null) } }),
    ...(filter.kinds == null ? {} : { subject: { kind: { in: [...filter.kinds] } } }),
  };
}

/** The conditions of `isCurrent`, as Prisma takes them; without the second argument true, of having been current once by then. */
function knownAt(asOf: Date | null, currentOnly: boolean): readonly Prisma.FigureWhereInput[] {
  if (asOf === null) return currentOnly ? [{ claimKey: { not: null } }] : [];
  const notYetRevised = { OR: [{ knownUntil: null }, { knownUntil: { gt: asOf } }] };
  return [{ knownFrom: { lte: asOf } }, ...(currentOnly ? [notYetRevised] : [])];
}

/**
 * A test for log entries about figures of a filter. It also accepts entries about figures that are no longer current. Throws BadInput for
 * unknown slugs, invalid periods and days, and too long a text.
 */
export async function figureChangesMatching(
  db: Db,
  filter: FigureFilter,
): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const periods = filter.periods == null ? null : new Set(canonicalPeriods(filter.periods));
  const isAbout = await followSubjects(db, filter);
  const documents = documentsMatching(filter);
  return async (entry) =>
    (await isAbout(entry)) &&
    entry.kind === 'FIGURE' &&
    allows(filter.metrics, entry.metric) &&
    allows(filter.kinds, entry.subjectKind) &&
    allows(filter.sourceIds, entry.sourceId) &&
    (periods === null || (entry.period !== null && periods.has(entry.period))) &&
    // The log does not carry what documents say, so the figure is looked up, but only for a filter that asks for it.
    (documents.length === 0 || (await db.figure.count({ where: { id: entry.aboutId, AND: [...documents] } })) > 0);
}

/**
 * A test for log entries about one of the subjects, or about a subject below one of them when the entry was written. So the result does
 * not depend on when the log is read.
 * Old entries without stored ancestors are judged by the present hierarchy.
 */
export async function followSubjects(
  db: Db,
  { subjects, includeDescendants }: Pick<FigureFilter, 'subjects' | 'includeDescendants'>,
): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  if (subjects == null) return async () => true;
  const ids = new Set(await expandSubjects(db, subjects, false));
  if (!(includeDescendants ?? true)) return async ({ subjectId }) => subjectId !== null && ids.has(subjectId);
  let below: ReadonlySet<number> | null = null;
  return async ({ kind, subjectId, lineIds }) => {
    if (kind === 'SUBJECT' || kind === 'MEMBERSHIP') below = null;
    if (subjectId === null) return false;
    if (lineIds !== null) return lineIds.some((id) => ids.has(id));
    below ??= new Set(await expandSubjects(db, subjects, true));
    return below.has(subjectId);
  };
}

/** Whether an optional list has the value; a missing list allows everything. */
export function allows<T>(list: readonly (T | null)[] | null | undefined, value: T | null): boolean {
  return list == null || (value !== null && list.includes(value));
}

/** The canonical texts of periods; throws BadInput (path periods) for invalid ones. */
export function canonicalPeriods(texts: readonly string[]): string[] {
  const problems = collectProblems('filter');
  const periods = texts.flatMap((text) => {
    const period = parsePeriod(text);
    if (period === null)
      problems.add('INVALID_PERIOD', 'periods', `"${text}" is not a period; write ${PERIOD_FORMATS}.`);
    return period?.text ?? [];
  });
  problems.throwIfAny();
  return periods;
}
