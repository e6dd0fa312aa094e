import type { ChangeEntry } from '../../changes/log.ts';
import type { Metric, MilestoneKind, MilestoneStatus, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { expandSubjects } from '../catalog/subjects.ts';
import { allows, followSubjects } from '../claims/figure-filter.ts';

/** Which milestones; filters that are not given do not restrict, except that withdrawn ones are left out unless they are asked for. */
export interface MilestoneFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly kinds?: readonly MilestoneKind[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly threshold?: number | null | undefined;
  readonly statuses?: readonly MilestoneStatus[] | null | undefined;
}

/** A where-clause for the milestones of a filter, of exactly the named subjects; throws BadInput for unknown slugs. */
export async function milestonesMatching(db: Db, filter: MilestoneFilter): Promise<Prisma.MilestoneWhereInput> {
  return {
    ...(filter.subjects == null ? {} : { subjectId: { in: await expandSubjects(db, filter.subjects, false) } }),
    ...(filter.kinds == null ? {} : { kind: { in: [...filter.kinds] } }),
    ...(filter.metrics == null ? {} : { metric: { in: [...filter.metrics] } }),
    ...(filter.threshold == null ? {} : { threshold: filter.threshold }),
    status: filter.statuses == null ? { not: 'WITHDRAWN' } : { in: [...filter.statuses] },
  };
}

/** A test for log entries that give a new status to a milestone of the filter; throws BadInput for unknown slugs. */
export async function milestoneChangesMatching(
  db: Db,
  filter: MilestoneFilter,
): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const isAbout = await followSubjects(db, { subjects: filter.subjects, includeDescendants: false });
  return async (entry) =>
    (await isAbout(entry)) &&
    entry.kind === 'MILESTONE' &&
    entry.status !== entry.statusBefore &&
    allows(filter.kinds, entry.milestoneKind) &&
    allows(filter.metrics, entry.metric) &&
    allows(filter.statuses, entry.status) &&
    (filter.threshold == null || filter.threshold === entry.threshold);
}
