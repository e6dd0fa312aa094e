import type { ChangeEntry } from '../../changes/log.ts';
import type { Metric, MilestoneKind, MilestoneStatus, Prisma, SubjectKind } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { expandSubjects } from '../catalog/subjects.ts';
import { allows, followSubjects } from '../claims/figure-filter.ts';
import { type ReachFilter, reachesMatching } from './reach-filter.ts';

/** Which milestones; filters that are not given do not restrict, except that withdrawn ones are left out unless they are asked for. */
export interface MilestoneFilter extends ReachFilter {
  readonly subjects?: readonly string[] | null | undefined;
  /** Also milestones of everything below the subjects. */
  readonly includeDescendants?: boolean | null | undefined;
  readonly subjectKinds?: readonly SubjectKind[] | null | undefined;
  readonly kinds?: readonly MilestoneKind[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly threshold?: number | null | undefined;
  readonly statuses?: readonly MilestoneStatus[] | null | undefined;
}

/** A where-clause for the milestones of a filter; throws BadInput for unknown slugs, invalid days and too long a text. */
export async function milestonesMatching(db: Db, filter: MilestoneFilter): Promise<Prisma.MilestoneWhereInput> {
  return {
    AND: [...reachesMatching(filter)],
    ...(filter.subjects == null
      ? {}
      : { subjectId: { in: await expandSubjects(db, filter.subjects, filter.includeDescendants ?? false) } }),
    ...(filter.subjectKinds == null ? {} : { subject: { kind: { in: [...filter.subjectKinds] } } }),
    ...(filter.kinds == null ? {} : { kind: { in: [...filter.kinds] } }),
    ...(filter.metrics == null ? {} : { metric: { in: [...filter.metrics] } }),
    ...(filter.threshold == null ? {} : { threshold: filter.threshold }),
    status: filter.statuses == null ? { not: 'WITHDRAWN' } : { in: [...filter.statuses] },
  };
}

/**
 * A test for log entries that give a new status to a milestone of the filter; throws BadInput for unknown slugs, invalid days and too long a
 * text. Days and text are those that the milestone has when the entry is read.
 */
export async function milestoneChangesMatching(
  db: Db,
  filter: MilestoneFilter,
): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const { subjects, includeDescendants } = filter;
  const isAbout = await followSubjects(db, { subjects, includeDescendants: includeDescendants ?? false });
  const reaches = reachesMatching(filter);
  return async (entry) =>
    (await isAbout(entry)) &&
    entry.kind === 'MILESTONE' &&
    entry.status !== entry.statusBefore &&
    allows(filter.subjectKinds, entry.subjectKind) &&
    allows(filter.kinds, entry.milestoneKind) &&
    allows(filter.metrics, entry.metric) &&
    allows(filter.statuses, entry.status) &&
    (filter.threshold == null || filter.threshold === entry.threshold) &&
    // The log does not carry these, so the milestone is looked up, but only for a filter that asks for it.
    (reaches.length === 0 || (await db.milestone.count({ where: { id: entry.aboutId, AND: [...reaches] } })) > 0);
}
