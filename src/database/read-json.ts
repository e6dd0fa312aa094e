import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Prisma, PrismaClient } from './generated/client.ts';
import type { Db } from './handle.ts';

/** Sends a statement past Prisma's client, and returns the text in the only column of its only row. */
type ReadText = (statement: Prisma.Sql) => Promise<string>;

/** Numbers, texts, booleans, and lists of them: the driver knows how to send them. */
const AS_GIVEN = { scalarType: 'unknown', arity: 'scalar' } as const;

const shortcuts = new WeakMap<object, ReadText>();

/** Lets `readJson` send the statements of a client to its adapter. Returns the client. */
export function withShortcut(client: PrismaClient, factory: SqlDriverAdapterFactory): PrismaClient {
  let connected: ReturnType<SqlDriverAdapterFactory['connect']> | undefined;
  shortcuts.set(client, async ({ text, values }) => {
    connected ??= factory.connect();
    const adapter = await connected;
    const { rows } = await adapter.queryRaw({ sql: text, args: [...values], argTypes: values.map(() => AS_GIVEN) });
    return String(rows[0]?.[0] ?? 'null');
  });
  return client;
}

/** Gives a client that was made from another one its shortcut, and notes each statement that was sent. */
export function passShortcut(from: object, to: object, note: (statement: Prisma.Sql) => void): void {
  const read = shortcuts.get(from);
  if (read === undefined) return;
  shortcuts.set(to, async (statement) => {
    const text = await read(statement);
    note(statement);
    return text;
  });
}

/**
 * Reads the JSON that a statement returns as text, in one row with one column named json. Rows take Prisma's client several times as long
 * as this text takes to parse, and every statement some tenths of a millisecond, so this goes past it. Not in transactions.
 */
export async function readJson<Value>(db: Db, statement: Prisma.Sql): Promise<Value> {
  return JSON.parse(await readText(db, statement));
}

/** The same text as it is. */
export async function readText(db: Db, statement: Prisma.Sql): Promise<string> {
  const read = shortcuts.get(db);
  if (read !== undefined) return read(statement);
  const [row] = await db.$queryRaw<{ json: string | null }[]>(statement);
  return row?.json ?? 'null';
}
