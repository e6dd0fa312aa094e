import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { getDatamodel } from '../../src/database/generated/pothos.ts';
import {
  after,
  type Column,
  explainCursor,
  formatCursor,
  from,
  type Order,
  type Place,
  parseCursor,
  rangesAfter,
  reverse,
  type Where,
} from '../../src/graphql/keyset.ts';
import { FIGURE_ORDERS, MILESTONE_ORDERS, ORDERS } from '../../src/graphql/orders.ts';

/** The table that each order is of; null for one of objects that are worked out. */
const TABLES: Readonly<Record<string, string | null>> = {
  contradictionsThen: null,
  ...Object.fromEntries(
    ['brands', 'companies', 'alliances', 'models', 'plants', 'markets'].map((name) => [name, 'Subject']),
  ),
  ...{
    sources: 'Source',
    targets: 'Target',
    conflicts: 'Observation',
    contradictions: 'Contradiction',
  },
  ...Object.fromEntries(Object.keys(FIGURE_ORDERS).map((name) => [name, 'Figure'])),
  ...Object.fromEntries(Object.keys(MILESTONE_ORDERS).map((name) => [name, 'Milestone'])),
};
const EVERY_ORDER: [string, Order][] = Object.entries({ ...ORDERS, ...FIGURE_ORDERS, ...MILESTONE_ORDERS });

describe.each(EVERY_ORDER)('the order %s', (key, { name, columns }) => {
  test('sorts by columns that every row has, the last of them unique', () => {
    const named = TABLES[key];
    if (named === null) return;
    const { models } = getDatamodel().datamodel;
    const fields = columns.map((column) => models[named as string]?.fields.find(({ name }) => name === column.name));
    expect(fields.map((field) => field?.isRequired)).toEqual(columns.map(() => true));
    const types = { integer: 'Int', day: 'DateTime', text: 'String', instant: 'DateTime', number: 'Float' };
    expect(fields.map((field) => field?.type)).toEqual(columns.map((column) => types[column.is]));
    expect(fields.at(-1)?.isId || fields.at(-1)?.isUnique).toBe(true);
  });

  test('has a unique name, so that other orders refuse its cursors', () => {
    expect(EVERY_ORDER.filter(([, other]) => other.name === name)).toHaveLength(1);
  });
});

interface Row {
  readonly day: Date;
  readonly text: string;
  readonly number: number;
  /** Without a day, or without a value, it has the one that stands for none. */
  readonly published: Date;
  readonly value: number;
  readonly id: number;
}

const anyDay = fc.integer({ min: 0, max: 4 }).map((days) => new Date(Date.UTC(2025, 0, 1 + days)));
const UNPUBLISHED = new Date('0001-01-01');
const WITHOUT_VALUE = -1;
const anyText = fc.constantFrom('a', 'b', 'é', 'Z', '"', '中');
/** Few values, so that many are equal. */
const anyValues = fc.record({
  day: anyDay,
  text: anyText,
  number: fc.integer({ min: -2, max: 2 }),
  published: fc.option(anyDay, { nil: UNPUBLISHED }),
  value: fc.constantFrom(WITHOUT_VALUE, -0.5, 0, 1e15, 1.1),
});
const anyRows = fc
  .array(anyValues, { maxLength: 25 })
  .map((all): Row[] => all.map((values, index) => ({ ...values, id: index + 1 })));
const anyDirection = fc.constantFrom('asc' as const, 'desc' as const);
const anyOrder: fc.Arbitrary<Order> = fc
  .record({
    before: fc
      .subarray(['day', 'text', 'number', 'published', 'value'] as const)
      .chain((names) => fc.shuffledSubarray(names, { minLength: names.length })),
    directions: fc.array(anyDirection, { minLength: 6, maxLength: 6 }),
  })
  .map(({ before, directions }) => {
    const kinds = {
      day: { is: 'day' },
      text: { is: 'text' },
      number: { is: 'integer' },
      id: { is: 'integer' },
      published: { is: 'day', none: UNPUBLISHED },
      value: { is: 'number', none: WITHOUT_VALUE },
    } as const;
    const columns = [...before, 'id' as const].map(
      (name, index): Column => ({ name, ...kinds[name], direction: directions[index] ?? 'asc' }),
    );
    return { name: 'rows', columns: columns as [Column, ...Column[]] };
  });

function compare(columns: Order['columns']): (a: Row, b: Row) => number {
  return (a, b) => {
    for (const column of columns) {
      const [x, y] = [valueAt(a, column), valueAt(b, column)];
      if (x < y) return column.direction === 'asc' ? -1 : 1;
      if (x > y) return column.direction === 'asc' ? 1 : -1;
    }
    return 0;
  };
}

function valueAt(row: Row, { name }: Pick<Column, 'name'>): Date | number | string {
  return row[name as keyof Row];
}

/** Whether a row meets the condition, as a database decides it. */
function lets(where: Where, row: Row): boolean {
  return Object.entries(where).every(([key, value]) => {
    if (key === 'AND') return (value as Where[]).every((part) => lets(part, row));
    if (key === 'OR') return (value as Where[]).some((part) => lets(part, row));
    const is = row[key as keyof Row];
    if (typeof value !== 'object' || value instanceof Date) return is.valueOf() === (value as Date).valueOf();
    const [[than, bound]] = Object.entries(value as object) as [[string, Date]];
    return { gt: is > bound, gte: is >= bound, lt: is < bound, lte: is <= bound }[than];
  });
}

function readPage(rows: readonly Row[], order: Order, cursor: string | null, size: number): Row[] {
  const place = cursor === null ? null : (parseCursor(order, cursor) as Place);
  const rest = place === null ? [...rows] : rows.filter((row) => lets(after(order.columns, place), row));
  return rest.sort(compare(order.columns)).slice(0, size);
}

const cursorOf = (order: Order, row: Row): string => formatCursor(order, { ...row });
const anySize = fc.integer({ min: 1, max: 6 });

test('the pages together are the list, for any rows, order and size', () => {
  fc.assert(
    fc.property(anyRows, anyOrder, anySize, (rows, order, size) => {
      const seen: Row[] = [];
      for (let cursor: string | null = null; ; ) {
        const page = readPage(rows, order, cursor, size);
        seen.push(...page);
        const last = page.at(-1);
        if (last === undefined) break;
        cursor = cursorOf(order, last);
      }
      expect(seen).toEqual([...rows].sort(compare(order.columns)));
    }),
  );
});

test('paging backwards gives the same list in reverse', () => {
  fc.assert(
    fc.property(anyRows, anyOrder, (rows, order) => {
      const backwards = { ...order, columns: reverse(order.columns) };
      expect([...rows].sort(compare(backwards.columns))).toEqual([...rows].sort(compare(order.columns)).reverse());
      expect(reverse(backwards.columns)).toEqual(order.columns);
    }),
  );
});

test('a page neither loses nor repeats a row when the row of its cursor is deleted or moved', () => {
  fc.assert(
    fc.property(anyRows, anyOrder, anySize, fc.option(anyValues), (rows, order, size, moved) => {
      const first = readPage(rows, order, null, size);
      const last = first.at(-1);
      if (last === undefined) return;
      const others = rows.filter((row) => row !== last);
      const now = moved === null ? others : [...others, { ...moved, id: last.id }];
      const rest = readPage(now, order, cursorOf(order, last), rows.length);
      expect([...first, ...rest].filter((row) => row.id !== last.id)).toEqual([...others].sort(compare(order.columns)));
    }),
  );
});

test('every row is either after a place or, in the reversed order, at the place or after it', () => {
  fc.assert(
    fc.property(anyRows, anyOrder, anyValues, fc.nat(30), (rows, order, values, id) => {
      const place = parseCursor(order, cursorOf(order, { ...values, id })) as Place;
      const isAfter = rows.map((row) => lets(after(order.columns, place), row));
      expect(rows.map((row) => lets(from(reverse(order.columns), place), row))).toEqual(isAfter.map((is) => !is));
    }),
  );
});

test('the ranges after a place are the rows after it, each row in one of them, and follow each other', () => {
  fc.assert(
    fc.property(
      anyRows,
      anyOrder,
      anyValues,
      fc.nat(30),
      fc.constantFrom('' as const, 'e' as const),
      (rows, order, values, id, orAt) => {
        const { columns } = order;
        const place = parseCursor(order, cursorOf(order, { ...values, id })) as Place;
        const inRanges = rangesAfter(columns, place, orAt).map((range) =>
          rows.filter((row) => lets(range, row)).sort(compare(columns)),
        );
        const whole = rows.filter((row) => lets(orAt === '' ? after(columns, place) : from(columns, place), row));
        expect(inRanges.flat()).toEqual(whole.sort(compare(columns)));
      },
    ),
  );
});

describe('a cursor', () => {
  const ORDER: Order = FIGURE_ORDERS.PERIOD_DESC;

  test('names the place of its row', () => {
    fc.assert(
      fc.property(anyRows, anyOrder, (rows, order) => {
        for (const row of rows) {
          const cursor = cursorOf(order, row);
          expect(parseCursor(order, cursor)).toEqual(order.columns.map((column) => valueAt(row, column)));
          expect(cursor).toMatch(/^[\w-]{10,200}$/);
          expect(parseCursor({ ...order, name: 'others' }, cursor)).toBeNull();
        }
      }),
    );
  });

  test('is valid only as given by a row of the list', () => {
    const content = fc.oneof(
      fc.anything(),
      fc.tuple(fc.constantFrom('figures', 'brands'), fc.anything(), fc.anything()),
    );
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      content.map((value) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const place = parseCursor(ORDER, text);
        if (place === null) expect(explainCursor(ORDER, text).length).toBeLessThan(200);
        else expect(formatCursor(ORDER, { periodEnd: place[0], id: place[1] })).toBe(text);
      }),
    );
  });

  test.each([
    ['figures', '2025-02-30', 1],
    ['figures', '2025-13-01', 1],
    ['figures', '20250101', 1],
    ['figures', '+002025-01-01', 1],
    ['figures', 20250101, 1],
    ['figures', '2025-01-01', '1'],
    ['figures', '2025-01-01', 1.5],
    ['figures', '2025-01-01', 2 ** 31],
    ['figures', '2025-01-01', 1, 1],
    ['figures', '2025-01-01'],
    ['figures'],
    ['figures', null, 1],
    ['brands', '2025-01-01', 1],
  ])('is invalid with %s, %s, %s inside', (...content) => {
    expect(parseCursor(ORDER, Buffer.from(JSON.stringify(content)).toString('base64url'))).toBeNull();
  });

  test('says null for what stands for none', () => {
    const { VALUE_DESC, PUBLISHED_DESC } = FIGURE_ORDERS;
    const textOf = (...content: readonly unknown[]) => Buffer.from(JSON.stringify(content)).toString('base64url');
    expect(formatCursor(VALUE_DESC, { valueSort: -1, id: 7 })).toBe(textOf('figures/largest', null, 7));
    expect(parseCursor(VALUE_DESC, textOf('figures/largest', null, 7))).toEqual([-1, 7]);
    expect(parseCursor(VALUE_DESC, textOf('figures/largest', -1, 7))).toBeNull();
    const unpublished = new Date('0001-01-01');
    expect(formatCursor(PUBLISHED_DESC, { publishedSort: unpublished, id: 7 })).toBe(
      textOf('figures/published', null, 7),
    );
    expect(parseCursor(PUBLISHED_DESC, textOf('figures/published', null, 7))).toEqual([unpublished, 7]);
    expect(parseCursor(PUBLISHED_DESC, textOf('figures/published', '0001-01-01', 7))).toBeNull();
  });

  test.each([
    ['["figures", "2025-01-01", 1]'],
    ['["figures","2025-01-01",1.0]'],
    ['["figures","2025-01-01",1e0]'],
    ['["figures","2025-01-01",1] '],
    ['["figures","2025-01-01",-0]'],
    ['["\\u0066igures","2025-01-01",1]'],
  ])('has exactly one spelling: not %s', (text) => {
    expect(parseCursor(ORDER, Buffer.from(text).toString('base64url'))).toBeNull();
    expect(parseCursor(ORDER, Buffer.from('["figures","2025-01-01",1]').toString('base64url'))).not.toBeNull();
  });
});
