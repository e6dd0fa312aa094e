import type { PrismaClient } from '../database/generated/client.ts';
import type { Compared, Difference, Told, Verification } from './verification.ts';
import { verifyDigests } from './verify-digests.ts';
import { verifyLog } from './verify-log.ts';
import { verifyMilestones } from './verify-milestones.ts';
import { verifyObservations } from './verify-observations.ts';
import { verifyParents } from './verify-parents.ts';

/** Observations come before milestones, which are worked out from them. */
const STEPS: readonly ((verification: Verification) => Promise<void>)[] = [
  verifyParents,
  verifyLog,
  verifyDigests,
  verifyObservations,
  verifyMilestones,
];

/**
 * Compares the log with the figures and with its digests, works all observations and milestones out from the figures and claims alone, and tells what differs from what is kept.
 * It goes through the database in small pieces, each of one moment, so that it needs little memory and sees no half of a write beside a running server.
 * A repair writes observations and milestones anew under the locks of a write; figures and the log are never touched.
 */
export async function verifyDatabase(
  db: PrismaClient,
  repair: boolean,
  tell: (told: Told) => void,
): Promise<Readonly<Compared>> {
  const compared: Compared = { figures: 0, entries: 0, observations: 0, milestones: 0 };
  for (const step of STEPS) await step({ db, repair, compared, tell });
  return compared;
}

/** The same with everything that differs at once, and nothing repaired: for databases of which that fits into memory. */
export async function verifyDerived(
  db: PrismaClient,
): Promise<Readonly<Compared> & { readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  const compared = await verifyDatabase(db, false, ({ about, kept, recomputed }) =>
    differences.push({ about, kept, recomputed }),
  );
  return { ...compared, differences };
}
