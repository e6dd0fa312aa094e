import { Prisma, type PrismaClient } from '../database/generated/client.ts';
import { isUnavailable } from '../database/unavailable.ts';

/** The codes of a lost race: Prisma's, and Postgres' own. */
const LOST_RACES: ReadonlySet<string> = new Set(['P2002', 'P2034', '23505', '40P01', '40001']);
/** Postgres' codes for a statement that was cancelled or took too long, and for a wait for a lock: others can still write. */
const OF_ONE_WRITE: ReadonlySet<string> = new Set(['57014', '55P03']);

/** When the last write over each handle failed because the database could not write, by performance.now(); not there if it succeeded. */
const failedAt = new WeakMap<PrismaClient, number>();

/** How long ago a write failed because the database could not write, in milliseconds; null if writes have succeeded since, or none failed. */
export function sinceFailedWrite(db: PrismaClient): number | null {
  const at = failedAt.get(db);
  return at === undefined ? null : performance.now() - at;
}

/** Notes that a write failed because the database could not write. */
export function noteFailedWrite(db: PrismaClient): void {
  failedAt.set(db, performance.now());
}

/** Notes that writing works. */
export function clearFailedWrite(db: PrismaClient): void {
  failedAt.delete(db);
}

/** Whether the error of a write says that nobody can write at present. */
export function saysCannotWrite(error: unknown): boolean {
  return isUnavailable(error) && !isLostRace(error) && !hasCode(error, OF_ONE_WRITE);
}

/** Two writers inserted the same unique row, or deadlocked: one of them has to start again. */
export function isLostRace(error: unknown): boolean {
  return hasCode(error, LOST_RACES);
}

/** Whether an error is, or wraps, one of Postgres with one of these codes. */
export function hasCode(error: unknown, codes: ReadonlySet<string>): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if (error instanceof Prisma.PrismaClientKnownRequestError && codes.has(error.code)) return true;
  // A raw statement passes on only Postgres' own code, in the adapter's error; Prisma's error has it in its meta data.
  const { originalCode, cause, meta } = error as {
    readonly originalCode?: unknown;
    readonly cause?: unknown;
    readonly meta?: { readonly driverAdapterError?: unknown };
  };
  return codes.has(String(originalCode)) || hasCode(cause ?? meta?.driverAdapterError, codes);
}
