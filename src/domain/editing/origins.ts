import { Prisma, type PrismaClient } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { familiesOfAll, idsOf } from '../catalog/families.ts';
import { groupBy } from '../values/group.ts';
import { edit } from './edit.ts';
import { settleSubjects } from './effects.ts';
import { settleTargets } from './targets.ts';

/** A registered document, and the slug of the publisher who first said what it repeats. */
export interface NamedOrigin {
  readonly sourceId: number;
  readonly origin: string;
}

/**
 * Names the origins of documents that have none so far, and works out again what their claims amount to. Origins that are known already,
 * and publishers that are not known, are left alone. It is for loading newer seed files at the start, when nobody reads the documents yet.
 */
export async function fillOrigins(db: PrismaClient, named: readonly NamedOrigin[]): Promise<void> {
  const open = await readOpen(db, named);
  if (open.length === 0) return;
  const sourceIds = open.map(({ sourceId }) => sourceId);
  const ofClaims = Prisma.sql`
    select "subjectId" from "Figure" where "sourceId" = any(${sourceIds}::int[])
    union
    select t."subjectId" from "Target" t join "TargetClaim" c on c."targetId" = t.id where c."sourceId" = any(${sourceIds}::int[])`;
  await edit(db, familiesOfAll(ofClaims), async ({ tx, relatives, append }) => {
    for (const [originId, group] of groupBy(open, (one) => one.originId))
      await tx.source.updateMany({
        where: { id: { in: group.map(({ sourceId }) => sourceId) }, originId: null },
        data: { originId },
      });
    const named = await settleTargets(tx, { claims: { some: { sourceId: { in: sourceIds } } } });
    const changes = [...(await settleSubjects(tx, idsOf(relatives))), ...named];
    if (changes.length > 0) await append(changes);
  });
}

/** Those of the documents that have no origin yet, with its id. A document whose origin is its own publisher needs none. */
async function readOpen(db: Db, named: readonly NamedOrigin[]) {
  const sources = await db.source.findMany({
    where: { id: { in: named.map(({ sourceId }) => sourceId) }, originId: null },
    select: { id: true, publisherId: true },
  });
  const publishers = await db.publisher.findMany({
    where: { slug: { in: [...new Set(named.map(({ origin }) => origin))] } },
  });
  const publisherOf = new Map(sources.map(({ id, publisherId }) => [id, publisherId]));
  const idOf = new Map(publishers.map(({ id, slug }) => [slug, id]));
  return named.flatMap(({ sourceId, origin }) => {
    const [publisherId, originId] = [publisherOf.get(sourceId), idOf.get(origin)];
    return publisherId === undefined || originId === undefined || originId === publisherId
      ? []
      : [{ sourceId, originId }];
  });
}
