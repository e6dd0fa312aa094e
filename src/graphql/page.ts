import {
  after,
  compareIn,
  formatCursor,
  from,
  type Order,
  orderBy,
  type PageArgs,
  type Place,
  parseCursor,
  rangesAfter,
  reverse,
  type Where,
} from './keyset.ts';
import { checkPlace, PAGE } from './page-limits.ts';

/** The part of a list that is asked for. It is read from a position on, or from one end of the list. */
export interface Slice {
  readonly order: Order;
  readonly backwards: boolean;
  /** The columns in the direction in which the rows are read. */
  readonly columns: Order['columns'];
  readonly place: Place | null;
  /** The largest number of items. */
  readonly size: number;
}

/** The parts of a page. Each is read when it is asked for. */
interface Parts<Row> {
  /** The rows of the slice and one more, in the direction of reading. */
  readonly rows: () => readonly Row[] | Promise<readonly Row[]>;
  /** Whether there are rows at the position or before it, in the direction of reading. */
  readonly isAnyBefore: () => Promise<boolean>;
  readonly totalCount: number | undefined | (() => Promise<number>);
}

/** A page, in the shape of the connection types. */
export interface Page<Row> {
  readonly edges: { readonly cursor: string; node: Row }[];
  readonly pageInfo: {
    readonly startCursor: string | null;
    readonly endCursor: string | null;
    hasNextPage: boolean;
    hasPreviousPage: boolean;
  };
  readonly totalCount: Parts<Row>['totalCount'];
}

/** The part of a list that the arguments ask for. BadInput (path after, before or last) for a cursor of another order, and for both directions at once. */
export function sliceOf(order: Order, args: PageArgs): Slice {
  checkPlace(order, args);
  const backwards = args.last != null || args.before != null;
  const cursor = args.after ?? args.before;
  return {
    order,
    backwards,
    columns: backwards ? reverse(order.columns) : order.columns,
    place: cursor == null ? null : parseCursor(order, cursor),
    // A size out of bounds is refused when its field is resolved. The rows of a nested page are read earlier, with the parent's row.
    size: Math.min(Math.max(args.first ?? args.last ?? PAGE.default, 1), PAGE.max),
  };
}

/** The Prisma query for the rows of a nested slice that `where` selects. It reads one row more than the page shows, to know whether there are more. */
export function pageQuery({ columns, place, size }: Slice, where: object): object {
  return {
    where: place === null ? where : both(where, after(columns, place)),
    orderBy: orderBy(columns),
    take: size + 1,
  };
}

/** The Prisma query for a row at the slice's position or before it, in the direction of reading. */
export function beforeQuery({ columns, place }: Slice, where: object): object {
  const back = reverse(columns);
  return { where: both(where, from(back, place ?? [])), orderBy: orderBy(back), take: 1, select: { id: true } };
}

/** Reads the rows of a slice and one more, range by range of an index, by the function for Prisma queries. */
export async function readSlice<Row>(
  slice: Slice,
  where: object,
  read: (query: object) => Promise<readonly Row[]>,
): Promise<readonly Row[]> {
  const { order, columns, place, size } = slice;
  if (order.moves === true) return read(pageQuery(slice, where));
  const rows: Row[] = [];
  for (const range of place === null ? [{}] : rangesAfter(columns, place)) {
    rows.push(...(await read({ where: both(where, range), orderBy: orderBy(columns), take: size + 1 - rows.length })));
    if (rows.length > size) break;
  }
  return rows;
}

/** Whether there is a row at the slice's position or before it, in the direction of reading. */
export async function isAnyBefore(
  { columns, place }: Slice,
  where: object,
  read: (query: object) => Promise<readonly object[]>,
): Promise<boolean> {
  const back = reverse(columns);
  for (const range of rangesAfter(back, place ?? [], 'e')) {
    const found = await read({ where: both(where, range), orderBy: orderBy(back), take: 1, select: { id: true } });
    if (found.length > 0) return true;
  }
  return false;
}

/** Makes a page of its parts. The rows are read once, and only if edges, nodes or pageInfo are asked for. */
export function pageOf<Row extends object>(slice: Slice, parts: Parts<Row>): Page<Row> {
  let reading: ReturnType<typeof readPage<Row>> | undefined;
  const read = async <Name extends 'edges' | 'pageInfo'>(name: Name) => {
    reading ??= readPage(slice, parts);
    return (await reading)[name];
  };
  // GraphQL calls a getter only if its field is asked for, and waits for a promise where a value is expected.
  return {
    get edges() {
      return read('edges') as unknown as Page<Row>['edges'];
    },
    get pageInfo() {
      return read('pageInfo') as unknown as Page<Row>['pageInfo'];
    },
    get totalCount() {
      const { totalCount } = parts;
      return typeof totalCount === 'function' ? () => countOf(slice, totalCount, () => reading) : totalCount;
    },
  };
}

/** The number of items in a list. A first page that is not full has all of them, so they are not counted once more. */
async function countOf<Row>(
  { place, size }: Slice,
  count: () => Promise<number>,
  reading: () => Promise<Pick<Page<Row>, 'edges'>> | undefined,
): Promise<number> {
  if (place !== null) return count();
  // The fields of the page are asked for one after the other, in one turn of the event loop.
  await null;
  const page = await reading()?.catch(() => null);
  return page == null || page.edges.length === size ? count() : page.edges.length;
}

/** Makes a page of a list that is worked out as a whole, once, and only if a part of the page is asked for. */
export function pageOfAll<Row extends object>(slice: Slice, workOut: () => Promise<readonly Row[]>): Page<Row> {
  const { columns, place, size } = slice;
  let working: Promise<readonly Row[]> | undefined;
  const all = () => {
    working ??= workOut().then((rows) => [...rows].sort((a, b) => compareIn(columns, asColumns(a), asColumns(b))));
    return working;
  };
  const beyond = async () =>
    (await all()).filter((row) => place === null || compareIn(columns, asColumns(row), place) > 0);
  return pageOf<Row>(slice, {
    rows: async () => (await beyond()).slice(0, size + 1),
    isAnyBefore: async () => (await beyond()).length < (await all()).length,
    totalCount: async () => (await all()).length,
  });
}

/** An item of a page. Its cursor is made when it is asked for, because most operations ask for the items alone. */
class Edge<Row extends object> {
  readonly #order: Order;
  readonly node: Row;

  constructor(order: Order, node: Row) {
    this.#order = order;
    this.node = node;
  }

  get cursor(): string {
    return formatCursor(this.#order, asColumns(this.node));
  }
}

function asColumns(row: object): Readonly<Record<string, unknown>> {
  return row as Readonly<Record<string, unknown>>;
}

async function readPage<Row extends object>(
  { order, backwards, place, size }: Slice,
  { rows, isAnyBefore }: Parts<Row>,
): Promise<Pick<Page<Row>, 'edges' | 'pageInfo'>> {
  const walked = await rows();
  const shown = walked.slice(0, size);
  const edges = (backwards ? shown.reverse() : shown).map((node) => new Edge(order, node));
  const ahead = walked.length > size;
  const before = () => (place === null ? false : isAnyBefore()) as boolean;
  const pageInfo = {
    get startCursor() {
      return edges[0]?.cursor ?? null;
    },
    get endCursor() {
      return edges.at(-1)?.cursor ?? null;
    },
    get hasNextPage() {
      return backwards ? before() : ahead;
    },
    get hasPreviousPage() {
      return backwards ? ahead : before();
    },
  };
  return { edges, pageInfo };
}

function both(where: object, place: Where): object {
  return { AND: [where, place] };
}
