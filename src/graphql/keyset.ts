/** Our longest cursor has some 200 characters; more are not even decoded. */
const MAX_CURSOR = 512;
/** How much of a cursor an error shows. */
const SHOWN = 60;
/** What was inside a cursor when it was no more than a row. */
const OLD_CURSOR = /^GPC:/;
const INT4 = { least: -2_147_483_648, most: 2_147_483_647 } as const;
/** Postgres keeps no NUL in a text, and UTF-8 no half of a pair. */
const NOT_KEPT = /\0|\p{Surrogate}/u;

/** A column that a list is sorted by; never null. */
export interface Column {
  readonly name: string;
  readonly is: keyof typeof KINDS;
  readonly direction: 'asc' | 'desc';
}

/** What a list is sorted by. Its last column tells any two rows apart; its name is in every cursor. */
export interface Order {
  readonly name: string;
  readonly columns: readonly [Column, ...Column[]];
}

type Value = number | string | Date;

/** A place in an order: where the row with these values is, was or would be. */
export type Place = readonly Value[];

/** What of a list is wanted, as Relay has it. */
export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/** A part of a Prisma query's `where`. */
export type Where = Readonly<Record<string, unknown>>;

type Row = Readonly<Record<string, unknown>>;

/** How the values of a column stand in a cursor, and which of those that come back are none. */
const KINDS = {
  integer: {
    write: (value: unknown) => value,
    read: (sent: unknown): Value | null =>
      Number.isInteger(sent) && (sent as number) >= INT4.least && (sent as number) <= INT4.most
        ? (sent as number)
        : null,
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
  text: {
    write: (value: unknown) => value,
    read: (sent: unknown): Value | null =>
      typeof sent === 'string' && sent !== '' && !NOT_KEPT.test(sent) ? sent : null,
  },
} as const;

/** The cursor of a row: the name of the order and the row's values in it. */
export function formatCursor({ name, columns }: Order, row: Row): string {
  return encode([name, ...columns.map((column) => KINDS[column.is].write(row[column.name]))]);
}

/** The place that a cursor of this order names; null for any other text. */
export function parseCursor({ name, columns }: Order, cursor: string): Place | null {
  const [named, ...sent] = decode(cursor) ?? [];
  if (named !== name || sent.length !== columns.length) return null;
  const place = columns.map((column, index) => KINDS[column.is].read(sent[index]));
  return place.includes(null) ? null : (place as Place);
}

/** What to tell of a text that is no cursor of this order. */
export function explainCursor({ name }: Order, cursor: string): string {
  const shown = `"${cursor.length > SHOWN ? `${cursor.slice(0, SHOWN)}…` : cursor}"`;
  const [named] = decode(cursor) ?? [];
  if (typeof named === 'string' && named !== name) return `${shown} is a cursor of another list or another order.`;
  return OLD_CURSOR.test(Buffer.from(cursor.slice(0, MAX_CURSOR), 'base64').toString('utf8'))
    ? `${shown} is a cursor of an older version. Begin again at the first page.`
    : `${shown} is not a cursor of this list.`;
}

/** The rows after a place, in the order of the columns. */
export function after(columns: Order['columns'], place: Place): Where {
  return beyond(columns, place, '');
}

/** The rows at a place and after it, in the order of the columns. */
export function from(columns: Order['columns'], place: Place): Where {
  return beyond(columns, place, 'e');
}

/** The same columns the other way round. */
export function reverse(columns: Order['columns']): Order['columns'] {
  const [first, ...rest] = columns;
  return [turn(first), ...rest.map(turn)];
}

/** The columns as Prisma takes them for `orderBy`. */
export function orderBy(columns: Order['columns']): Record<string, 'asc' | 'desc'>[] {
  return columns.map(({ name, direction }) => ({ [name]: direction }));
}

/** `a >= x and (a > x or …)`: said this way, an index on the columns is entered at the place. */
function beyond([column, ...rest]: Order['columns'], [value, ...others]: Place, atLast: '' | 'e'): Where {
  const than = column.direction === 'asc' ? 'gt' : 'lt';
  const [next, ...later] = rest;
  if (next === undefined) return { [column.name]: { [`${than}${atLast}`]: value } };
  return {
    AND: [
      { [column.name]: { [`${than}e`]: value } },
      { OR: [{ [column.name]: { [than]: value } }, beyond([next, ...later], others, atLast)] },
    ],
  };
}

function turn(column: Column): Column {
  return { ...column, direction: column.direction === 'asc' ? 'desc' : 'asc' };
}

function encode(content: readonly unknown[]): string {
  return Buffer.from(JSON.stringify(content), 'utf8').toString('base64url');
}

/** What is in a cursor; null for a text that is not, to the letter, how a cursor is written. */
function decode(cursor: string): readonly unknown[] | null {
  if (cursor.length > MAX_CURSOR) return null;
  try {
    const content: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    return Array.isArray(content) && encode(content) === cursor ? content : null;
  } catch {
    // No JSON, so no cursor.
    return null;
  }
}
