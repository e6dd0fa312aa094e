import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { SubjectKind } from '../database/generated/client.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { loadContradictionByKey } from './contradictions-then.ts';
import { SubjectKind as SubjectKindEnum } from './enums.ts';
import { loadMilestoneByKey } from './milestones-then.ts';
import { parseRowId } from './row-id.ts';

/** The GraphQL type of each kind of subject. */
const TYPE_NAMES: Record<SubjectKind, string> = {
  BRAND: 'Brand',
  COMPANY: 'Company',
  ALLIANCE: 'Alliance',
  MODEL: 'Model',
  PLANT: 'Plant',
  MARKET: 'Market',
};

const OF_AN_INSTANT =
  'The id of this object, unique in the whole API. As known at an instant it has an id of its own for each instant, so that a cache keeps them apart.';

/** How an object of a table is found by its id. Null for an unknown id. */
const ROW_NODE = {
  id: {
    field: 'id' as const,
    description: 'The id of this object, unique in the whole API.',
    extensions: {
      keyAtOnce: ({ id }: { readonly id?: number | string }) => (id === undefined ? null : String(id)),
    },
  },
  findUnique: (id: string) => ({ id: rowOrNone(id) }),
  nullable: true as const,
};

// Every type with an id is made here, because these types refer to each other. Each gets its fields in the file of its noun.

export const Subject = builder.prismaInterface('Subject', {
  name: 'Subject',
  interfaces: [builder.nodeInterfaceRef()],
  resolveType: ({ kind }) => TYPE_NAMES[kind],
  fields: (t) => ({
    slug: t.exposeString('slug'),
    kind: t.expose('kind', { type: SubjectKindEnum }),
    name: t.exposeString('name'),
    nameZh: t.exposeString('nameZh', { nullable: true }),
    aliases: t.exposeStringList('aliases'),
  }),
});

export const Brand = subjectType('BRAND', 'A brand name under which vehicles are sold.');
export const Company = subjectType('COMPANY', 'A carmaker, or a company that owns brands or other companies.');
export const Alliance = subjectType('ALLIANCE', 'A group of brands of several companies.');
export const Model = subjectType('MODEL', 'A model or model series of a brand.');
export const Plant = subjectType('PLANT', 'A plant that builds vehicles.');
export const Market = subjectType('MARKET', 'A market, or a segment of a market by price, origin or region.');

export const Membership = builder.prismaNode('Membership', ROW_NODE);
export const Publisher = builder.prismaNode('Publisher', ROW_NODE);
export const Source = builder.prismaNode('Source', ROW_NODE);
export const Figure = builder.prismaNode('Figure', ROW_NODE);
export const Milestone = builder.prismaNode('Milestone', {
  ...ROW_NODE,
  id: { ...ROW_NODE.id, description: OF_AN_INSTANT },
  ...foundBy('Milestone', loadMilestoneByKey),
});
export const Target = builder.prismaNode('Target', ROW_NODE);
export const Contradiction = builder.prismaNode('Contradiction', {
  ...ROW_NODE,
  id: { ...ROW_NODE.id, description: OF_AN_INSTANT },
  ...foundBy('Contradiction', loadContradictionByKey),
});

interface Table {
  findUnique(query: object): Promise<object | null>;
}

/** Finds the rows of a table by their number, and what was known at an instant by its key. It replaces the loader of the Prisma plugin. */
function foundBy(
  typeName: 'Milestone' | 'Contradiction',
  loadThen: (context: Context, key: string) => Promise<object | null>,
): object {
  const loadWithoutCache = async (id: string, context: Context, info: GraphQLResolveInfo) => {
    if (parseRowId(id) === null) return loadThen(context, id);
    const query = await queryFromInfo({ context, info, typeName, awaitSelections: true });
    const table = context.db[typeName.toLowerCase() as Lowercase<typeof typeName>] as unknown as Table;
    return table.findUnique({ ...query, where: { id: rowOrNone(id) } });
  };
  return { loadWithoutCache };
}

function subjectType(kind: SubjectKind, description: string) {
  return builder.prismaNode('Subject', {
    ...ROW_NODE,
    variant: TYPE_NAMES[kind],
    findUnique: (id: string) => ({ id: rowOrNone(id), kind }),
    interfaces: [Subject],
    description,
  });
}

/** Rows are counted from 1, so 0 matches nothing. */
function rowOrNone(id: string): number {
  return parseRowId(id) ?? 0;
}
