import { type GraphQLNamedType, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';

/** Descriptions of the fields that the plugins generate without one, by field name. */
const FIELDS: Readonly<Record<string, string>> = {
  id: 'The id of this object, unique in the whole API.',
  edges: 'The items of this page with their cursors.',
  nodes: 'The items of this page.',
  pageInfo: 'The position of this page in the list.',
  totalCount: 'The number of items on all pages.',
  node: 'The item.',
  cursor: 'The position of the item in the list, as a value for `after` or `before`.',
  startCursor: 'The cursor of the first item on this page. Null if the page is empty.',
  endCursor: 'The cursor of the last item on this page. Null if the page is empty.',
  hasNextPage: 'Whether there are items after this page.',
  hasPreviousPage: 'Whether there are items before this page.',
};

const ARGUMENTS: Readonly<Record<string, string>> = {
  first:
    'The number of items from the start, 1 to 100. 20 if neither `first` nor `last` is given. Error BAD_USER_INPUT outside this range.',
  last: 'The number of items from the end, 1 to 100. Error BAD_USER_INPUT outside this range, or together with `first` or `after`.',
  after: 'Only items after this cursor. Error BAD_USER_INPUT for a cursor of another list or order.',
  before: 'Only items before this cursor. Error BAD_USER_INPUT for a cursor of another list or order.',
  id: 'The id of the object.',
  ids: 'The ids of the objects, at most 100.',
};

const TYPES: Readonly<Record<string, string>> = {
  Node: 'An object with an id that is unique in the whole API.',
  PageInfo: 'The position of a page in its list.',
};

/** Gives a description to everything that the plugins generated without one. */
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
  if (name.endsWith('ConnectionEdge') || name.endsWith('Edge')) return 'An item of a page, with its cursor.';
  return name.endsWith('Connection') ? 'A page of items.' : undefined;
}
