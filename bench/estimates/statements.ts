import pg from 'pg';

/** What the log's tail sends by itself. */
const OF_TAIL = /\/\* (readAfter|readLogState) \*\//;

/** A statement that went to the database, with what came back. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly command: string;
  /** The rows that it returned, or else wrote. */
  readonly rows: number;
}

type Query = (...args: unknown[]) => unknown;

/** The statements that go to the database while the work runs, including BEGIN and COMMIT; without those of the log's tail. */
export async function statementsOf(work: () => Promise<unknown>): Promise<readonly Statement[]> {
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  const sent: Statement[] = [];
  prototype.query = function observed(this: pg.Client, ...args: unknown[]): unknown {
    const [config] = args as [string | { readonly text: string; readonly values?: readonly unknown[] }];
    const { text, values = [] } = typeof config === 'string' ? { text: config } : config;
    const note = ({ command, rowCount }: pg.QueryResult): void => {
      if (!OF_TAIL.test(text)) sent.push({ text, values, command, rows: rowCount ?? 0 });
    };
    // The pool passes a function; a transaction awaits a promise.
    const last = args.at(-1);
    if (typeof last === 'function') {
      const observing = (error: Error | null, result: pg.QueryResult): void => {
        if (error == null) note(result);
        last(error, result);
      };
      return query.apply(this, [...args.slice(0, -1), observing]);
    }
    const answer = query.apply(this, args);
    if (answer instanceof Promise) void answer.then(note, () => undefined);
    return answer;
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return sent;
}

/** The rows that statements wrote. */
export function rowsWritten(statements: readonly Statement[]): number {
  return sum(statements.filter(({ command }) => ['INSERT', 'UPDATE', 'DELETE'].includes(command)));
}

/** The rows that statements returned. */
export function rowsReturned(statements: readonly Statement[]): number {
  return sum(statements.filter(({ command }) => command === 'SELECT'));
}

function sum(statements: readonly Statement[]): number {
  return statements.reduce((total, { rows }) => total + rows, 0);
}
