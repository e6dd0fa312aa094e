import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import type PrismaTypes from '../database/generated/pothos.ts';
import { getDatamodel } from '../database/generated/pothos.ts';
import { decodeId } from '../domain/api-id.ts';
import type { Context } from './context.ts';
import { refuseCost, refuseWrite } from './errors.ts';
import { costOfField } from './page-limits.ts';

/** How much one operation may ask for: levels, fields, and fields times the length of the lists they stand in. */
const LIMITS = { depth: 14, breadth: 500, complexity: 50_000 };

interface Text {
  Input: string;
  Output: string;
}

/** The schema builder that every noun file adds its types to. */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  AuthScopes: { write: boolean };
  DefaultFieldNullability: false;
  AsyncSelections: true;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string | number | bigint };
    Date: { Input: string; Output: Date | string };
    DateTime: { Input: Date; Output: Date };
    PartialDate: Text;
    Period: Text;
    Cursor: Text;
  };
}>({
  plugins: ['pageLimits', ScopeAuthPlugin, RelayPlugin, ComplexityPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: ({ db }) => db,
    dmmf: getDatamodel(),
    exposeDescriptions: true,
    onUnusedQuery: 'error',
  },
  relay: {
    clientMutationId: 'omit',
    decodeGlobalID: decodeId,
    cursorType: 'String',
    nodesOnConnection: true,
    nodeQueryOptions: { description: 'The object of an id; null when there is none.' },
    nodesQueryOptions: {
      description: 'The objects of many ids, at most 100, in their order; null where there is none.',
    },
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
    nodesFieldOptions: { nullable: { list: false, items: false } },
  },
  scopeAuth: {
    authScopes: ({ viewer }) => ({ write: viewer.canWrite }),
    unauthorizedError: (_parent, { viewer }) => refuseWrite(viewer),
  },
  complexity: { fieldComplexity: costOfField, limit: LIMITS, complexityError: refuseCost },
});

/** The root type of queries, which live queries have as well. */
export const Query = builder.queryType({ description: 'Everything that can be asked.' });
builder.mutationType({
  description:
    'Everything that can be written. Writing needs a key with the scope `write`; a refused input answers with userErrors and changes nothing.',
});
builder.subscriptionType({ description: 'Everything that is pushed, in the order of the change log.' });
