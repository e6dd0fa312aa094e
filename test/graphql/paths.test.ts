import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';
import { type Api, openApi } from '../support/api.ts';

let api: Api;
beforeAll(async () => {
  api = await openApi({ seeded: true });
});
afterAll(() => api[Symbol.asyncDispose]());

/** One object of each type that has one. */
const ROOTS = [
  'brand(slug: "aito")',
  'brand(slug: "nio")',
  'company(slug: "nio-inc")',
  'alliance(slug: "hima")',
  'model(slug: "aito-m9")',
  'plant(slug: "seres-super-factory")',
  'market(slug: "china-nev")',
  'subject(slug: "tesla-china")',
];
/** Values for arguments without a default. */
const ARGUMENTS: Readonly<Record<string, string>> = { period: '"2025-12"', over: 'YEAR_AGO' };
/** Fields that are asked for at once, each under a name of its own. */
const AT_ONCE = 5;

const typeOf = (field: GraphQLField<unknown, unknown>): GraphQLNamedType => getNamedType(field.type);

function fieldsOf(type: GraphQLNamedType): readonly GraphQLField<unknown, unknown>[] {
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).filter(
    (field) => isObjectType(typeOf(field)) || isInterfaceType(typeOf(field)),
  );
}

function called({ name, args }: GraphQLField<unknown, unknown>): string {
  const required = args.filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined);
  return required.length === 0
    ? name
    : `${name}(${required.map((arg) => `${arg.name}: ${ARGUMENTS[arg.name]}`).join(', ')})`;
}

/** All ways of this many steps from a type, each to something that has fields; connections are no steps. */
function waysFrom(type: GraphQLNamedType, steps: number): readonly string[] {
  if (/Connection$/.test(type.name)) {
    const node = fieldsOf(type).find(({ name }) => name === 'nodes') as GraphQLField<unknown, unknown>;
    return ['totalCount', ...waysFrom(typeOf(node), steps).map((way) => `nodes { ${way} }`)];
  }
  if (steps === 0) return ['__typename'];
  return fieldsOf(type).flatMap((field) =>
    waysFrom(typeOf(field), steps - 1).map((way) => `${called(field)} { ${way} }`),
  );
}

test.each(ROOTS)(
  'every way of three steps from %s is answered without an error',
  { timeout: 120_000 },
  async (root) => {
    const [name = ''] = root.split('(');
    const type = typeOf(schema.getQueryType()?.getFields()[name] as GraphQLField<unknown, unknown>);
    const ways = waysFrom(type, 3);
    const failed: string[] = [];
    for (let at = 0; at < ways.length; at += AT_ONCE) {
      const some = ways.slice(at, at + AT_ONCE);
      const fields = some.map((way, index) => `w${index}: ${root} { ${way} }`).join('\n');
      const { errors } = await api.query(`{ ${fields} }`);
      for (const error of errors ?? [])
        failed.push(`${some[Number(String(error.path?.[0]).slice(1))]}: ${error.message}`);
    }
    expect(ways.length).toBeGreaterThan(50);
    expect(failed).toEqual([]);
  },
);
