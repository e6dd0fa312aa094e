import type { SqlDriverAdapterFactory, SqlQuery, SqlResultSet } from '@prisma/driver-adapter-utils';
import type { Prisma, PrismaClient } from './generated/client.ts';
import type { Db, Tx } from './handle.ts';
import { whichTransaction } from './open-transactions.ts';

/** What sends statements past Prisma's client: an adapter, or one of its transactions. */
interface Sender {
  queryRaw(query: SqlQuery): Promise<SqlResultSet>;
  executeRaw(query: SqlQuery): Promise<number>;
}

/** Finds it; undefined for a transaction that has ended. */
interface Shortcut {
  find(): Promise<Sender | undefined>;
  /** Called with each statement that was sent. */
  note?(statement: Prisma.Sql): void;
}

/** Numbers, texts, booleans, and lists of them: the driver knows how to send them. */
const AS_GIVEN = { scalarType: 'unknown', arity: 'scalar' } as const;

const shortcuts = new WeakMap<object, Shortcut>();

/** Lets statements of a client go to its adapter. Returns the client. */
export function withShortcut(client: PrismaClient, factory: SqlDriverAdapterFactory): PrismaClient {
  let connected: ReturnType<SqlDriverAdapterFactory['connect']> | undefined;
  shortcuts.set(client, {
    find: () => {
      connected ??= factory.connect();
      return connected;
    },
  });
  return client;
}

/** Gives a client that was made from another one its shortcut, and notes each statement that was sent. */
export function passShortcut(from: object, to: object, note: (statement: Prisma.Sql) => void): void {
  const shortcut = shortcuts.get(from);
  if (shortcut !== undefined) shortcuts.set(to, { find: shortcut.find, note });
}

/** Gives a transaction of a client a shortcut if the client has one. */
export function passToTransaction(from: PrismaClient, tx: Tx): void {
  if (!shortcuts.has(from)) return;
  let asked: ReturnType<typeof whichTransaction> | undefined;
  shortcuts.set(tx, {
    find: async () => {
      asked ??= whichTransaction(tx);
      return (await asked)();
    },
  });
}

/**
 * Reads the JSON that a statement returns as text, in one row with one column named json. Rows take Prisma's client several times as long
 * as this text takes to parse, and every statement some tenths of a millisecond, so this goes past it. In transactions only in those of
 * `passToTransaction`.
 */
export async function readJson<Value>(db: Db, statement: Prisma.Sql): Promise<Value> {
  return JSON.parse(await readText(db, statement));
}

/** The same text as it is. */
export async function readText(db: Db, statement: Prisma.Sql): Promise<string> {
  const shortcut = shortcuts.get(db);
  const sender = await shortcut?.find();
  if (sender === undefined) {
    const [row] = await db.$queryRaw<{ json: string | null }[]>(statement);
    return row?.json ?? 'null';
  }
  const { rows } = await sender.queryRaw(queryOf(statement));
  shortcut?.note?.(statement);
  return String(rows[0]?.[0] ?? 'null');
}

/** Reads one row, of which each column is JSON as text. Large ones take less as columns than within one another. */
export async function readJsonColumns<Row>(db: Db, statement: Prisma.Sql): Promise<Row> {
  const shortcut = shortcuts.get(db);
  const sender = await shortcut?.find();
  if (sender === undefined) {
    const [row = {}] = await db.$queryRaw<Record<string, string>[]>(statement);
    return parsed(Object.entries(row)) as Row;
  }
  const { columnNames, rows } = await sender.queryRaw(queryOf(statement));
  shortcut?.note?.(statement);
  return parsed(columnNames.map((name, index) => [name, rows[0]?.[index]])) as Row;
}

function parsed(columns: readonly (readonly [string, unknown])[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map(([name, text]) => [name, JSON.parse(String(text))]));
}

/** Executes a statement that writes, in the same way. */
export async function execute(tx: Tx, statement: Prisma.Sql): Promise<void> {
  const sender = await shortcuts.get(tx)?.find();
  if (sender === undefined) await tx.$executeRaw(statement);
  else await sender.executeRaw(queryOf(statement));
}

function queryOf({ text, values }: Prisma.Sql): SqlQuery {
  return { sql: text, args: [...values], argTypes: values.map(() => AS_GIVEN) };
}
