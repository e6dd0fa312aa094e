/** Our longest cursor has about 200 characters. A longer text than this is not decoded. */
const MAX_CURSOR = 512;
/** The number of characters of a cursor that an error shows. */
const SHOWN = 60;
/** The start of a cursor of earlier versions, which held only the number of a row. */
const OLD_CURSOR = /^GPC:/;
/** Postgres cannot store NUL in a text, and UTF-8 cannot encode half of a surrogate pair. */
const NOT_KEPT = /\0|\p{Surrogate}/u;
/** In place of a value that the column cannot have. */
const INVALID = Symbol('invalid');
const INT4 = { least: -2_147_483_648, most: 2_147_483_647 } as const;

/** A column by which a list is sorted. */
export interface Column {
  readonly name: string;
  readonly is: keyof typeof KINDS;
  readonly direction: 'asc' | 'desc';
  /** What the column has in rows that have no value; cursors say null for it. Not given: every row has a value. */
  readonly none?: Value;
}

/** The sort order of a list. Its last column is unique and never null, so that no two rows are equal. Its name is in every cursor. */
export interface Order {
  readonly name: string;
  readonly columns: readonly [Column, ...Column[]];
  /** Whether a row's place can change. Its pages are read in one statement then, so that no row is on a page twice. */
  readonly moves?: boolean;
}

type Value = number | string | Date;

/** A position in an order, given by the values of a row. The row itself may no longer be there. */
export type Place = readonly Value[];

/** The arguments of a page, as Relay defines them. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** A part of a Prisma query's `where`. */
export type Where = Readonly<Record<string, unknown>>;

type Row = Readonly<Record<string, unknown>>;

/** How the values of each kind of column are written to a cursor and read from it. Null for something that is not such a value. */
const KINDS = {
  integer: {
    write: (value: unknown) => value,
    read: (sent: unknown): Value | null =>
      typeof sent === 'number' && Number.isInteger(sent) && sent >= INT4.least && sent <= INT4.most ? sent : null,
  },
  day: {
    write: (value: unknown) => (value as Date).toISOString().slice(0, 10),
    read: (sent: unknown): Value | null => {
      // Postgres has no year 0.
      if (typeof sent !== 'string' || !/^(?!0000)\d{4}-\d\d-\d\d$/.test(sent)) return null;
      const day = new Date(sent);
      return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(sent) ? day : null;
    },
  },
  instant: {
    write: (value: unknown) => (value as Date).toISOString(),
    read: (sent: unknown): Value | null => {
      if (typeof sent !== 'string' || !/^(?!0000)\d{4}-\d\d-\d\dT[\d:.]{12}Z$/.test(sent)) return null;
      const instant = new Date(sent);
      return !Number.isNaN(instant.getTime()) && instant.toISOString() === sent ? instant : null;
    },
  },
  number: {
    write: (value: unknown) => value,
    read: (sent: unknown): Value | null => (typeof sent === 'number' && Number.isFinite(sent) ? sent : null),
  },
  text: {
    write: (value: unknown) => value,
    read: (sent: unknown): Value | null =>
      typeof sent === 'string' && sent !== '' && !NOT_KEPT.test(sent) ? sent : null,
  },
} as const;

/** The cursor of a row: the name of the order, and the row's values of the order's columns. */
export function formatCursor({ name, columns }: Order, row: Row): string {
  const values = columns.map((column) => {
    const written = KINDS[column.is].write(row[column.name]);
    return written === noneIn(column) ? null : written;
  });
  return encode([name, ...values]);
}

/** The position of a cursor of this order. Null for any other text. */
export function parseCursor({ name, columns }: Order, cursor: string): Place | null {
  const [named, ...sent] = decode(cursor) ?? [];
  if (named !== name || sent.length !== columns.length) return null;
  const place = columns.map((column, index) => {
    const value = sent[index];
    if (value === null) return column.none ?? INVALID;
    return value === noneIn(column) ? INVALID : (KINDS[column.is].read(value) ?? INVALID);
  });
  return place.every((value) => value !== INVALID) ? place : null;
}

/** The error message for a text that is not a cursor of this order. */
export function explainCursor({ name }: Order, cursor: string): string {
  const shown = `"${cursor.length > SHOWN ? `${cursor.slice(0, SHOWN)}…` : cursor}"`;
  const [named] = decode(cursor) ?? [];
  if (typeof named === 'string' && named !== name) return `${shown} is a cursor of another list or another order.`;
  return OLD_CURSOR.test(Buffer.from(cursor.slice(0, MAX_CURSOR), 'base64').toString('utf8'))
    ? `${shown} is a cursor of an older version. Begin again at the first page.`
    : `${shown} is not a cursor of this list.`;
}

/** The rows after a position, in the order of the columns. */
export function after(columns: Order['columns'], place: Place): Where {
  return beyond(columns, place, '');
}

/** The rows at a position and after it, in the order of the columns. */
export function from(columns: Order['columns'], place: Place): Where {
  return beyond(columns, place, 'e');
}

/**
 * The same rows as `after`, or with `orAt` as `from`, as several conditions, in the order in which their rows follow each other. Each is one
 * range of an index on the columns: with all in one condition Postgres also reads every row before the position that has its first value.
 */
export function rangesAfter(columns: Order['columns'], place: Place, orAt: '' | 'e' = ''): Where[] {
  const ranges = columns.map((column, index) => ({
    ...Object.fromEntries(columns.slice(0, index).map(({ name }, at) => [name, place[at]])),
    ...than(column, place[index], index === columns.length - 1 ? orAt : ''),
  }));
  return ranges.reverse();
}

/** Compares rows, or a row and a position, in the order of the columns. */
export function compareIn(columns: Order['columns'], a: Row | Place, b: Row | Place): number {
  for (const [index, column] of columns.entries()) {
    const [x, y] = [a, b].map((one) => (Array.isArray(one) ? one[index] : (one as Row)[column.name]) as Value);
    const sign = column.direction === 'asc' ? 1 : -1;
    if ((x as Value) < (y as Value)) return -sign;
    if ((x as Value) > (y as Value)) return sign;
  }
  return 0;
}

/** The same columns in the opposite direction. */
export function reverse(columns: Order['columns']): Order['columns'] {
  const [first, ...rest] = columns;
  return [turn(first), ...rest.map(turn)];
}

/** The columns as Prisma takes them in `orderBy`. */
export function orderBy(columns: Order['columns']): Where[] {
  return columns.map(({ name, direction }) => ({ [name]: direction }));
}

/** The columns as Prisma takes them in `select`. */
export function selectionOf(columns: readonly Column[]): Record<string, true> {
  return Object.fromEntries(columns.map(({ name }) => [name, true]));
}

/** The condition `a >= x and (a > x or …)`. In this form Postgres starts to read an index on the columns at the position. */
function beyond([column, ...rest]: Order['columns'], [value, ...others]: Place, atLast: '' | 'e'): Where {
  const [next, ...later] = rest;
  if (next === undefined) return than(column, value, atLast);
  return {
    AND: [than(column, value, 'e'), { OR: [than(column, value, ''), beyond([next, ...later], others, atLast)] }],
  };
}

/** The condition that a column comes after a value, or has it too if `orAt` is `e`. */
function than({ name, direction }: Column, value: Value | undefined, orAt: '' | 'e'): Where {
  return { [name]: { [`${direction === 'asc' ? 'gt' : 'lt'}${orAt}`]: value } };
}

/** How a cursor would write what a column has in rows without a value. Undefined: every row has one. */
function noneIn({ is, none }: Column): unknown {
  return none === undefined ? undefined : KINDS[is].write(none);
}

function turn(column: Column): Column {
  return { ...column, direction: column.direction === 'asc' ? 'desc' : 'asc' };
}

function encode(content: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
}

/** The content of a cursor. Null for a text that is not exactly as `encode` writes it. */
function decode(cursor: string): readonly unknown[] | null {
  if (cursor.length > MAX_CURSOR) return null;
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(content) && encode(content) === cursor ? content : null;
  } catch {
    // A text that is not JSON is not a cursor.
    return null;
  }
}
