import type { ChangeEntry } from '../../changes/log.ts';
import type { Metric, Prisma } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { allows, entriesAbout, followSubjects } from '../claims/figure-filter.ts';

/** Which changes; filters that are not given do not restrict. */
export interface ChangeFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly includeDescendants?: boolean | null | undefined;
}

/**
 * A where-clause for the log entries of a filter; throws BadInput for unknown slugs. It excludes entries about new documents, which only
 * live queries need.
 */
export async function entriesMatching(db: Db, filter: ChangeFilter): Promise<Prisma.ChangeWhereInput> {
  const metric = filter.metrics == null ? null : { metric: { in: [...filter.metrics] } };
  return {
    kind: { not: 'SOURCE' },
    AND: await entriesAbout(db, filter),
    ...(metric === null ? {} : { OR: aboutRows(metric) }),
  };
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
