import DataLoader from 'dataloader';
import type { Target } from '../database/generated/client.ts';
import { summaryAt, WEIGHED, type WeighedClaim } from '../domain/targets/claims.ts';
import { groupBy } from '../domain/values/group.ts';
import type { Context } from './context.ts';

/** The claims that an operation has read, by the id of the target. It belongs to the context, as all that is read for one operation. */
const loaders = new WeakMap<Context, DataLoader<number, readonly WeighedClaim[]>>();

/** Targets as they were known at an instant. One that nobody had claimed yet stays as it is now. */
export async function targetsAt(context: Context, targets: readonly Target[], asOf: Date): Promise<readonly Target[]> {
  return Promise.all(
    targets.map(async (target) => ({ ...target, ...summaryAt(await loadTargetClaims(context, target.id), asOf) })),
  );
}

/** The claims about a target. All that an operation asks for are read together. */
export function loadTargetClaims(context: Context, id: number): Promise<readonly WeighedClaim[]> {
  const loader =
    loaders.get(context) ??
    new DataLoader(async (ids: readonly number[]) => {
      // By way of the targets, so that a live query depends on their subjects only.
      const found = await context.db.target.findMany({
        where: { id: { in: [...ids] } },
        select: { id: true, subjectId: true, claims: WEIGHED },
      });
      const byId = groupBy(found, (target) => target.id);
      return ids.map((one) => byId.get(one)?.[0]?.claims ?? []);
    });
  loaders.set(context, loader);
  return loader.load(id);
}
