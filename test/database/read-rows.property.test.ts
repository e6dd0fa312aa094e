import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Prisma, type PrismaClient } from '../../src/database/generated/client.ts';
import { countRows, readRows } from '../../src/database/read-rows.ts';
import { statementOf } from '../../src/database/row-statement.ts';
import { type Column, type Relation, TABLES, type Table } from '../../src/database/row-tables.ts';
import { present } from '../../src/required.ts';
import { openSeededDatabase, type TestDatabase } from '../support/database.ts';
import { statementsOf } from '../support/statements.ts';

/** The tables whose rows lists and look-ups show. */
const SHOWN = ['Subject', 'Source', 'Figure', 'Milestone', 'Target', 'Contradiction', 'Membership', 'Change'] as const;
/** Types of which values are read, and not compared or sorted. */
const ONLY_READ: ReadonlySet<string> = new Set(['Bytes', 'Json']);
const QUERIES = 60;
const DEPTH = 3;

type Query = Readonly<Record<string, unknown>>;
type Name = (typeof SHOWN)[number];

let place: TestDatabase;
let client: PrismaClient;
/** Values that rows really have, by table and column, null among them. */
const values = new Map<string, readonly unknown[]>();

beforeAll(async () => {
  place = await openSeededDatabase();
  ({ client } = place.database);
  for (const [name, { columns }] of TABLES) {
    const rows = await delegateOf(name as Name).findMany({ take: 60 });
    for (const column of columns.keys()) values.set(`${name}.${column}`, [...new Set(rows.map((row) => row[column]))]);
  }
});
afterAll(() => place[Symbol.asyncDispose]());

interface Delegate {
  findMany(query: object): Promise<readonly Query[]>;
  count(query: object): Promise<number>;
}

function delegateOf(name: string): Delegate {
  const field = `${name[0]?.toLowerCase()}${name.slice(1)}`;
  return (client as unknown as Record<string, Delegate>)[field] as Delegate;
}

test('a query returns what Prisma returns for it', async () => {
  let translated = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...SHOWN).chain(queryOn), async ({ name, query }) => {
      if (statementOf(name, query) !== null) translated += 1;
      expect(await readRows(client, name, query)).toEqual(await delegateOf(name).findMany(query));
      const { where = {} } = query as { readonly where?: object };
      expect(await countRows(client, name, where)).toBe(await delegateOf(name).count({ where }));
    }),
    { numRuns: QUERIES },
  );
  expect(translated).toBeGreaterThan(QUERIES / 2);
}, 240_000);

test('the text of a statement follows from the shape of its query alone', () => {
  const textOf = (subjects: number[], take: number, value: number) =>
    statementOf('Figure', {
      where: { subjectId: { in: subjects }, value: { gte: value } },
      include: { source: true, ranks: { take, orderBy: { id: 'asc' } } },
      orderBy: { id: 'asc' },
      take,
    })?.text;
  expect(textOf([1], 1, 0.5)).toBe(textOf([2, 3, 4], 50, 7));
});

test.each<[what: string, table: Name, query: Query]>([
  ['an operator', 'Subject', { where: { slug: { startsWith: 'n' } } }],
  ['an alternative without conditions', 'Subject', { where: { OR: [{}, { slug: 'nio' }] } }],
  ['a relation to one row without conditions', 'Milestone', { where: { model: {} } }],
  ['NOT', 'Subject', { where: { NOT: { slug: 'nio' } } }],
  ['every row of a relation', 'Milestone', { where: { claims: { every: { expected: true } } } }],
  ['an order by a relation', 'Figure', { orderBy: { subject: { slug: 'asc' } }, take: 2 }],
  ['a cursor', 'Subject', { cursor: { id: 2 }, orderBy: { id: 'asc' }, take: 2 }],
  ['bytes that are compared', 'Change', { where: { digest: new Uint8Array(32) } }],
])('%s is left to Prisma', async (_what, table, query) => {
  expect(statementOf(table, query)).toBeNull();
  expect(await readRows(client, table, query)).toEqual(await delegateOf(table).findMany(query));
});

test('numbers beyond those of JSON, bytes and documents are read as Prisma reads them', async () => {
  const last = { orderBy: { position: 'desc' }, take: 3 } as const;
  const read = async (more: object) => readRows(client, 'Change', { ...more, ...last });
  const [newest] = await client.change.findMany({ where: { observation: { not: Prisma.AnyNull } }, ...last });
  const { position } = present(newest);
  const large = 2n ** 53n + 1n;
  await client.change.update({ where: { position }, data: { position: large } });
  const where = { position: { in: [large, 1n] } };
  const rows = await read({ where });
  expect(rows).toEqual(await client.change.findMany({ where, ...last }));
  expect(rows[0]).toMatchObject({ position: large, observation: present(newest).observation });
  expect(await read({ where: { position: { gte: large } }, select: { digest: true } })).toEqual([
    { digest: present(newest).digest },
  ]);
  expect(statementOf('Change', { where })).not.toBeNull();
  await client.change.update({ where: { position: large }, data: { position } });
});

test('everything is read by one statement', async () => {
  const query = { include: { subject: true, source: { include: { publisher: true } } }, take: 5 };
  expect(await statementsOf(() => readRows(client, 'Figure', query))).toHaveLength(1);
});

test('a transaction sees its own writes', async () => {
  const seen = await client.$transaction(async (tx) => {
    await tx.publisher.create({ data: { slug: 'own-write', name: 'Own write', tier: 4 } });
    return readRows(tx as PrismaClient, 'Publisher', { where: { slug: 'own-write' }, select: { name: true } });
  });
  expect(seen).toEqual([{ name: 'Own write' }]);
});

function queryOn(name: Name): fc.Arbitrary<{ name: Name; query: Query }> {
  const table = tableOf(name);
  return fc.record({ query: fieldsOf(table, DEPTH), where: whereOf(table, 2), ends: endsOf(table) }).map((parts) => ({
    name,
    query: { ...parts.query, where: parts.where, ...parts.ends },
  }));
}

function tableOf(name: string): Table {
  return TABLES.get(name) as Table;
}

/** Relations to tables that are read as JSON. */
function relationsOf({ relations }: Table): readonly Relation[] {
  return [...relations.values()].filter(({ table }) => TABLES.has(table));
}

/** What is asked of each row: some columns, or all of them, with some relations and counts. */
function fieldsOf(table: Table, depth: number): fc.Arbitrary<Query> {
  const relations = depth === 0 ? [] : relationsOf(table);
  const nested = fc
    .subarray([...relations], { maxLength: Math.min(depth, relations.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((relation) => [relation.name, relatedOf(relation, depth - 1)]))),
    );
  const lists = relations.filter(({ isList }) => isList).map(({ name }) => name);
  const counted = fc.subarray(lists, { maxLength: Math.min(2, lists.length) }).map(countsOf);
  const columns = fc.subarray([...table.columns.keys()], { minLength: 1 }).map(trueFor);
  return fc
    .record({ nested, counted, columns, narrow: fc.boolean() })
    .map((parts) =>
      parts.narrow
        ? { select: { ...parts.columns, ...parts.nested, ...parts.counted } }
        : { include: { ...parts.nested, ...parts.counted } },
    );
}

function countsOf(names: readonly string[]): Query {
  return names.length === 0 ? {} : { _count: { select: trueFor(names) } };
}

function trueFor(names: readonly string[]): Query {
  return Object.fromEntries(names.map((name) => [name, true]));
}

function relatedOf({ table: name, isList }: Relation, depth: number): fc.Arbitrary<Query> {
  const table = tableOf(name);
  if (!isList) return fieldsOf(table, depth);
  return fc
    .record({ fields: fieldsOf(table, depth), where: whereOf(table, 1), ends: endsOf(table) })
    .map(({ fields, where, ends }) => ({ ...fields, where, ...ends }));
}

/** An order in which no two rows are equal, and how many rows of it. */
function endsOf({ columns, key }: Table): fc.Arbitrary<Query> {
  // Texts are left out: the order of two that are equal to the collation is not that of the ids in either direction.
  const sorted = [...columns.values()]
    .filter(({ isList, type }) => !isList && type !== 'String' && !ONLY_READ.has(type))
    .map(({ name }) => name);
  const direction = fc.constantFrom('asc', 'desc');
  return fc
    .record({
      name: fc.constantFrom(...sorted),
      first: direction,
      second: direction,
      take: fc.option(fc.integer({ min: 1, max: 120 })),
    })
    .map(({ name, first, second, take }) => ({
      orderBy: name === key ? { [key]: first } : [{ [name]: first }, { [key]: second }],
      ...(take === null ? {} : { take }),
    }));
}

function whereOf(table: Table, depth: number): fc.Arbitrary<Query> {
  const conditions: fc.Arbitrary<Query>[] = [...table.columns.values()]
    .filter(({ type }) => !ONLY_READ.has(type))
    .map((column) => conditionOn(table, column));
  const deeper = depth === 0 ? [] : [fc.array(whereOf(table, depth - 1), { maxLength: 3 })];
  const related = depth === 0 ? [] : relationsOf(table).map((relation) => conditionOnRelation(relation, depth - 1));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    { weight: 4, arbitrary: fc.oneof(...conditions) },
    ...deeper.map((list) => ({
      weight: 2,
      arbitrary: fc.oneof(
        list.map((AND) => ({ AND })),
        list.map((some) => ({ OR: some.filter((one) => Object.keys(one).length > 0) })),
      ),
    })),
    ...(related.length === 0 ? [] : [{ weight: 2, arbitrary: fc.oneof(...related) }]),
  );
}

function conditionOnRelation({ name, table, isList }: Relation, depth: number): fc.Arbitrary<Query> {
  return whereOf(tableOf(table), depth).map((where) => ({ [name]: isList ? { some: where } : where }));
}

function conditionOn({ name: table }: Table, { name, type, isEnum, isList }: Column): fc.Arbitrary<Query> {
  const known = values.get(`${table}.${name}`) ?? [];
  const some = known.filter((value) => value !== null);
  if (isList) {
    const elements = some.flat();
    if (elements.length === 0) return fc.constant({});
    const one = fc.constantFrom(...elements);
    return fc.oneof(
      one.map((has) => ({ [name]: { has } })),
      fc.array(one, { maxLength: 3 }).map((hasSome) => ({ [name]: { hasSome } })),
    );
  }
  if (some.length === 0) return fc.constantFrom({ [name]: null }, { [name]: { not: null } });
  const one = fc.constantFrom(...some);
  const compared = fc.record({ operator: fc.constantFrom('gt', 'gte', 'lt', 'lte'), value: one });
  return fc.oneof(
    fc.constantFrom(...known).map((value) => ({ [name]: value })),
    one.map((equals) => ({ [name]: { equals } })),
    fc.constantFrom(...known).map((not) => ({ [name]: { not } })),
    ...(type === 'DateTime' || type === 'Boolean'
      ? []
      : [fc.array(one, { maxLength: 4 }).map((list) => ({ [name]: { in: list } }))]),
    ...(isEnum || type === 'Boolean'
      ? []
      : [compared.map(({ operator, value }) => ({ [name]: { [operator]: value } }))]),
    ...(type === 'String' && !isEnum
      ? [one.map((value) => ({ [name]: { contains: String(value).slice(1, 4), mode: 'insensitive' } }))]
      : []),
  );
}
