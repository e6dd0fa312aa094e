import { setImmediate as nextTurn } from 'node:timers/promises';
import { messages, type PGlite, type Transaction as PGliteTransaction } from '@electric-sql/pglite';
import type { SqlDriverAdapter, Transaction } from '@prisma/driver-adapter-utils';
import { PrismaPGlite } from 'pglite-prisma-adapter';

/** Prisma's way to PGlite, with transactions of our own: the adapter's say that a commit succeeded also when it failed, and wait for no rollback. */
export class PGliteAdapter extends PrismaPGlite {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super(pglite);
    this.#pglite = pglite;
  }

  override async connect(): Promise<SqlDriverAdapter> {
    const adapter = await super.connect();
    adapter.startTransaction = () => startTransaction(this.#pglite);
    return adapter;
  }
}

/** What a transaction's work ends with when it is to be rolled back. */
const ROLLBACK = Symbol('rollback');

/** Every transaction has the only connection for itself, so that all levels of isolation are the same. */
async function startTransaction(pglite: PGlite): Promise<Transaction> {
  let end = (_how: 'commit' | typeof ROLLBACK): void => undefined;
  const decided = new Promise<'commit' | typeof ROLLBACK>((resolve) => {
    end = resolve;
  });
  // One statement after the other is all that happens otherwise: while many write, or the seed is loaded, no request would be heard.
  await nextTurn();
  return new Promise((resolve, reject) => {
    const ended = pglite.transaction(async (session) => {
      resolve(await describeTransaction(session, finish));
      if ((await decided) === ROLLBACK) throw ROLLBACK;
    });
    // One that never began; whoever ends one that did is told below.
    ended.catch((error: unknown) => reject(asPrismaSaysIt(error)));
    const finish = async (how: 'commit' | typeof ROLLBACK): Promise<void> => {
      end(how);
      await ended.catch((error: unknown) => {
        if (error !== ROLLBACK) throw asPrismaSaysIt(error);
      });
    };
  });
}

/** What Postgres says against the beginning or the end of a transaction, in the form that the adapter gives what is said against a statement. */
function asPrismaSaysIt(error: unknown): unknown {
  if (!(error instanceof messages.DatabaseError)) return error;
  const { message, code, severity, detail, column, hint } = error;
  const cause = { kind: 'postgres', originalCode: code, originalMessage: message, code, severity, message, detail };
  return Object.assign(new Error(message, { cause: { ...cause, column, hint } }), { name: 'DriverAdapterError' });
}

async function describeTransaction(
  session: PGliteTransaction,
  finish: (how: 'commit' | typeof ROLLBACK) => Promise<void>,
): Promise<Transaction> {
  // What reads and writes is all of a database that a session has, and all that is used of this one.
  const statements = await new PrismaPGlite(session as unknown as PGlite).connect();
  return {
    provider: statements.provider,
    adapterName: statements.adapterName,
    // Begin, commit and rollback are not sent as statements.
    options: { usePhantomQuery: true },
    queryRaw: (query) => statements.queryRaw(query),
    executeRaw: (query) => statements.executeRaw(query),
    commit: () => finish('commit'),
    rollback: () => finish(ROLLBACK),
  };
}
