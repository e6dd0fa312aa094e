import { type Column, type Relation, TABLES, type Table } from './row-tables.ts';

/** Collects the values of a statement, whose text has numbers in their places. */
export class Values {
  readonly all: unknown[] = [];
  #aliases = 0;

  /** The place of a value. */
  place(value: unknown): string {
    return `$${this.all.push(value)}`;
  }

  /** A name for a table that no other one in the statement has. */
  alias(): string {
    const alias = `t${this.#aliases}`;
    this.#aliases += 1;
    return alias;
  }
}

/** Thrown for a query that is not known here; Prisma's client executes it. */
export class Untranslated extends Error {
  override readonly name = 'Untranslated';
}

type Where = Readonly<Record<string, unknown>>;
type Operator = (column: string, value: unknown, of: Column, values: Values) => string;

const COMPARISONS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** Prisma's operators on a column. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  equals: (column, value, of, values) =>
    value === null ? `${column} is null` : `${column} = ${placeOf(value, of, values)}`,
  not: (column, value, of, values) =>
    value === null ? `${column} is not null` : `${column} <> ${placeOf(value, of, values)}`,
  in: (column, value, of, values) => `${column} = any(${placeOfList(value, of, values)})`,
  ...Object.fromEntries(
    Object.entries(COMPARISONS).map(([name, sign]): [string, Operator] => [
      name,
      (column, value, of, values) => `${column} ${sign} ${placeOf(value, of, values)}`,
    ]),
  ),
};

/** The conditions of Prisma's `where` on the rows of a table, in SQL; all of them have to hold. */
export function conditionsOf(
  { columns, relations, name }: Table,
  where: Where,
  alias: string,
  values: Values,
): string[] {
  return Object.entries(where).flatMap(([field, condition]) => {
    if (condition === undefined) return [];
    if (field === 'AND' || field === 'OR') return connected(field, name, condition, alias, values);
    const column = columns.get(field);
    if (column !== undefined) return onColumn(column, condition, alias, values);
    const relation = relations.get(field);
    if (relation === undefined) throw new Untranslated(`${name}.${field}`);
    return [onRelation(relation, condition, alias, values)];
  });
}

/** The table with this name. Throws Untranslated if its rows cannot be read as JSON. */
export function tableOf(name: string): Table {
  const table = TABLES.get(name);
  if (table === undefined) throw new Untranslated(name);
  return table;
}

function connected(word: 'AND' | 'OR', name: string, condition: unknown, alias: string, values: Values): string[] {
  const parts = (Array.isArray(condition) ? condition : [condition]).map((part: Where) =>
    conditionsOf(tableOf(name), part, alias, values),
  );
  if (word === 'AND') return parts.flat();
  // What no alternative, and one without conditions, mean to Prisma depends on where they stand.
  if (parts.length === 0 || parts.some((part) => part.length === 0)) throw new Untranslated(word);
  return [`(${parts.map((part) => `(${part.join(' and ')})`).join(' or ')})`];
}

function onColumn(column: Column, condition: unknown, alias: string, values: Values): string[] {
  const place = `${alias}."${column.name}"`;
  if (!isPlain(condition)) return [OPERATORS.equals?.(place, condition, column, values) ?? 'true'];
  const { contains, mode, has, hasSome, ...compared } = condition;
  if (contains !== undefined) return [containing(place, condition, values)];
  if (hasSome !== undefined) return [`${place} && ${placeOfList(hasSome, column, values)}`];
  if (has !== undefined) return [`${place} @> ${placeOfList([has], column, values)}`];
  return Object.entries(compared).flatMap(([name, value]) => {
    const operator = OPERATORS[name];
    if (operator === undefined || mode !== undefined || column.isList) throw new Untranslated(name);
    return value === undefined ? [] : [operator(place, value, column, values)];
  });
}

function containing(place: string, { contains, mode, ...others }: Where, values: Values): string {
  if (mode !== 'insensitive' || Object.keys(others).length > 0) throw new Untranslated('contains');
  return `${place} ilike ${values.place(`%${contains}%`)}::text`;
}

function onRelation(relation: Relation, condition: unknown, alias: string, values: Values): string {
  if (!isPlain(condition)) throw new Untranslated(relation.name);
  const { some, ...others } = condition;
  if (relation.isList && (some === undefined || Object.keys(others).length > 0)) throw new Untranslated(relation.name);
  const [table, there] = [tableOf(relation.table), values.alias()];
  const related = conditionsOf(table, (relation.isList ? some : condition) as Where, there, values);
  // To Prisma such a condition on one row is none; on a list it is that there are rows.
  if (!relation.isList && related.length === 0) throw new Untranslated(relation.name);
  const link = `${there}."${relation.there}" = ${alias}."${relation.here}"`;
  return `exists (select from "${table.name}" ${there} where ${[link, ...related].join(' and ')})`;
}

/** The place of a value that a column is compared with. Postgres finds out itself whether a date is a day or an instant. */
function placeOf(value: unknown, { type, isEnum }: Column, values: Values): string {
  if (isPlain(value) || Array.isArray(value)) throw new Untranslated(type);
  if (value instanceof Date) return values.place(value.toISOString());
  if (isEnum) return `${values.place(value)}::"${type}"`;
  const sqlType = sqlTypeOf(type);
  return `${values.place(sent(value))}::${sqlType}`;
}

function placeOfList(value: unknown, { type, isEnum }: Column, values: Values): string {
  if (!Array.isArray(value) || type === 'DateTime') throw new Untranslated(type);
  // As Postgres writes a list, so that it is read once, as the parameter: the cast of a list of texts is repeated for each row.
  if (isEnum) return `${values.place(`{${value.join()}}`)}::"${type}"[]`;
  const sqlType = sqlTypeOf(type);
  return `${values.place(value.map(sent))}::${sqlType}[]`;
}

const SQL_TYPES: Readonly<Record<string, string>> = {
  ...{ Int: 'int', BigInt: 'bigint', Float: 'float8' },
  ...{ String: 'text', Boolean: 'boolean' },
};

/** Bytes and JSON are read, and not compared. */
function sqlTypeOf(type: string): string {
  const sqlType = SQL_TYPES[type];
  if (sqlType === undefined) throw new Untranslated(type);
  return sqlType;
}

/** A value as the drivers take it. */
function sent(value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}

function isPlain(value: unknown): value is Where {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
