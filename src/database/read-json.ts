import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Prisma, PrismaClient } from './generated/client.ts';
import type { Db } from './handle.ts';

/** A statement with its values. */
interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
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
export interface Shortcut {
  /** Sends a statement, and returns the text in the only column of its only row. */
  read(statement: Statement): Promise<string>;
  readonly notes: Notes | null;
}

/** Numbers, texts, booleans, and lists of them: the driver knows how to send them. */
const AS_GIVEN = { scalarType: 'unknown', arity: 'scalar' } as const;

const shortcuts = new WeakMap<object, Shortcut>();

/** Lets `readJson` and `readRows` send the statements of a client to its adapter. Returns the client. */
export function withShortcut(client: PrismaClient, factory: SqlDriverAdapterFactory): PrismaClient {
  let connected: ReturnType<SqlDriverAdapterFactory['connect']> | undefined;
  const read = async ({ text, values }: Statement) => {
    connected ??= factory.connect();
    const adapter = await connected;
    const { rows } = await adapter.queryRaw({ sql: text, args: [...values], argTypes: values.map(() => AS_GIVEN) });
    return String(rows[0]?.[0] ?? 'null');
  };
  shortcuts.set(client, { read, notes: null });
  return client;
}

/** Gives a client that was made from another one its shortcut, and notes what is read by it. */
export function passShortcut(from: object, to: object, notes: Notes): void {
  const shortcut = shortcuts.get(from);
  if (shortcut !== undefined) shortcuts.set(to, { read: shortcut.read, notes });
}

/** The way past a client. Undefined for a transaction. */
export function shortcutOf(db: Db): Shortcut | undefined {
  return shortcuts.get(db);
}

/**
 * Reads the JSON that a statement returns as text, in one row with one column named json. Rows take Prisma's client several times as long
 * as this text takes to parse, and every statement some tenths of a millisecond, so this goes past it. Not in transactions.
 */
export async function readJson<Value>(db: Db, statement: Prisma.Sql): Promise<Value> {
  const shortcut = shortcuts.get(db);
  if (shortcut !== undefined) {
    const text = await shortcut.read(statement);
    shortcut.notes?.addStatement(statement);
    return JSON.parse(text);
  }
  const [row] = await db.$queryRaw<{ json: string }[]>(statement);
  return JSON.parse(row?.json ?? 'null');
}
