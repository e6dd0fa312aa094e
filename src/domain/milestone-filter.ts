import type { ChangeEntry } from '../changes/log.ts';
import type { Metric, MilestoneKind, MilestoneStatus, Prisma } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { followSubjects, includes } from './figure-filter.ts';
import { expandSubjects } from './subject-lookup.ts';

/** Which milestones; what is not given does not restrict. */
export interface MilestoneFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly kinds?: readonly MilestoneKind[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly threshold?: number | null | undefined;
  readonly statuses?: readonly MilestoneStatus[] | null | undefined;
}

/** The milestones that a filter lets through, of exactly the subjects named; BadInput for unknown slugs. */
export async function milestonesMatching(db: Db, filter: MilestoneFilter): Promise<Prisma.MilestoneWhereInput> {
  return {
    ...(filter.subjects == null ? {} : { subjectId: { in: await expandSubjects(db, filter.subjects, false) } }),
    ...(filter.kinds == null ? {} : { kind: { in: [...filter.kinds] } }),
    ...(filter.metrics == null ? {} : { metric: { in: [...filter.metrics] } }),
    ...(filter.threshold == null ? {} : { threshold: filter.threshold }),
    ...(filter.statuses == null ? {} : { status: { in: [...filter.statuses] } }),
  };
}

/** Tells for each entry of the log whether it gives a new status to a milestone that the filter lets through; BadInput for unknown slugs. */
export async function milestoneChangesMatching(
  db: Db,
  filter: MilestoneFilter,
): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const isAbout = await followSubjects(db, { subjects: filter.subjects, includeDescendants: false });
  return async (entry) =>
    (await isAbout(entry)) &&
    entry.kind === 'MILESTONE' &&
    entry.status !== entry.statusBefore &&
    includes(filter.kinds, entry.milestoneKind) &&
    includes(filter.metrics, entry.metric) &&
    includes(filter.statuses, entry.status) &&
    (filter.threshold == null || filter.threshold === entry.threshold);
}
