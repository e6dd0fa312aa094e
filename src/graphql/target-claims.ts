import DataLoader from 'dataloader';
import type { Target } from '../database/generated/client.ts';
import { summaryAt, WEIGHED, type WeighedClaim } from '../domain/targets/claims.ts';
import { groupBy } from '../domain/values/group.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { Metric } from './enums.ts';

builder.prismaObject('TargetClaim', {
  fields: (t) => ({
    source: t.relation('source', { description: 'The document that makes the claim.' }),
    statedMetric: t.expose('statedMetric', { type: Metric }),
    value: t.exposeFloat('value', { nullable: true }),
    lower: t.exposeFloat('lower', { nullable: true }),
    upper: t.exposeFloat('upper', { nullable: true }),
    growthMinPercent: t.exposeFloat('growthMinPercent', { nullable: true }),
    growthMaxPercent: t.exposeFloat('growthMaxPercent', { nullable: true }),
    setOn: t.expose('setOn', { type: 'PartialDate', nullable: true }),
    note: t.exposeString('note', { nullable: true }),
    knownFrom: t.expose('knownFrom', { type: 'DateTime' }),
  }),
});

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
