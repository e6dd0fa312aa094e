import { Prisma } from './generated/client.ts';

/**
 * Prisma's codes: the database cannot be reached, refuses the login, does not answer in time, or has no connection left; or a lost race.
 */
const PRISMA_CODES = /^(P1000|P1001|P1002|P1003|P1008|P1010|P1017|P2024|P2034|P2037)$/;
/**
 * Prisma's single code for all errors of transactions. The messages below are about time, or a server that stops meanwhile; the others
 * are about wrong use.
 */
const TRANSACTION = 'P2028';
const LATE_TRANSACTION = /in the given time|on an expired transaction|Transaction not found/;
/**
 * Postgres' codes, by class or whole: 08 connection, 53 out of resources, 57 stopped or cancelled, 58 system error, 28 and 3D000 login
 * refused, 25006 read-only, 25P03 idle in a transaction, 55P03 lock timeout, 40001 and 40P01 a lost race.
 */
const SQL_STATES = /^(08|53|57|58|28|3D000|25006|25P03|55P03|40001|40P01)/;
/** Poolers use this code for all their messages, and then close the connection. From Postgres itself it is a protocol error of ours. */
const PROTOCOL_VIOLATION = '08P01';
/** Codes of the system and of Node for a connection that cannot be opened or was lost. */
const SYSTEM_CODES =
  /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ENOTFOUND|EAI_AGAIN|ERR_STREAM|ERR_SOCKET)/;
/** Messages of pg, its pool and PGlite about a connection, in errors without a code. */
const SENTENCES =
  /^(timeout exceeded when trying to connect|timeout expired|Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end|PGlite is clos)/;

/** The adapter's kinds for errors of the connection, which have no code of the server. */
const KINDS = /^(DatabaseNotReachable|ConnectionClosed|SocketTimeout)$/;

/**
 * Whether an error says that the database is away, full, read-only, out of connections or too slow, rather than that the statement is
 * wrong.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  // Tested first: Prisma wraps any error with a code as its own.
  if (typeof code === 'string' && SYSTEM_CODES.test(code)) return true;
  if (error instanceof Prisma.PrismaClientKnownRequestError) {
    const late = code === TRANSACTION && LATE_TRANSACTION.test(error.message);
    return late || PRISMA_CODES.test(error.code) || isUnavailable(error.meta?.driverAdapterError);
  }
  return SENTENCES.test(error.message) || isOfServer(cause) || isUnavailable(cause);
}

/** Whether the cause of an adapter's error, as the server reported it, is an outage. */
function isOfServer(cause: unknown): boolean {
  const { kind, originalCode, severity } = (cause ?? {}) as Readonly<Record<string, unknown>>;
  // An error of a statement is never FATAL. This severity ends the connection or refuses a new one, as when a database accepts none at
  // the moment (55000).
  if (severity === 'FATAL') return true;
  if (originalCode === PROTOCOL_VIOLATION) return false;
  return KINDS.test(String(kind)) || SQL_STATES.test(String(originalCode));
}
