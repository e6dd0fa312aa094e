import { readdirSync, readFileSync } from 'node:fs';
import {
  type DocumentNode,
  GraphQLInterfaceType,
  GraphQLObjectType,
  getNamedType,
  Kind,
  parse,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { expect, test } from 'vitest';
import { schema } from '../../src/graphql/schema.ts';

const FOLDER = new URL('../../schema/operations/', import.meta.url);
const documents = readdirSync(FOLDER).map((name) => ({
  name,
  document: parse(readFileSync(new URL(name, FOLDER), 'utf8')),
}));

test.each(documents)('$name is an operation of the schema', ({ document }) => {
  expect(validate(schema, document)).toEqual([]);
});

test('the examples show every query, mutation and subscription', () => {
  const shown = new Set(documents.flatMap(({ document }) => rootFieldsOf(document)));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const all = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}).map((field) => `${type?.name}.${field}`));
  expect(all.length).toBeGreaterThan(40);
  expect(all.filter((field) => !shown.has(field))).toEqual([]);
});

test.each(documents)('$name asks for the id of each object that has one', ({ document }) => {
  expect(withoutId(document)).toEqual([]);
});

test('an object whose id is not asked for is noticed, also behind a fragment', () => {
  const document = parse(`{
    brand(slug: "nio") { ...Named company { id slug } }
    search(query: "nio") { ...Found }
  } fragment Named on Brand { slug } fragment Found on Subject { id }`);
  expect(withoutId(document)).toEqual(['brand']);
});

/** The fields, with the names of their types, that begin an operation, or that are in a live query. */
function rootFieldsOf(document: DocumentNode): readonly string[] {
  const found: string[] = [];
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => void found.push(`${types.getParentType()?.name}.${name.value}`),
    }),
  );
  return found;
}

/** The fields of objects with an id that is not selected. */
function withoutId(document: DocumentNode): readonly string[] {
  const found: string[] = [];
  const types = new TypeInfo(schema);
  const hasId = ({ selections }: SelectionSetNode): boolean =>
    selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === 'id' && selection.alias === undefined;
      return selection.kind === Kind.INLINE_FRAGMENT
        ? hasId(selection.selectionSet)
        : fragmentHasId(selection.name.value);
    });
  const fragmentHasId = (name: string): boolean =>
    document.definitions.some(
      (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === name && hasId(one.selectionSet),
    );
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name, selectionSet }) => {
        const type = getNamedType(types.getType());
        const isObject = type instanceof GraphQLObjectType || type instanceof GraphQLInterfaceType;
        if (isObject && selectionSet !== undefined && 'id' in type.getFields() && !hasId(selectionSet))
          found.push(name.value);
      },
    }),
  );
  return found;
}
