import { queryFromInfo } from '@pothos/plugin-prisma';
import { type GraphQLField, type GraphQLObjectType, type GraphQLResolveInfo, getNamedType } from 'graphql';
import type PrismaTypes from '../database/generated/pothos.ts';
import { countRows, readRows } from '../database/read-rows.ts';
import type { Context } from './context.ts';
import type { WorkedOut } from './costs.ts';
import { type Column, type Order, type PageArgs, selectionOf } from './keyset.ts';
import { beforeQuery, isAnyBefore, type Page, pageOf, pageOfAll, pageQuery, readSlice, sliceOf } from './page.ts';

/** The paths of the items in a connection. */
const ITEMS = [['nodes'], ['edges', 'node']];

/** The tables with paged rows. */
type Table = 'Subject' | 'Source' | 'Figure' | 'Milestone' | 'Target' | 'Contradiction';
type RowOf<T extends Table> = PrismaTypes[T]['Shape'];

/** The order of a list, and its rows: all rows of the table if there is no `where`. */
interface List<Args, T extends Table> {
  readonly order: Order | ((args: Args) => Order);
  readonly where?: (args: Args, context: Context) => PrismaTypes[T]['Where'] | Promise<PrismaTypes[T]['Where']>;
  /** The rows as the arguments want them shown, in the same order. They are shown as they are if it is not given. */
  readonly shown?: (rows: readonly RowOf<T>[], args: Args, context: Context) => Promise<readonly RowOf<T>[]>;
  /** How the list is worked out if it is asked for as known at an instant. Not given: `where` selects that as well. */
  readonly knownThen?: KnownThen<Args, T>;
}

interface KnownThen<Args, T extends Table> {
  /** All items, of the list of one object or of the list at the root. */
  readonly rows: (asOf: Date, args: Args, context: Context, parent: number | null) => Promise<readonly RowOf<T>[]>;
  /** What it costs, besides its items. Not given: what is worked out is shared by all lists of an operation. */
  readonly cost?: (args: Args) => number;
  readonly worksOut?: (args: { readonly asOf?: Date | null | undefined }) => WorkedOut | null;
}

/** The methods of a Prisma table that paging needs. */
interface Delegate {
  findUnique(query: object): Promise<Readonly<Record<string, readonly unknown[]>> | null>;
}

/** The options of a connection field at the root, for the rows of a table. The page takes one statement, or after a cursor at most one for each column of the order; the count takes another. */
export function listOf<T extends Table, Args extends object = object>(table: T, list: List<Args, T>) {
  return {
    extensions: orderedBy(list),
    resolve: async (
      _root: unknown,
      args: NoInfer<Args> & PageArgs,
      context: Context,
      info: GraphQLResolveInfo,
    ): Promise<Page<RowOf<T>>> => {
      const slice = sliceOf(orderOf(list, args), args);
      const then = thenOf(list, args, context, null);
      if (then !== null) return pageOfAll<RowOf<T>>(slice, then);
      const where = await whereOf(list, args, context);
      const { db } = context;
      return pageOf<RowOf<T>>(slice, {
        rows: async () => {
          const query = await queryOfItems(info, context, itemTypeOf(info), selectionOf(slice.columns));
          const rows = await readSlice<RowOf<T>>(slice, where, (part) => readRows(db, table, { ...query, ...part }));
          return list.shown === undefined ? rows : list.shown(rows, args, context);
        },
        isAnyBefore: () => isAnyBefore(slice, where, (part) => readRows(db, table, part)),
        totalCount: () => countRows(db, table, where),
      });
    },
  };
}

/** The Prisma query for what an operation asks of the items of a connection, which are of a type, and for these columns. */
export function queryOfItems(
  info: GraphQLResolveInfo,
  context: Context,
  typeName: string,
  select: Record<string, true>,
): object | Promise<object> {
  return queryFromInfo({ context, info, typeName, select, paths: ITEMS, awaitSelections: true });
}

type RelationsOf<T extends Table> = PrismaTypes[T]['ListRelations'] & keyof PrismaTypes[T]['Relations'];
type Related<T extends Table, Name> = Name extends keyof PrismaTypes[T]['Relations']
  ? PrismaTypes[T]['Relations'][Name] extends { Name: infer R extends Table }
    ? R
    : never
  : never;

/** The options of a connection field of an object, for the rows related to it. They are read with the object, for all objects at once. */
export function listBelow<T extends Table, Name extends RelationsOf<T>, Args extends object = object>(
  table: T,
  relation: Name,
  list: List<Args, Related<T, Name>>,
) {
  type Row = RowOf<Related<T, Name>>;
  type Parent = { readonly id: number; readonly _count?: Readonly<Record<string, number>> };
  const name = relation as string;

  /** The columns and relations that the field needs of the parent's row. The Prisma plugin calls it when it plans the parent's query. */
  const select = async (
    args: Args & PageArgs,
    context: Context,
    nested: NestedSelection,
    selected: () => ReadonlySet<string>,
    field: FieldPlace,
  ): Promise<{ select: object }> => {
    if (thenOf(list, args, context, null) !== null) return { select: {} };
    const where = await whereOf(list, args, context);
    const wanted = [...selected()].filter((part) => part !== '__typename');
    const counted = list.where === undefined ? true : { where };
    const count = wanted.includes('totalCount') ? { _count: { select: { [name]: counted } } } : {};
    if (wanted.every((part) => part === 'totalCount')) return { select: count };
    const slice = sliceOf(orderOf(list, args), args);
    const paths = ITEMS.map((path) => path.map((step) => ({ name: step })));
    const query = await nested(pageQuery(slice, where), { getType: () => itemTypeOf(field.field), paths });
    return { select: { ...count, [name]: withColumns(query, slice.columns) } };
  };

  return {
    extensions: { ...orderedBy(list), pothosPrismaSelect: select },
    resolve: (row: object, args: NoInfer<Args> & PageArgs, context: Context): Page<Row> => {
      const parent = row as Parent & Readonly<Record<string, readonly Row[]>>;
      const slice = sliceOf(orderOf(list, args), args);
      const then = thenOf(list, args, context, parent.id);
      if (then !== null) return pageOfAll<Row>(slice, then);
      return pageOf<Row>(slice, {
        rows: () => {
          const rows = parent[name] ?? [];
          return list.shown === undefined ? rows : list.shown(rows, args, context);
        },
        // Prisma joins the look-ups of all parents into one statement.
        isAnyBefore: async () => {
          const query = beforeQuery(slice, await whereOf(list, args, context));
          const found = await delegateOf(context, table).findUnique({
            where: { id: parent.id },
            select: { [name]: query },
          });
          return (found?.[name] ?? []).length > 0;
        },
        totalCount: parent._count?.[name],
      });
    },
  };
}

/** The function that the Prisma plugin passes to a field with its own selection. */
type NestedSelection = (query: object, items: object) => Promise<Selection>;

/** The part of a Prisma query that says what is read of the rows. */
interface Selection {
  readonly select?: Fields;
  readonly include?: Fields;
}
type Fields = Readonly<Record<string, unknown>>;
interface FieldPlace {
  readonly field: Pick<GraphQLField<unknown, unknown>, 'type'>;
}

function orderOf<Args, T extends Table>({ order }: List<Args, T>, args: Args): Order {
  return typeof order === 'function' ? order(args) : order;
}

async function whereOf<Args, T extends Table>({ where }: List<Args, T>, args: Args, context: Context): Promise<object> {
  return (await where?.(args, context)) ?? {};
}

/** How to work out a list that is asked for as known at an instant. Null: it is read from its table. */
function thenOf<Args, T extends Table>(list: List<Args, T>, args: Args, context: Context, parent: number | null) {
  const { asOf } = args as { readonly asOf?: Date | null };
  const { knownThen } = list;
  return knownThen === undefined || asOf == null ? null : () => knownThen.rows(asOf, args, context, parent);
}

/** Makes the order known to the check of cursors that runs before execution, and the cost of working the list out. */
function orderedBy<Args, T extends Table>(list: List<Args, T>) {
  return {
    pagedIn: (args: NoInfer<Args>) => orderOf(list, args),
    costThen: list.knownThen?.cost,
    worksOut: list.knownThen?.worksOut,
  };
}

function delegateOf({ db }: Context, table: Table): Delegate {
  const name = table.toLowerCase() as Lowercase<Table>;
  return db[name] as unknown as Delegate;
}

/** The query with the columns of the order. A query without `select` has all columns of the rows themselves. */
function withColumns(query: Selection, columns: readonly Column[]): Selection {
  return query.select === undefined ? query : { ...query, select: { ...query.select, ...selectionOf(columns) } };
}

/** The type of the items in the connection that a field returns. */
function itemTypeOf(field: Pick<GraphQLField<unknown, unknown>, 'type'> | GraphQLResolveInfo): string {
  const connection = getNamedType('type' in field ? field.type : field.returnType) as GraphQLObjectType;
  return getNamedType(connection.getFields().nodes?.type)?.name ?? '';
}
