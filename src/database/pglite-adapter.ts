import { setImmediate as nextTurn } from 'node:timers/promises';
import { messages, type PGlite, type Transaction as PGliteTransaction } from '@electric-sql/pglite';
import type { SqlDriverAdapter, Transaction } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { CANCELLED, isCancelled } from './cancel.ts';

/**
 * Prisma's adapter for PGlite with our own transactions: the adapter reports a failed commit as a success, and does not wait for a
 * rollback.
 */
export class PGliteAdapter extends PrismaPGlite {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super(pglite);
    this.#pglite = pglite;
  }

  override async connect(): Promise<SqlDriverAdapter> {
    const adapter = await super.connect();
    const { queryRaw, executeRaw } = cancellable(adapter);
    return Object.assign(adapter, { queryRaw, executeRaw, startTransaction: () => startTransaction(this.#pglite) });
  }
}

/** Statements that are not sent for work that was cancelled. One that runs cannot be cancelled: it has the process to itself. */
function cancellable(adapter: SqlDriverAdapter): Pick<SqlDriverAdapter, 'queryRaw' | 'executeRaw'> {
  const [query, run] = [adapter.queryRaw.bind(adapter), adapter.executeRaw.bind(adapter)];
  return {
    queryRaw: async (statement) => (isCancelled() ? refuse() : query(statement)),
    executeRaw: async (statement) => (isCancelled() ? refuse() : run(statement)),
  };
}

function refuse(): never {
  const error = new messages.DatabaseError(CANCELLED.message, 0, 'error');
  throw toAdapterError(Object.assign(error, { code: CANCELLED.code, severity: 'ERROR' }));
}

/** Thrown inside a transaction to roll it back. */
const ROLLBACK = Symbol('rollback');

/** Each transaction has the only connection to itself, so all isolation levels are the same. */
async function startTransaction(pglite: PGlite): Promise<Transaction> {
  let end = (_how: 'commit' | typeof ROLLBACK): void => undefined;
  const decided = new Promise<'commit' | typeof ROLLBACK>((resolve) => {
    end = resolve;
  });
  // Yields to the event loop. Otherwise many writes, or the seed, would run statement after statement, and no request would be read.
  await nextTurn();
  return new Promise((resolve, reject) => {
    const ended = pglite.transaction(async (session) => {
      resolve(await describeTransaction(session, finish));
      if ((await decided) === ROLLBACK) throw ROLLBACK;
    });
    // The error of a transaction that could not begin; finish() reports the error of an end.
    ended.catch((error: unknown) => reject(toAdapterError(error)));
    const finish = async (how: 'commit' | typeof ROLLBACK): Promise<void> => {
      end(how);
      await ended.catch((error: unknown) => {
        if (error !== ROLLBACK) throw toAdapterError(error);
      });
    };
  });
}

/** Converts Postgres' error for a begin or an end into the form that the adapter has for errors of statements. */
function toAdapterError(error: unknown): unknown {
  if (!(error instanceof messages.DatabaseError)) return error;
  const { message, code, severity, detail, column, hint } = error;
  const cause = { kind: 'postgres', originalCode: code, originalMessage: message, code, severity, message, detail };
  return Object.assign(new Error(message, { cause: { ...cause, column, hint } }), { name: 'DriverAdapterError' });
}

async function describeTransaction(
  session: PGliteTransaction,
  finish: (how: 'commit' | typeof ROLLBACK) => Promise<void>,
): Promise<Transaction> {
  // A session has only the statements of a database, and only these are used here.
  const statements = await new PrismaPGlite(session as unknown as PGlite).connect();
  return {
    provider: statements.provider,
    adapterName: statements.adapterName,
    // Begin, commit and rollback are not sent as statements.
    options: { usePhantomQuery: true },
    ...cancellable(statements),
    commit: () => finish('commit'),
    rollback: () => finish(ROLLBACK),
  };
}
