import type { SqlDriverAdapterFactory, SqlQuery, SqlResultSet } from '@prisma/driver-adapter-utils';
import type { Prisma, PrismaClient } from './generated/client.ts';
import type { Db, Tx } from './handle.ts';
import { whichTransaction } from './open-transactions.ts';

/** A statement with its values. */
interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What sends statements past Prisma's client: an adapter, or one of its transactions. */
interface Sender {
  queryRaw(query: SqlQuery): Promise<SqlResultSet>;
  executeRaw(query: SqlQuery): Promise<number>;
}

/** Takes notes of what is read past Prisma's client. */
export interface Notes {
  addStatement(statement: Prisma.Sql): void;
  /** What Prisma's client would have been asked, and returned. */
  addOperation(
    model: Prisma.ModelName,
    operation: string,
    args: Readonly<Record<string, unknown>>,
    result: unknown,
  ): void;
}

/** The way past Prisma's client. */
interface Shortcut {
  /** Undefined for a transaction that has ended. */
  find(): Promise<Sender | undefined>;
  readonly notes: Notes | null;
}

/** Numbers, texts, booleans, and lists of them: the driver knows how to send them. */
const AS_GIVEN = { scalarType: 'unknown', arity: 'scalar' } as const;

const shortcuts = new WeakMap<object, Shortcut>();

/** Lets statements of a client go to its adapter. Returns the client. */
export function withShortcut(client: PrismaClient, factory: SqlDriverAdapterFactory): PrismaClient {
  let connected: ReturnType<SqlDriverAdapterFactory['connect']> | undefined;
  const find = () => {
    connected ??= factory.connect();
    return connected;
  };
  shortcuts.set(client, { find, notes: null });
  return client;
}

/** Gives a client that was made from another one its shortcut, and notes what is read by it. */
export function passShortcut(from: object, to: object, notes: Notes): void {
  const shortcut = shortcuts.get(from);
  if (shortcut !== undefined) shortcuts.set(to, { find: shortcut.find, notes });
}

/** Gives a transaction of a client a shortcut if the client has one. */
export function passToTransaction(from: PrismaClient, tx: Tx): void {
  if (!shortcuts.has(from)) return;
  let asked: ReturnType<typeof whichTransaction> | undefined;
  const find = async () => {
    asked ??= whichTransaction(tx);
    return (await asked)();
  };
  shortcuts.set(tx, { find, notes: null });
}

/** Who takes notes of what a client reads. */
export function notesOf(db: Db): Notes | null {
  return shortcuts.get(db)?.notes ?? null;
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
  const text = shortcuts.has(db) ? await readTextPast(db, statement) : null;
  if (text !== null) {
    notesOf(db)?.addStatement(statement);
    return text;
  }
  const [row] = await db.$queryRaw<{ json: string | null }[]>(statement);
  return row?.json ?? 'null';
}

/** The same, not noted; null if there is no way past the client. */
export async function readTextPast(db: Db, statement: Statement): Promise<string | null> {
  const sender = await shortcuts.get(db)?.find();
  if (sender === undefined) return null;
  const { rows } = await sender.queryRaw(queryOf(statement));
  return String(rows[0]?.[0] ?? 'null');
}

/** Reads one row, of which each column is JSON as text. Large ones take less as columns than within one another. */
export async function readJsonColumns<Row>(db: Db, statement: Prisma.Sql): Promise<Row> {
  const sender = await shortcuts.get(db)?.find();
  if (sender === undefined) {
    const [row = {}] = await db.$queryRaw<Record<string, string>[]>(statement);
    return parsed(Object.entries(row)) as Row;
  }
  const { columnNames, rows } = await sender.queryRaw(queryOf(statement));
  notesOf(db)?.addStatement(statement);
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

function queryOf({ text, values }: Statement): SqlQuery {
  return { sql: text, args: [...values], argTypes: values.map(() => AS_GIVEN) };
}
