import { conditionsOf, tableOf, Untranslated, Values } from './row-conditions.ts';
import type { Relation, Table } from './row-tables.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A query as Prisma's client takes it. */
export interface RowQuery {
  readonly where?: Fields;
  readonly select?: Fields;
  readonly include?: Fields;
  readonly orderBy?: unknown;
  readonly take?: number;
}

/** The rows of one table that a statement returns: those of the query itself, or those to which a relation of earlier rows leads. */
export interface Part {
  readonly table: Table;
  /** The columns of the rows as Prisma's client returns them. */
  readonly columns: readonly string[];
  /** Everything that is read of each row, in this order: the columns, what relations need, and the counts. */
  readonly read: readonly string[];
  readonly counts: readonly string[];
  readonly related: readonly { readonly relation: Relation; readonly part: number }[];
}

/** A statement that returns the text of one list: for each part the list of its rows, each row the list of what is read of it. */
export interface RowStatement {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly parts: readonly Part[];
}

/** Where the rows of a part come from: a relation of the rows of another part. */
interface Origin {
  readonly part: number;
  readonly relation: Relation;
}

const KNOWN: ReadonlySet<string> = new Set(['where', 'select', 'include', 'orderBy', 'take']);
/** The plan of a list is made for at most so many rows, because it cannot know the number that is asked for. No page has more. */
const MOST_ROWS = 101;

/**
 * The statement for a query on a table. It reads each table once: joins of as many tables take longer to plan, and return a document as
 * often as it has figures. Its text follows from what the query asks for, and never from a value or the length of a list, so that there are
 * few. Null: something in the query is not known here.
 */
export function statementOf(table: string, query: RowQuery): RowStatement | null {
  return translated(() => {
    const statement = new Statement();
    statement.add(tableOf(table), query, null);
    return { text: statement.text, values: statement.values.all, parts: statement.parts };
  });
}

/** The statement that counts the rows of a table. Null: something in `where` is not known here. */
export function countStatementOf(table: string, where: Fields): Pick<RowStatement, 'text' | 'values'> | null {
  return translated(() => {
    const values = new Values();
    const count = countOf(tableOf(table), where, () => [], values);
    return { text: `/* countRows */ select ${count}::text as json`, values: values.all };
  });
}

function translated<Result>(translate: () => Result): Result | null {
  try {
    return translate();
  } catch (error) {
    if (error instanceof Untranslated) return null;
    throw error;
  }
}

class Statement {
  readonly values = new Values();
  readonly parts: Part[] = [];
  readonly #selects: string[] = [];

  get text(): string {
    const tables = this.#selects.map((select, index) => `p${index} as (${select})`).join(', ');
    const lists = this.parts.map(({ table, read }, index) => {
      const row = read.map((name) => asJson(table.columns.get(name)?.type, quoted(name))).join(', ');
      return `(select json_agg(json_build_array(${row})) from p${index})`;
    });
    return `/* readRows */ with ${tables} select json_build_array(${lists.join(', ')})::text as json`;
  }

  /** Adds the rows for a query on a table, and then all rows that it asks for of these. Returns the number of the part. */
  add(table: Table, query: RowQuery, origin: Origin | null): number {
    const { columns, relations, counts } = selectedOf(table, query);
    const needed = [...relations.map(([{ here }]) => here), ...(origin === null ? [] : [origin.relation.there])];
    const read = new Set([...columns, ...needed]);
    const index = this.parts.length;
    const related: { relation: Relation; part: number }[] = [];
    const countNames = counts.map(([{ name }]) => name);
    this.parts.push({ table, columns, read: [...read, ...countNames.map(countColumn)], counts: countNames, related });
    this.#selects.push(this.#selectOf(table, query, { read: [...read], counts, origin }));
    for (const [relation, nested] of relations)
      related.push({ relation, part: this.add(tableOf(relation.table), nested, { part: index, relation }) });
    return index;
  }

  #selectOf(
    table: Table,
    query: RowQuery,
    { read, counts, origin }: { read: readonly string[]; counts: Selected['counts']; origin: Origin | null },
  ): string {
    const alias = this.values.alias();
    const counted = counts.map(([relation, where]) => {
      const count = countOf(tableOf(relation.table), where, (there) => [linkOf(relation, there, alias)], this.values);
      return `${count} as ${quoted(countColumn(relation.name))}`;
    });
    const listed = [...read.map((name) => `${alias}.${quoted(name)}`), ...counted].join(', ');
    const before = this.values.all.length;
    const conditions = conditionsOf(table, query.where ?? {}, alias, this.values);
    const isOpen = origin !== null || before === this.values.all.length;
    const order = origin?.relation.isList === false ? '' : orderOf(table, query, alias);
    const select = (link: readonly string[]) =>
      `select ${listed} from ${quoted(table.name)} ${alias}${whereOf([...link, ...conditions])}${order}`;
    if (origin === null) return this.#limited(select([]), query, isOpen);
    const { relation, part } = origin;
    if (!relation.isList) requireWhole(table, query);
    if (query.take === undefined)
      return select([`${alias}.${quoted(relation.there)} = any(array(select ${quoted(relation.here)} from p${part}))`]);
    const each = this.#limited(select([linkOf(relation, alias, `p${part}`)]), query, isOpen);
    return `select each.* from p${part} cross join lateral (${each}) each`;
  }

  /**
   * The rows of a select that are asked for. Where no value in the conditions can ask for another plan, the plan can be kept: the inner limit
   * is what it is made for.
   */
  #limited(select: string, { take }: RowQuery, isOpen: boolean): string {
    if (take === undefined) return select;
    const limit = `limit ${this.values.place(take)}::int`;
    return isOpen && take <= MOST_ROWS
      ? `select * from (${select} limit ${MOST_ROWS}) most ${limit}`
      : `${select} ${limit}`;
  }
}

interface Selected {
  readonly columns: readonly string[];
  readonly relations: readonly (readonly [Relation, RowQuery])[];
  readonly counts: readonly (readonly [Relation, Fields])[];
}

/** What a query asks of each row. */
function selectedOf(table: Table, query: RowQuery): Selected {
  if (Object.entries(query).some(([key, value]) => value !== undefined && !KNOWN.has(key)))
    throw new Untranslated(table.name);
  const { select, include } = query;
  if (select !== undefined && include !== undefined) throw new Untranslated(table.name);
  const columns = select === undefined ? [...table.columns.keys()] : [];
  const relations: [Relation, RowQuery][] = [];
  const counts: (readonly [Relation, Fields])[] = [];
  for (const [name, chosen] of Object.entries(select ?? include ?? {})) {
    if (chosen === false || chosen === undefined) continue;
    const relation = table.relations.get(name);
    if (relation !== undefined) relations.push([relation, chosen === true ? {} : (chosen as RowQuery)]);
    else if (select !== undefined && table.columns.has(name)) columns.push(name);
    else if (name === '_count') counts.push(...countedOf(table, chosen));
    else throw new Untranslated(name);
  }
  return { columns, relations, counts };
}

function countedOf({ name, relations }: Table, chosen: unknown): (readonly [Relation, Fields])[] {
  const { select } = chosen as { readonly select?: Fields };
  if (select === undefined) throw new Untranslated(name);
  return Object.entries(select).map(([field, counted]) => {
    const relation = relations.get(field);
    if (relation === undefined) throw new Untranslated(field);
    return [relation, (counted as { readonly where?: Fields }).where ?? {}];
  });
}

function countOf(table: Table, where: Fields, linksOf: (alias: string) => readonly string[], values: Values): string {
  const alias = values.alias();
  const conditions = [...linksOf(alias), ...conditionsOf(table, where, alias, values)];
  return `(select count(*) from ${quoted(table.name)} ${alias}${whereOf(conditions)})`;
}

/** A relation to one row leads to that row, whatever it is. */
function requireWhole({ name }: Table, { where, orderBy, take }: RowQuery): void {
  if ((where ?? orderBy ?? take) !== undefined) throw new Untranslated(name);
}

function linkOf({ here, there }: Relation, alias: string, from: string): string {
  return `${alias}.${quoted(there)} = ${from}.${quoted(here)}`;
}

function whereOf(conditions: readonly string[]): string {
  return conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
}

/** The order of a list. Without one it is that of the keys, so that it is the same each time. */
function orderOf({ columns, key }: Table, { orderBy = { [key]: 'asc' } }: RowQuery, alias: string): string {
  const orders = (Array.isArray(orderBy) ? orderBy : [orderBy]).flatMap((order: Fields) => Object.entries(order));
  const listed = orders.map(([name, direction]) => {
    if (!columns.has(name) || (direction !== 'asc' && direction !== 'desc')) throw new Untranslated(name);
    return `${alias}.${quoted(name)} ${direction}`;
  });
  return ` order by ${listed.join(', ')}`;
}

/** A number beyond those of JSON, and bytes, are read as text. */
function asJson(type: string | undefined, column: string): string {
  if (type === 'BigInt') return `${column}::text`;
  return type === 'Bytes' ? `encode(${column}, 'hex')` : column;
}

function quoted(name: string): string {
  return `"${name}"`;
}

function countColumn(relation: string): string {
  return `_count.${relation}`;
}
