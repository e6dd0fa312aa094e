import type PrismaTypes from './generated/pothos.ts';
import type { Db } from './handle.ts';
import { notesOf, readTextPast } from './read-json.ts';
import { countStatementOf, type Part, type RowQuery, statementOf } from './row-statement.ts';

type Name = keyof PrismaTypes;
type RowOf<T extends Name> = PrismaTypes[T]['Shape'];
type Row = Record<string, unknown>;
/** What was read of a row, in the order of its part. */
type Read = readonly unknown[];

/** The methods of Prisma's client for a table that are used where a query is not translated. */
interface Delegate {
  findMany(query: object): Promise<readonly object[]>;
  count(query: object): Promise<number>;
}

/** What is made of a value that was read as text. */
const PARSERS: Readonly<Record<string, (text: string) => unknown>> = {
  DateTime: (text) => new Date(text),
  BigInt,
  Bytes: (text) => Uint8Array.from(Buffer.from(text, 'hex')),
};

/**
 * The rows for a query, which is as Prisma's `findMany` takes it, and the rows are as it returns them, except that a row to which several
 * relations lead is the same object. They come as one text past Prisma's client, which takes several times as long for them. What is not
 * translated goes through the client.
 */
export async function readRows<T extends Name>(db: Db, table: T, query: object): Promise<readonly RowOf<T>[]> {
  const statement = statementOf(table, query as RowQuery);
  const text = statement === null ? null : await readTextPast(db, statement);
  if (statement === null || text === null) return (await delegateOf(db, table).findMany(query)) as readonly RowOf<T>[];
  const rows = assemble(statement.parts, JSON.parse(text));
  notesOf(db)?.addOperation(table, 'findMany', query as Row, rows);
  return rows as readonly RowOf<T>[];
}

/** The number of rows that a `where` of Prisma selects. */
export async function countRows(db: Db, table: Name, where: object): Promise<number> {
  const statement = countStatementOf(table, where as Row);
  const text = statement === null ? null : await readTextPast(db, statement);
  if (text === null) return delegateOf(db, table).count({ where });
  const count = Number(text);
  notesOf(db)?.addOperation(table, 'count', { where }, count);
  return count;
}

function delegateOf(db: Db, table: Name): Delegate {
  const name = `${table[0]?.toLowerCase()}${table.slice(1)}` as Uncapitalize<Name>;
  return db[name] as unknown as Delegate;
}

/** The rows of the first part, with those that relations lead to. */
function assemble(parts: readonly Part[], read: readonly (readonly Read[] | null)[]): readonly Row[] {
  const rows = parts.map((part, index) => (read[index] ?? []).map(rowMaker(part)));
  for (const [index, { related, read: names }] of parts.entries())
    for (const { relation, part } of related) {
      const there = parts[part]?.read.indexOf(relation.there) ?? 0;
      const found = byValue(read[part] ?? [], rows[part] ?? [], there);
      const here = names.indexOf(relation.here);
      for (const [at, row] of (rows[index] ?? []).entries()) {
        const those = found.get(read[index]?.[at]?.[here]);
        row[relation.name] = relation.isList ? (those ?? []) : (those?.[0] ?? null);
      }
    }
  return rows[0] ?? [];
}

function byValue(read: readonly Read[], rows: readonly Row[], place: number): ReadonlyMap<unknown, readonly Row[]> {
  const found = new Map<unknown, Row[]>();
  for (const [index, row] of rows.entries()) {
    const value = read[index]?.[place];
    const known = found.get(value);
    if (known === undefined) found.set(value, [row]);
    else known.push(row);
  }
  return found;
}

/** Makes of what was read of a row what Prisma's client returns. */
function rowMaker({ table, columns, read, counts }: Part): (values: Read) => Row {
  const places = columns.map((name) => {
    const { type, isList } = table.columns.get(name) ?? { type: '', isList: false };
    return { name, place: read.indexOf(name), isList, parse: PARSERS[type] };
  });
  return (values) => {
    const row: Row = {};
    for (const { name, place, isList, parse } of places) {
      const value = values[place];
      if (isList) row[name] = value ?? [];
      else row[name] = parse !== undefined && value !== null ? parse(value as string) : value;
    }
    if (counts.length > 0)
      row._count = Object.fromEntries(counts.map((name) => [name, values[read.indexOf(`_count.${name}`)]]));
    return row;
  };
}
