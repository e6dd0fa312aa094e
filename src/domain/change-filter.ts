import type { ChangeEntry } from '../changes/log.ts';
import type { Metric, Prisma } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';
import { entriesAbout, followSubjects, includes } from './figure-filter.ts';

/** Which changes; what is not given does not restrict. */
export interface ChangeFilter {
  readonly subjects?: readonly string[] | null | undefined;
  readonly metrics?: readonly Metric[] | null | undefined;
  readonly includeDescendants?: boolean | null | undefined;
}

/** The entries that a filter lets through; BadInput for unknown slugs. A new document is no change of anything: the log tells of it for live queries alone. */
export async function entriesMatching(db: Db, filter: ChangeFilter): Promise<Prisma.ChangeWhereInput> {
  const metric = filter.metrics == null ? null : { metric: { in: [...filter.metrics] } };
  return {
    kind: { not: 'SOURCE' },
    AND: await entriesAbout(db, filter),
    ...(metric === null ? {} : { OR: [{ figure: metric }, { milestone: metric }, { target: metric }] }),
  };
}

/** Tells for each entry of the log whether it is such an entry; BadInput for unknown slugs. */
export async function changesMatching(db: Db, filter: ChangeFilter): Promise<(entry: ChangeEntry) => Promise<boolean>> {
  const isAbout = await followSubjects(db, filter);
  return async (entry) => entry.kind !== 'SOURCE' && (await isAbout(entry)) && includes(filter.metrics, entry.metric);
}
