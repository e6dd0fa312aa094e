import { type GraphQLFieldMap, type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { TABLES } from '../database/row-tables.ts';

type Columns = Readonly<Record<string, true>>;

/** What the Prisma plugin has in the extensions of types, and of fields. */
interface Extensions {
  pothosPrismaModel?: string;
  pothosPrismaTypeSelection?: unknown;
  pothosPrismaSelect?: unknown;
  readonly pothosExposedField?: string;
}

/**
 * The tables of which only the columns are read that an operation asks for, and those that are always read: by which rows are found, by
 * which a subject's type is known, and by which is noted what an answer depends on.
 */
const ALWAYS: Readonly<Record<string, readonly string[]>> = {
  Subject: ['id', 'kind', 'slug', 'parentId'],
  Publisher: ['id'],
  Source: ['id'],
  Figure: ['id', 'subjectId', 'metric'],
  Milestone: ['id', 'subjectId', 'metric'],
  MilestoneClaim: ['id', 'milestoneId'],
};

/**
 * Makes the queries of the Prisma plugin read only the columns that an operation asks for. A field that does not say what it needs of a row
 * needs all of it. The plugin's own way, a `select` for the type, makes every field of every row look up whether its column was read,
 * which takes longer than everything else that is done for it. Returns the schema.
 */
export function readAskedColumns(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    const extensions: Extensions = type.extensions;
    const always = ALWAYS[extensions.pothosPrismaModel ?? ''];
    const table = TABLES.get(extensions.pothosPrismaModel ?? '');
    if (always === undefined || table === undefined) continue;
    extensions.pothosPrismaTypeSelection = { select: columnsOf(always) };
    selectColumns(type.getFields(), columnsOf([...table.columns.keys()]));
  }
  return schema;
}

function selectColumns(fields: GraphQLFieldMap<unknown, unknown>, all: Columns): void {
  for (const field of Object.values(fields)) {
    const extensions: Extensions = field.extensions;
    const { pothosExposedField: column } = extensions;
    // The id is always read.
    if (field.name === 'id' || extensions.pothosPrismaSelect) continue;
    extensions.pothosPrismaSelect = column === undefined ? all : columnsOf([column]);
  }
}

function columnsOf(names: readonly string[]): Columns {
  return Object.fromEntries(names.map((name) => [name, true]));
}
