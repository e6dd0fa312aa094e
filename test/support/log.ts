import type { PrismaClient } from '../../src/database/generated/client.ts';

/** Cuts the log up to a position, as pruning does. */
export async function cutLog(db: PrismaClient, through: bigint): Promise<void> {
  await db.$transaction(async (tx) => {
    const { at, digest } = await tx.change.findUniqueOrThrow({ where: { position: through } });
    await tx.changeLog.updateMany({ data: { prunedThrough: through, prunedDigest: digest, prunedAt: at } });
    await tx.change.deleteMany({ where: { position: { lte: through } } });
  });
}
