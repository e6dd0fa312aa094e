import { Prisma } from './generated/client.ts';

/** Prisma's codes for a database that cannot be reached or lets nobody in, does not answer in time, or has no connection left; and for a race that was lost. */
const PRISMA_CODES = /^(P1000|P1001|P1002|P1003|P1008|P1010|P1017|P2024|P2034|P2037)$/;
/** Prisma's one code for everything about transactions, of which these are about time, and about a server that stops in its midst; the others are about how it is used. */
const TRANSACTION = 'P2028';
const LATE_TRANSACTION = /in the given time|on an expired transaction|Transaction not found/;
/**
 * Postgres' own, by class or whole: 08 connection, 53 out of resources, 57 stopped or cancelled, 58 the system's trouble, 28 and 3D000 not let in,
 * 25006 read-only, 25P03 idle in a transaction, 55P03 lock timeout, 40001 and 40P01 a lost race.
 */
const SQL_STATES = /^(08|53|57|58|28|3D000|25006|25P03|55P03|40001|40P01)/;
/** How poolers say everything that they have to say, and then close the connection; from Postgres itself it is a mistake in how it was spoken to. */
const PROTOCOL_VIOLATION = '08P01';
/** The system's and Node's, for a connection that cannot be made or was lost. */
const SYSTEM_CODES =
  /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|ERR_STREAM|ERR_SOCKET)/;
/** What pg, its pool and PGlite say of a connection, in errors that have nothing but this text. */
const SENTENCES =
  /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|PGlite is clos)/;

/** What the adapter makes of errors of the connection, which have no code of the server. */
const KINDS = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout)$/;

/** Whether an error says that the database is away, full, read-only, out of connections or too slow, and not that something is wrong with the statement. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  // Prisma takes any error with a code for one of its own.
  if (typeof code === 'string' && SYSTEM_CODES.test(code)) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    const late = code === TRANSACTION && LATE_TRANSACTION.test(error.message);
    return late || PRISMA_CODES.test(error.code) || isUnavailable(error.meta?.driverAdapterError);
  }
  return SENTENCES.test(error.message) || isOfServer(cause) || isUnavailable(cause);
}

/** An error of the adapter has as its cause what the server said. */
function isOfServer(cause: unknown): boolean {
  const { kind, originalCode, severity } = (cause ?? {}) as Readonly<Record<string, unknown>>;
  // Of a statement an error is never fatal: it ends the connection, or lets none begin, as of a database that takes none at the moment (55000).
  if (severity === 'FATAL') return true;
  if (originalCode === PROTOCOL_VIOLATION) return false;
  return KINDS.test(String(kind)) || SQL_STATES.test(String(originalCode));
}
