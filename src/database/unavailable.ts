import { Prisma } from './generated/client.ts';

/** Prisma's codes for a database that cannot be reached, does not answer in time, or has no connection or transaction left. */
const PRISMA_CODES: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
/**
 * Postgres' own, by class or whole: 08 connection, 53 out of resources, 57 stopped or cancelled, 58 the system's trouble,
 * 25006 read-only, 25P03 idle in a transaction, 55P03 lock timeout, 40001 and 40P01 a lost race.
 */
const SQL_STATES = /^(08|53|57|58|25006|25P03|55P03|40001|40P01)/;
/** The system's, for a connection that cannot be made or was lost. */
const SYSTEM_CODES = /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;

/** Whether an error says that the database is away, full, read-only, out of connections or too slow, and not that something is wrong with the statement. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError && PRISMA_CODES.has(error.code)) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError && isFatal(error.meta?.driverAdapterError)) return true;
  const { code, originalCode } = error as { code?: unknown; originalCode?: unknown };
  if (
    [code, originalCode].some((text) => typeof text === 'string' && (SQL_STATES.test(text) || SYSTEM_CODES.test(text)))
  )
    return true;
  return isUnavailable(error.cause);
}

/** Of a statement an error is never fatal: it ends the connection, or lets none begin, as of a database that takes none at the moment (55000). */
function isFatal(error: unknown): boolean {
  const { cause } = (error ?? {}) as { readonly cause?: { readonly severity?: unknown } };
  return cause?.severity === 'FATAL';
}
