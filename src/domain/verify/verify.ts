import type { PrismaClient } from '../../database/generated/client.ts';
import { verifyDigests } from './digests.ts';
import { verifyEstimates } from './estimates.ts';
import { verifyLog } from './log.ts';
import { verifyParents } from './parents.ts';
import { verifyRanks } from './ranks.ts';
import { verifyTargets } from './targets.ts';
import type { Compared, Difference, ReportedDifference, Verification } from './verification.ts';

const STEPS: readonly ((verification: Verification) => Promise<void>)[] = [
  verifyParents,
  verifyLog,
  verifyDigests,
  verifyRanks,
  verifyEstimates,
  verifyTargets,
];

/**
 * Compares the log with the figures and its digests, and the ranks with their history. Works out all observations, contradictions and
 * milestones anew, and what targets say by their claims, and reports what differs.
 * It reads in small consistent pieces. So it needs little memory, and next to a running server it never sees half of a write.
 * A repair rewrites observations, contradictions, milestones and targets under the locks of a write; figures and the log are never changed.
 */
export async function verifyDatabase(
  db: PrismaClient,
  repair: boolean,
  report: (difference: ReportedDifference) => void,
): Promise<Readonly<Compared>> {
  const compared: Compared = { figures: 0, entries: 0, observations: 0, contradictions: 0, milestones: 0 };
  for (const step of STEPS) await step({ db, repair, compared, report });
  return compared;
}

/** The same with all differences in a list and without repair, for databases whose differences fit into memory. */
export async function verifyDerived(
  db: PrismaClient,
): Promise<Readonly<Compared> & { readonly differences: readonly Difference[] }> {
  const differences: Difference[] = [];
  const compared = await verifyDatabase(db, false, ({ about, kept, recomputed }) =>
    differences.push({ about, kept, recomputed }),
  );
  return { ...compared, differences };
}
