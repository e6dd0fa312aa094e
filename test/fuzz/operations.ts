import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { schema } from '../../src/graphql/schema.ts';
import type { Pick } from '../support/random.ts';

/** How deep operations go: deeper than is allowed, so that this is refused. */
const MOST_LEVELS = 16;
const TEXTS = [
  ...[
    '',
    'nio',
    'li-auto',
    'hima',
    'NIO',
    'no-such',
    '2025-10',
    '2025',
    '2025-Q3',
    '2000/2050',
    '2025-02-31',
    'x'.repeat(11_000),
  ],
  ...[
    '\'; drop table "Figure"; --',
    '$' + '{1}',
    '%s',
    '\\u0000',
    '🚗',
    '\u202e',
    '../../etc/passwd',
    'constructor',
    '__proto__',
  ],
  ...['2026-01-01T00:00:00Z', '9999-12-31T23:59:59Z', 'RmlndXJlOjE=', 'Figure:1', 'null', 'NaN', '-1', '1e999'],
] as const;
const NUMBERS = [
  '0',
  '1',
  '-1',
  '3',
  '100',
  '101',
  '2147483647',
  '2147483648',
  '-2147483649',
  '1e308',
  '0.1',
  '1e-9',
] as const;

/** Makes an operation of the schema, with fields and arguments that may be wrong. */
export function makeOperation(pick: Pick): string {
  const kind = (['query', 'query', 'query', 'subscription', 'mutation'] as const)[pick(5)] ?? 'query';
  const root = {
    query: schema.getQueryType(),
    subscription: schema.getSubscriptionType(),
    mutation: schema.getMutationType(),
  };
  const type = root[kind] as GraphQLObjectType;
  const breadth = 1 + pick(3);
  const fields = Array.from(
    { length: kind === 'query' ? breadth : 1 },
    (_, index) => `f${index}: ${makeField(type, pick, pick(MOST_LEVELS))}`,
  );
  const text = `${kind} ${pick(4) === 0 ? `Named${pick(1_000)}` : ''} { ${fields.join(' ')} }`;
  return pick(20) === 0 ? spoil(text, pick) : text;
}

function makeField(type: GraphQLObjectType, pick: Pick, levels: number): string {
  const fields = Object.values(type.getFields());
  const field = fields[pick(fields.length)];
  if (field === undefined || pick(60) === 0) return `nonsense${pick(10)}`;
  return `${field.name}${makeArguments(field.args, pick)}${makeSelection(field.type, pick, levels - 1)}`;
}

function makeArguments(args: readonly GraphQLArgument[], pick: Pick): string {
  const given = args.filter(({ type }) => isNonNullType(type) || pick(3) === 0);
  if (given.length === 0) return '';
  return `(${given.map(({ name, type }) => `${name}: ${makeValue(type, pick, 3)}`).join(', ')})`;
}

function makeSelection(output: GraphQLOutputType, pick: Pick, levels: number): string {
  const type: GraphQLNamedType = getNamedType(output);
  if (!isCompositeType(type)) return '';
  if (levels <= 0) return ' { __typename }';
  const object = isAbstractType(type)
    ? schema.getPossibleTypes(type)[pick(schema.getPossibleTypes(type).length)]
    : type;
  if (!isObjectType(object)) return ' { __typename }';
  const fields = Array.from({ length: 1 + pick(4) }, (_, index) => `g${index}: ${makeField(object, pick, levels)}`);
  const inside = fields.join(' ');
  return isAbstractType(type) ? ` { __typename ... on ${object.name} { ${inside} } }` : ` { ${inside} }`;
}

function makeValue(type: GraphQLInputType, pick: Pick, levels: number): string {
  if (pick(25) === 0) return ['null', '{}', '[]', 'NONSENSE', '"text"', '7', 'true'][pick(7)] ?? 'null';
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const length = pick(30) === 0 ? 150 : pick(4);
    return `[${Array.from({ length }, () => makeValue(inner.ofType, pick, levels)).join(', ')}]`;
  }
  if (isEnumType(inner)) return inner.getValues()[pick(inner.getValues().length)]?.name ?? 'NONE';
  if (isInputObjectType(inner)) {
    if (levels === 0) return '{}';
    const fields = Object.values(inner.getFields()).filter((field) => isNonNullType(field.type) || pick(4) === 0);
    return `{ ${fields.map((field) => `${field.name}: ${makeValue(field.type, pick, levels - 1)}`).join(', ')} }`;
  }
  const { name } = getNamedType(inner);
  if (name === 'Int' || name === 'Float') return NUMBERS[pick(NUMBERS.length)] ?? '1';
  if (name === 'Boolean') return pick(2) === 0 ? 'true' : 'false';
  return JSON.stringify(TEXTS[pick(TEXTS.length)]);
}

/** Takes out, doubles or puts in a character. */
function spoil(text: string, pick: Pick): string {
  const at = pick(text.length);
  const put = ['', '{', '}', '(', '"', '\\', '\u0000', '$', '...', '@skip(if: true)'][pick(10)] ?? '';
  return text.slice(0, at) + put + text.slice(at + pick(2));
}

/** A value of any shape, for variables and messages, with depth. */
export function makeJson(pick: Pick, levels = 5): unknown {
  switch (levels === 0 ? pick(5) : pick(8)) {
    case 0:
      return null;
    case 1:
      return Number(NUMBERS[pick(NUMBERS.length)]);
    case 2:
      return pick(2) === 0;
    case 3:
    case 4:
      return TEXTS[pick(TEXTS.length)];
    case 5:
      return Array.from({ length: pick(5) }, () => makeJson(pick, levels - 1));
    case 6:
      return Object.fromEntries(
        Array.from({ length: pick(4) }, () => [TEXTS[pick(TEXTS.length)], makeJson(pick, levels - 1)]),
      );
    default: {
      let nested: unknown = 1;
      for (let depth = pick(400); depth > 0; depth -= 1) nested = depth % 2 === 0 ? [nested] : { a: nested };
      return nested;
    }
  }
}
