import type { ChangeEntry } from '../changes/log.ts';
import type { Metric, Prisma, SubjectKind } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { PERIOD_FORMATS, parsePeriod } from './period.ts';
import { collectProblems } from './problems.ts';
import { expandSubjects } from './subject-lookup.ts';

/** Which figures; what is not given does not restrict. */
export interface FigureFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly periods?: readonly string[] | null | undefined;
  /** Rows of sources; null for an id of none, which matches nothing. */
  readonly sourceIds?: readonly (number | null)[] | null | undefined;
  readonly kinds?: readonly SubjectKind[] | null | undefined;
  readonly includeDescendants?: boolean | null | undefined;
  readonly currentOnly?: boolean | null | undefined;
}

/** The figures that a filter lets through; BadInput for unknown slugs and periods that are none. */
export async function figuresMatching(db: Db, filter: FigureFilter): Promise<Prisma.FigureWhereInput> {
  return {
    ...(filter.subjects == null
      ? {}
      : { subjectId: { in: await expandSubjects(db, filter.subjects, filter.includeDescendants ?? true) } }),
    ...(filter.metrics == null ? {} : { metric: { in: [...filter.metrics] } }),
    ...(filter.periods == null ? {} : { period: { in: canonicalPeriods(filter.periods) } }),
    ...(filter.sourceIds == null ? {} : { sourceId: { in: filter.sourceIds.filter((id) => id !== null) } }),
    ...(filter.kinds == null ? {} : { subject: { kind: { in: [...filter.kinds] } } }),
    ...((filter.currentOnly ?? true) ? { claimKey: { not: null } } : {}),
  };
}

/**
 * Tells for each entry of the log whether it is a figure that the filter lets through. What happens to a figure is told whether it is current or not.
 * BadInput for unknown slugs and periods that are none.
 */
export async function figureChangesMatching(
  db: Db,
  filter: FigureFilter,
): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const periods = filter.periods == null ? null : new Set(canonicalPeriods(filter.periods));
  const isAbout = await followSubjects(db, filter);
  return async (entry) =>
    (await isAbout(entry)) &&
    entry.kind === 'FIGURE' &&
    includes(filter.metrics, entry.metric) &&
    includes(filter.kinds, entry.subjectKind) &&
    includes(filter.sourceIds, entry.sourceId) &&
    (periods === null || (entry.period !== null && periods.has(entry.period)));
}

/**
 * Tells for each entry whether it is about one of the subjects, or about what was below one of them when it was written: the same whenever it is read.
 * Entries from before it was noted what they are within are judged by who is below whom now.
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

/** The entries that followSubjects lets through. */
export async function entriesAbout(
  db: Db,
  { subjects, includeDescendants }: Pick<FigureFilter, 'subjects' | 'includeDescendants'>,
): Promise<Prisma.ChangeWhereInput> {
  if (subjects == null) return {};
  const ids = await expandSubjects(db, subjects, false);
  if (!(includeDescendants ?? true)) return { subjectId: { in: ids } };
  const below = await expandSubjects(db, subjects, true);
  return { OR: [{ lineIds: { hasSome: ids } }, { lineIds: { equals: null }, subjectId: { in: below } }] };
}

/** Whether a list that may not be there, and then allows everything, has the value. */
export function includes<T>(list: readonly (T | null)[] | null | undefined, value: T | null): boolean {
  return list == null || (value !== null && list.includes(value));
}

function canonicalPeriods(texts: readonly string[]): string[] {
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
