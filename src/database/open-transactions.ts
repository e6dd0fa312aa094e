import type { SqlDriverAdapterFactory, SqlQuery, SqlResultSet, Transaction } from '@prisma/driver-adapter-utils';
import type { Tx } from './handle.ts';

/** It reaches no database: the adapter answers it. Without such an adapter the database does, and says 0. */
const WHICH = '/* whichTransaction */ select 0 as number';
/** The adapters' code for the type of a column of whole numbers. */
const INT32 = 0;
/** The ends of a transaction that are sent as statements. */
const ENDS: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK']);

/** The transactions that have not been committed or rolled back, by their number. */
const open = new Map<number, Transaction>();
let lastNumber = 0;

/** Makes an adapter number its transactions, so that `whichTransaction` finds that of Prisma's client. */
export function numberTransactions(factory: SqlDriverAdapterFactory): SqlDriverAdapterFactory {
  const connect = async (): Promise<Awaited<ReturnType<SqlDriverAdapterFactory['connect']>>> => {
    const adapter = await factory.connect();
    const start = adapter.startTransaction.bind(adapter);
    const startTransaction: typeof start = async (isolationLevel) => numbered(await start(isolationLevel));
    return Object.assign(adapter, { startTransaction });
  };
  return { provider: factory.provider, adapterName: factory.adapterName, connect };
}

/**
 * The adapter's transaction behind that of Prisma's client. The function that is returned gives it as long as it is open, and then
 * undefined: its connection may belong to another one by then.
 */
export async function whichTransaction(tx: Tx): Promise<() => Transaction | undefined> {
  const [row] = await tx.$queryRawUnsafe<{ number: number }[]>(WHICH);
  return () => open.get(row?.number ?? 0);
}

function numbered(transaction: Transaction): Transaction {
  lastNumber += 1;
  const number = lastNumber;
  open.set(number, transaction);
  const queryRaw = transaction.queryRaw.bind(transaction);
  const executeRaw = transaction.executeRaw.bind(transaction);
  const commit = transaction.commit.bind(transaction);
  const rollback = transaction.rollback.bind(transaction);
  const answer: SqlResultSet = { columnNames: ['number'], columnTypes: [INT32], rows: [[number]] };
  return Object.assign(transaction, {
    queryRaw: (query: SqlQuery) => (query.sql === WHICH ? Promise.resolve(answer) : queryRaw(query)),
    executeRaw: (query: SqlQuery) => {
      // Before it is sent, so that nothing can follow it.
      if (ENDS.has(query.sql)) open.delete(number);
      return executeRaw(query);
    },
    commit: () => {
      open.delete(number);
      return commit();
    },
    rollback: () => {
      open.delete(number);
      return rollback();
    },
  });
}
