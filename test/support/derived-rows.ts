import type { PrismaClient } from '../../src/database/generated/client.ts';

/** Everything that is derived, without the ids of rows and the instants at which they were made. */
export async function derivedRows(db: PrismaClient) {
  const made = { id: true, createdAt: true } as const;
  const observations = await db.observation.findMany({ orderBy: { slot: 'asc' }, omit: { id: true } });
  const milestones = await db.milestone.findMany({ orderBy: { key: 'asc' }, omit: made });
  const contradictions = await db.contradiction.findMany({ orderBy: { identity: 'asc' }, omit: made });
  return { observations, milestones, contradictions };
}
