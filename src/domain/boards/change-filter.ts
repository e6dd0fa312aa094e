import type { ChangeEntry } from '../../changes/log.ts';
import type { Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { type Expanded, readSubjectsBelow } from '../catalog/subjects.ts';
import { allows, followSubjects } from '../claims/figure-filter.ts';

/** Which changes; filters that are not given do not restrict. */
export interface ChangeFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly includeDescendants?: boolean | null | undefined;
}

/** Entries of the log that a filter selects. */
export interface SelectedEntries {
  readonly where: Prisma.ChangeWhereInput;
  /** The subjects if entries about everything that was below them are selected as well; else null. */
  readonly about: Expanded | null;
}

/**
 * The log entries of a filter, the same that changesMatching accepts; throws BadInput for unknown slugs. It excludes entries about new
 * documents, which only live queries need.
 */
export async function entriesMatching(db: Db, filter: ChangeFilter): Promise<SelectedEntries> {
  const { subjects, metrics, includeDescendants } = filter;
  const isWithBelow = includeDescendants ?? true;
  const found = subjects == null ? null : await readSubjectsBelow(db, subjects, isWithBelow);
  return {
    where: {
      kind: { not: 'SOURCE' },
      AND: found === null ? {} : isWithBelow ? entriesBelow(found) : { subjectId: { in: [...found.own] } },
      ...(metrics == null ? {} : { OR: aboutRows({ metric: { in: [...metrics] } }) }),
    },
    about: isWithBelow ? found : null,
  };
}

function entriesBelow({ own, all }: Expanded): Prisma.ChangeWhereInput {
  return { OR: [{ lineIds: { hasSome: [...own] } }, { lineIds: { equals: null }, subjectId: { in: [...all] } }] };
}

/** The entries about figures, milestones, targets or contradictions with this metric. The relations share one id, so each goes with its kind. */
function aboutRows(metric: { readonly metric: { in: Metric[] } }): Prisma.ChangeWhereInput[] {
  return [
    { kind: 'FIGURE', figure: metric },
    { kind: 'MILESTONE', milestone: metric },
    { kind: 'TARGET', target: metric },
    { kind: 'CONTRADICTION', contradiction: metric },
  ];
}

/** A test for the log entries of a filter; throws BadInput for unknown slugs. */
export async function changesMatching(db: Db, filter: ChangeFilter): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const isAbout = await followSubjects(db, filter);
  return async (entry) => entry.kind !== 'SOURCE' && (await isAbout(entry)) && allows(filter.metrics, entry.metric);
}
