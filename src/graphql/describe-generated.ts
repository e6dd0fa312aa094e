import { type GraphQLNamedType, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';

/** What the plugins generate without a description, by the names they give it. */
const FIELDS: Readonly<Record<string, string>> = {
  id: 'The id of this object in the whole API.',
  edges: 'The items of this page with their cursors.',
  nodes: 'The items of this page.',
  pageInfo: 'Where this page stands.',
  totalCount: 'How many items there are on all pages.',
  node: 'The item.',
  cursor: 'The place of the item, to page on from.',
  startCursor: 'The cursor of the first item on this page.',
  endCursor: 'The cursor of the last item on this page.',
  hasNextPage: 'Whether there are items after this page.',
  hasPreviousPage: 'Whether there are items before this page.',
};

const ARGUMENTS: Readonly<Record<string, string>> = {
  first: 'How many items from the start, 1 to 100; 20 if neither first nor last is given.',
  last: 'How many items from the end, 1 to 100.',
  after: 'Only items after this cursor.',
  before: 'Only items before this cursor.',
  id: 'The id of the object.',
  ids: 'The ids of the objects.',
};

const TYPES: Readonly<Record<string, string>> = {
  Node: 'Anything that has an id in the whole API.',
  PageInfo: 'Where a page stands among all items.',
};

/** Gives a description to everything that plugins generated without one. */
export function describeGenerated(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    type.description ??= TYPES[type.name] ?? describeConnection(type.name);
    describeFields(type);
  }
  return schema;
}

function describeFields(type: GraphQLNamedType): void {
  if (!isObjectType(type) && !isInterfaceType(type)) return;
  for (const field of Object.values(type.getFields())) {
    field.description ??= FIELDS[field.name];
    for (const argument of field.args) argument.description ??= ARGUMENTS[argument.name];
  }
}

function describeConnection(name: string): string | undefined {
  if (name.endsWith('ConnectionEdge') || name.endsWith('Edge')) return 'An item of a page with its cursor.';
  return name.endsWith('Connection') ? 'A page of items.' : undefined;
}
