import {
  type DocumentNode,
  GraphQLInterfaceType,
  GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  Kind,
  type SelectionSetNode,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** An example operation, by the name of its file. */
export interface Example {
  readonly name: string;
  readonly document: DocumentNode;
}

/** The fields of a root type, and those that no example shows. */
export interface Coverage {
  readonly root: string;
  readonly fields: number;
  readonly missing: readonly string[];
}

/** How much of the schema the examples show. */
export function coverageOf(schema: GraphQLSchema, examples: readonly Example[]): readonly Coverage[] {
  const shown = new Set(examples.flatMap(({ document }) => fieldsIn(schema, document)));
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((type) => {
    if (type == null) return [];
    const fields = Object.keys(type.getFields());
    return [
      {
        root: type.name,
        fields: fields.length,
        missing: fields.filter((field) => !shown.has(`${type.name}.${field}`)),
      },
    ];
  });
}

/** What is wrong with an example: where it does not fit the schema, or does not ask for the id of an object that has one. */
export function problemsOf(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
  const invalid = validate(schema, document).map(({ message }) => message);
  return invalid.length > 0
    ? invalid
    : withoutId(schema, document).map((field) => `"${field}" is asked for without its id.`);
}

/** The fields of a document, with the names of their types; also those in a live query. */
function fieldsIn(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
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
function withoutId(schema: GraphQLSchema, document: DocumentNode): readonly string[] {
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
