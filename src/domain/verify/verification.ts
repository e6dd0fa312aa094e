import type { PrismaClient } from '../../database/generated/client.ts';
import type { Tx } from '../../database/handle.ts';

/** A stored value that is not what it should be. */
export interface Difference {
  /** What it is about, for people. */
  readonly about: string;
  readonly kept: string;
  readonly recomputed: string;
  /** What tells it from others with the same `about`. */
  readonly key?: string;
}

/** A difference in what is derived of a subject. */
export type OfSubject = Difference & { readonly subjectId: number };

/** A difference with whether it was repaired. */
export interface ReportedDifference extends Difference {
  readonly repaired: boolean;
}

/** The number of compared rows. */
export interface Compared {
  figures: number;
  entries: number;
  observations: number;
  /** Those that are not resolved. */
  contradictions: number;
  milestones: number;
}

/** A running verification. */
export interface Verification {
  readonly db: PrismaClient;
  /** Whether derived data is rewritten where it differs. */
  readonly repair: boolean;
  readonly compared: Compared;
  /** Reports a difference as soon as it is found, because all of them may not fit into memory. */
  report(difference: ReportedDifference): void;
}

/** Reads in one consistent snapshot, without blocking writes or waiting for them. */
export function inSnapshot<T>(db: PrismaClient, read: (tx: Tx) => Promise<T>): Promise<T> {
  // The adapter sets the level before any statement. A statement of our own would come too late behind a pooler, after boundTransaction().
  return db.$transaction(read, { isolationLevel: 'RepeatableRead' });
}

/** Reports differences that cannot be repaired. */
export function reportAll({ report }: Verification, differences: readonly Difference[]): void {
  for (const difference of differences) report({ ...difference, repaired: false });
}

/** Repairs the differences if requested, compares again, and reports each with whether it is gone. */
export async function resolveDifferences(
  { repair, report }: Verification,
  differences: readonly Difference[],
  rewrite: () => Promise<unknown>,
  lookAgain: () => Promise<readonly Difference[]>,
): Promise<void> {
  if (differences.length === 0) return;
  if (repair) await rewrite();
  const left = new Set(repair ? (await lookAgain()).map(identityOf) : []);
  for (const difference of differences)
    report({ ...difference, repaired: repair && !left.has(identityOf(difference)) });
}

function identityOf({ about, key }: Difference): string {
  return `${about} ${key ?? ''}`;
}
