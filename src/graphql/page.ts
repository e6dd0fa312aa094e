import {
  after,
  formatCursor,
  from,
  type Order,
  orderBy,
  type PageArgs,
  type Place,
  parseCursor,
  reverse,
  type Where,
} from './keyset.ts';
import { checkPlace, PAGE } from './page-limits.ts';

/** The part of a list that is asked for, walked from a place on, or from one of the list's ends. */
export interface Slice {
  readonly order: Order;
  readonly backwards: boolean;
  /** The order in which it is walked. */
  readonly columns: Order['columns'];
  readonly place: Place | null;
  /** How many items at most. */
  readonly size: number;
}

/** What a page is made of; each part is read when it is asked for. */
interface Parts<Row> {
  /** The rows of the slice and one more, as they are walked. */
  readonly rows: () => readonly Row[] | Promise<readonly Row[]>;
  /** Whether there are rows at the place or before it, as they are walked. */
  readonly isAnyBehind: () => Promise<boolean>;
  readonly totalCount: number | undefined | (() => Promise<number>);
}

/** A page as the connection types take it. */
export interface Page<Row> {
  readonly edges: { cursor: string; node: Row }[];
  readonly pageInfo: {
    startCursor: string | null;
    endCursor: string | null;
    hasNextPage: boolean;
    hasPreviousPage: boolean;
  };
  readonly totalCount: Parts<Row>['totalCount'];
}

/** The part of a list that the arguments ask for; BadInput (path after, before or last) for a cursor that is none of the order's, and for both directions at once. */
export function sliceOf(order: Order, args: PageArgs): Slice {
  checkPlace(order, args);
  const backwards = args.last != null || args.before != null;
  const cursor = args.after ?? args.before;
  return {
    order,
    backwards,
    columns: backwards ? reverse(order.columns) : order.columns,
    place: cursor == null ? null : parseCursor(order, cursor),
    // A size out of bounds is refused where its field is resolved, which is after the rows of a nested one were read along with the parent's.
    size: Math.min(Math.max(args.first ?? args.last ?? PAGE.default, 1), PAGE.max),
  };
}

/** How Prisma reads the rows of a slice that `where` lets through. One more than are shown: so the page knows whether there are more. */
export function pageQuery({ columns, place, size }: Slice, where: object): object {
  return {
    where: place === null ? where : both(where, after(columns, place)),
    orderBy: orderBy(columns),
    take: size + 1,
  };
}

/** How Prisma looks for a row on the other side of a slice's place, which is where its own row was. */
export function behindQuery({ columns, place }: Slice, where: object): object {
  const back = reverse(columns);
  return { where: both(where, from(back, place ?? [])), orderBy: orderBy(back), take: 1, select: { id: true } };
}

/** Makes a page of its parts. Rows are read once, and only if edges, nodes or pageInfo are asked for. */
export function pageOf<Row extends object>(slice: Slice, parts: Parts<Row>): Page<Row> {
  let reading: ReturnType<typeof readPage<Row>> | undefined;
  const read = async <Name extends 'edges' | 'pageInfo'>(name: Name) => {
    reading ??= readPage(slice, parts);
    return (await reading)[name];
  };
  // Where GraphQL wants a value it waits for a promise of one; a getter is called only if its field is asked for.
  return {
    get edges() {
      return read('edges') as unknown as Page<Row>['edges'];
    },
    get pageInfo() {
      return read('pageInfo') as unknown as Page<Row>['pageInfo'];
    },
    totalCount: parts.totalCount,
  };
}

async function readPage<Row extends object>(
  { order, backwards, place, size }: Slice,
  { rows, isAnyBehind }: Parts<Row>,
): Promise<Pick<Page<Row>, 'edges' | 'pageInfo'>> {
  const walked = await rows();
  const shown = walked.slice(0, size);
  const edges = (backwards ? shown.reverse() : shown).map((node) => ({
    cursor: formatCursor(order, node as Readonly<Record<string, unknown>>),
    node,
  }));
  const ahead = walked.length > size;
  const behind = () => (place === null ? false : isAnyBehind()) as boolean;
  const pageInfo = {
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
    get hasNextPage() {
      return backwards ? behind() : ahead;
    },
    get hasPreviousPage() {
      return backwards ? ahead : behind();
    },
  };
  return { edges, pageInfo };
}

function both(where: object, place: Where): object {
  return { AND: [where, place] };
}
