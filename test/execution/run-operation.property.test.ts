import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  buildSchema,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  parse,
  responsePathAsArray,
  validate,
} from 'graphql';
import { expect, test } from 'vitest';
import { runOperation } from '../../src/execution/run-operation.ts';

const schema = buildSchema(`
  interface Named { name: String! nick(of: Int = 2, all: [Int!], needed: Int! = 1): String next: Named }
  type Maker implements Named {
    name: String! nick(of: Int = 2, all: [Int!], needed: Int! = 1): String next: Named
    count: Int rates: [Float] brands: [Brand!] parent: Maker! kind: Kind
  }
  type Brand implements Named {
    name: String! nick(of: Int = 2, all: [Int!], needed: Int! = 1): String next: Named makers: [Maker]
  }
  enum Kind { SMALL LARGE }
  type Query { maker: Maker makers: [Maker!]! named: [Named] grid: [[Brand!]!] plain: Plain! }
  type Plain { first: String second: String }
  type Mutation { maker: Maker }
  type Subscription { makers: [Maker!] }
`);

/** What a field gives at a place of the answer. */
type Outcome = (typeof OUTCOMES)[number];
const OUTCOMES = [
  ...['value', 'value', 'value', 'promise', 'promise'],
  ...['null', 'late null', 'error', 'returned error', 'late error', 'no list', 'set'],
] as const;

const DOCUMENTS = [
  '{ maker { name count rates kind } makers { name brands { name } } }',
  'query ($with: Boolean!, $of: Int) { makers { n: name @include(if: $with) nick(of: $of) parent { name @skip(if: $with) count } } }',
  '{ named { __typename name next { name ...OfMaker ... on Brand { makers { name } } } } } fragment OfMaker on Maker { count brands { ...OfBrand } } fragment OfBrand on Named { nick(all: [1, 2]) next { nick } }',
  '{ grid { name next { name } } maker { brands { name } } maker { brands { nick } name } plain { first second } }',
  '{ __proto__: maker { __proto__: name constructor: count } plain { first } }',
  'query ($needed: Int) { makers { nick(needed: $needed) } maker { name nick(needed: $needed) } }',
  '{ __schema { queryType { name fields { name } } } __type(name: "Kind") { enumValues { name } } __typename maker { name } }',
  'query ($with: Boolean = true) { maker @include(if: $with) { name } makers { name @skip(if: $with) parent @include(if: $with) { name count @skip(if: $with) } } named { ... on Maker @skip(if: $with) { name } ...OfNamed @include(if: $with) } } fragment OfNamed on Named { nick next { ... @include(if: $with) { name } } }',
  'query ($all: [Int!] = [1], $of: Int = 3) { makers { nick(all: $all, of: $of) same: nick(all: [1, 2], of: null) brands { makers { kind rates } } } }',
  '{ ...A ...A ...B } fragment A on Query { maker { name ...C } ...B } fragment B on Query { maker { kind ...C } plain { first } } fragment C on Maker { rates parent { ...D } } fragment D on Named { ... on Maker { count } ... on Brand { makers { name } } __typename next { __typename } }',
  'mutation { maker { name brands { name } } again: maker { count } }',
  'subscription { makers { name next { name } } }',
];
const VARIABLES = [
  {},
  { with: true },
  { with: false, of: 7 },
  { with: true, of: null, needed: null },
  { with: 'wrong' },
  { with: null, all: null },
  { all: 7 },
  { all: [null] },
];

resolveWith((_source, args, outcomes: readonly Outcome[], info) => {
  const place = responsePathAsArray(info.path).join('.');
  const outcome = outcomes[digest(place) % outcomes.length] as Outcome;
  const error = (): Error => new Error(`Nothing at ${place}.`);
  switch (outcome) {
    case 'value':
      return givenAt(info, place, args);
    case 'promise':
      return Promise.resolve(givenAt(info, place, args));
    case 'null':
      return null;
    case 'late null':
      return Promise.resolve(undefined);
    case 'error':
      throw error();
    case 'returned error':
      return error();
    case 'late error':
      return Promise.reject(error());
    case 'no list':
      return 'no list';
    case 'set':
      return new Set([{ place }, Promise.resolve({ place: `${place}.late` })]);
  }
});

test('gives the same answers as graphql-js, with the same errors in the same order', async () => {
  expect(DOCUMENTS.flatMap((text) => validate(schema, parse(text)))).toEqual([]);
  const outcomes = fc.array(fc.constantFrom(...OUTCOMES), { minLength: 1, maxLength: 23 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...DOCUMENTS),
      fc.constantFrom(...VARIABLES),
      outcomes,
      async (text, variableValues, contextValue) => {
        const args = { schema, document: parse(text), variableValues, contextValue };
        expect(JSON.stringify(await runOperation(args))).toBe(JSON.stringify(await executeByGraphqlJs(args)));
      },
    ),
    { numRuns: 2_000 },
  );
});

test('answers at once if no field has to be waited for', () => {
  const document = parse('{ maker { name brands { name } } }');
  const result = runOperation({ schema, document, contextValue: ['value'] });
  expect(result).toMatchObject({ data: { maker: { brands: [{}, {}] } } });
});

test('reads the arguments of a field once for all objects', async () => {
  const document = parse('query ($of: Int) { makers { nick(of: $of) } }');
  const seen = new Set<object>();
  const { makers } = schema.getQueryType()?.getFields() ?? {};
  const { nick } = (schema.getType('Maker') as { getFields(): Record<string, NonNullable<typeof makers>> }).getFields();
  const resolve = nick?.resolve as GraphQLFieldResolver<unknown, unknown>;
  try {
    Object.assign(nick as object, { resolve: (_source: unknown, args: object) => seen.add(args) && 'Nick' });
    await runOperation({ schema, document, variableValues: { of: 4 }, contextValue: ['value'] });
  } finally {
    Object.assign(nick as object, { resolve });
  }
  expect([...seen]).toEqual([{ of: 4, needed: 1 }]);
});

/** It leaves failed promises to nobody where a list fails as a whole, which would fail the test. */
async function executeByGraphqlJs(args: ExecutionArgs): Promise<ExecutionResult> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => undefined);
  const result = await execute(args);
  await nextTurn();
  process.removeAllListeners('unhandledRejection');
  for (const listener of listeners) process.on('unhandledRejection', listener);
  return result;
}

function resolveWith(resolve: GraphQLFieldResolver<unknown, readonly Outcome[]>): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    if (isObjectType(type)) for (const field of Object.values(type.getFields())) field.resolve = resolve;
    if (isInterfaceType(type))
      type.resolveType = (value) => {
        const name = digest(JSON.stringify(value)) % 2 === 0 ? 'Maker' : 'Brand';
        return digest(JSON.stringify(value)) % 3 === 0 ? Promise.resolve(name) : name;
      };
  }
  const plain = schema.getType('Plain');
  if (isObjectType(plain)) {
    for (const field of Object.values(plain.getFields())) delete field.resolve;
    plain.isTypeOf = (value) => digest(JSON.stringify(value)) % 4 !== 0 || Promise.resolve(true);
  }
}

/** A value that fits the type, or sometimes does not. */
function givenAt({ returnType }: GraphQLResolveInfo, place: string, args: object): unknown {
  const type = String(returnType).replaceAll('!', '');
  const items = [`${place}.0`, `${place}.1`];
  if (type === 'String') return `${place} ${JSON.stringify(args)}`;
  if (type === 'Int') return digest(place) % 5 === 0 ? 'no number' : digest(place) % 100;
  if (type === 'Kind') return digest(place) % 3 === 0 ? 'HUGE' : 'SMALL';
  if (type === '[Float]') return [1.5, null, 'no number', Promise.resolve(2)];
  if (type === '[[Brand]]') return items.map((one) => [{ place: one }, null]);
  if (type.startsWith('[')) return items.map((one) => ({ place: one }));
  return { place, first: () => 'from a function', second: 2 };
}

function digest(text: string): number {
  return [...text].reduce((sum, letter) => (31 * sum + letter.charCodeAt(0)) % 1_000_003, 7);
}
