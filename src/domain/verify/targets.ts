import type { Db } from '../../database/handle.ts';
import { edit, only } from '../editing/edit.ts';
import { settleTargets } from '../editing/targets.ts';
import { goalIn, type Summary, summaryOf, WEIGHED } from '../targets/claims.ts';
import { groupBy } from '../values/group.ts';
import { type OfSubject, resolveDifferences, type Verification } from './verification.ts';

/** Number of targets in memory at a time. */
const PAGE = 500;

/** Works out anew what every target says by its claims. Those that were merged into others have none. */
export async function verifyTargets(verification: Verification): Promise<void> {
  const { db } = verification;
  for (let last = 0; ; ) {
    const ids = (
      await db.target.findMany({
        where: { id: { gt: last }, mergedIntoId: null },
        select: { id: true },
        orderBy: { id: 'asc' },
        take: PAGE,
      })
    ).map(({ id }) => id);
    for (const [subjectId, differences] of groupBy(await differencesIn(db, ids), (one) => one.subjectId))
      await resolveDifferences(
        verification,
        differences,
        () => edit(db, only([subjectId]), ({ tx }) => settleTargets(tx, { id: { in: ids }, subjectId })),
        () => differencesIn(db, ids),
      );
    if (ids.length < PAGE) return;
    last = ids.at(-1) ?? last;
  }
}

/** Reads targets with their claims, in one statement. */
async function differencesIn(db: Db, ids: readonly number[]): Promise<readonly OfSubject[]> {
  const targets = await db.target.findMany({
    where: { id: { in: [...ids] } },
    include: { claims: WEIGHED, subject: { select: { slug: true } } },
    orderBy: { id: 'asc' },
    relationLoadStrategy: 'join',
  });
  return targets.flatMap(({ claims, subject, ...target }) => {
    const [kept, recomputed] = [shown(target), shown(summaryOf(claims))];
    const about = `${subject.slug} ${target.metric} ${target.period ?? ''}, the target ${target.id}`;
    return kept === recomputed ? [] : [{ subjectId: target.subjectId, about, kept, recomputed }];
  });
}

function shown(said: Summary | null): string {
  if (said === null) return 'no claim';
  const { metric, setOn, sourceId, note } = said;
  return JSON.stringify({ metric, ...goalIn(said), setOn, sourceId, note });
}
