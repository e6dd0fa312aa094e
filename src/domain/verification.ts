import type { PrismaClient } from '../database/generated/client.ts';
import type { Tx } from '../database/handle.ts';

/** Something that is kept and is not what it should be. */
export interface Difference {
  /** What it is about, for people. */
  readonly about: string;
  readonly kept: string;
  readonly recomputed: string;
}

/** A difference as it is told, once it is known whether it is still there. */
export interface Told extends Difference {
  readonly repaired: boolean;
}

/** How much was compared. */
export interface Compared {
  figures: number;
  entries: number;
  observations: number;
  milestones: number;
}

/** A verification under way. */
export interface Verification {
  readonly db: PrismaClient;
  /** Whether what is derived is written anew where it differs. */
  readonly repair: boolean;
  readonly compared: Compared;
  /** Takes each difference as it is found: there can be more than fit into memory. */
  tell(told: Told): void;
}

/** Reads in one consistent snapshot: a later statement sees no write that a former one did not. It waits for nobody, and nobody for it. */
export function inSnapshot<T>(db: PrismaClient, read: (tx: Tx) => Promise<T>): Promise<T> {
  // Set by the client, before anything else is asked: behind a pooler every transaction begins with a statement.
  return db.$transaction(read, { isolationLevel: 'RepeatableRead' });
}

/** Tells differences that nothing can repair. */
export function tellAll({ tell }: Verification, differences: readonly Difference[]): void {
  for (const difference of differences) tell({ ...difference, repaired: false });
}

/** Repairs where that is wanted, looks again, and tells each difference with whether it is gone. */
export async function settleDifferences(
  { repair, tell }: Verification,
  differences: readonly Difference[],
  rewrite: () => Promise<unknown>,
  lookAgain: () => Promise<readonly Difference[]>,
): Promise<void> {
  if (differences.length === 0) return;
  if (repair) await rewrite();
  const left = new Set(repair ? (await lookAgain()).map(({ about }) => about) : []);
  for (const difference of differences) tell({ ...difference, repaired: repair && !left.has(difference.about) });
}
