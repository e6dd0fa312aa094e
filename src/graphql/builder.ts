import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import ScopeAuthPlugin, { type AuthFailure } from '@pothos/plugin-scope-auth';
import type PrismaTypes from '../database/generated/pothos.ts';
import { getDatamodel } from '../database/generated/pothos.ts';
import { type Context, may } from './context.ts';
import { refuseScope } from './errors.ts';
import './ids-at-once.ts';
import './known-then.ts';
import { decodeId } from './node-id.ts';
import { costOfField } from './page-limits.ts';

interface Text {
  Input: string;
  Output: string;
}

/** The schema builder. Every noun file adds its types to it. */
export const builder = new SchemaBuilder<{
  Context: Context;
  PrismaTypes: PrismaTypes;
  AuthScopes: { write: boolean; admin: boolean };
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
  plugins: ['idsAtOnce', 'pageLimits', 'knownThen', ScopeAuthPlugin, RelayPlugin, ComplexityPlugin, PrismaPlugin],
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
    nodeQueryOptions: { description: 'The object with this id. Null if there is none.' },
    nodesQueryOptions: {
      description:
        'The objects with these ids, in the order of the ids. Null in place of an object that does not exist. Error BAD_USER_INPUT for more than 100 ids.',
    },
    edgesFieldOptions: { nullable: { list: false, items: false } },
    nodeFieldOptions: { nullable: false },
    nodesFieldOptions: { nullable: { list: false, items: false } },
  },
  scopeAuth: {
    authScopes: ({ viewer }) => ({ write: may(viewer, 'WRITE'), admin: may(viewer, 'ADMIN') }),
    unauthorizedError: (_parent, { viewer }, _info, { failure }) =>
      refuseScope(viewer, namesScope(failure, 'admin') ? 'ADMIN' : 'WRITE'),
  },
  // Only so that fields declare it: operations are measured before they are executed, see cost.ts.
  complexity: { fieldComplexity: costOfField },
});

/** The root type of queries. The subscription `live` returns it too. */
export const Query = builder.queryType({
  description:
    "All queries. Reading needs no key, unless the server was started with MILEPOST_READ_ACCESS=key; the keys themselves are read with the scope `admin`. Slugs are found in any case. If a lookup by slug finds nothing, the answer's extensions.didYouMean names slugs that may have been meant, each with the path of the field and the argument.",
});
builder.mutationType({
  description:
    'All writes. A write needs a key with the scope `write`, or `admin` for keys: error UNAUTHENTICATED without a key, FORBIDDEN without the scope. If the input is refused, userErrors says why and nothing is written.',
});
builder.subscriptionType({ description: 'All subscriptions. They send changes in the order of the change log.' });

/** Whether what failed is a scope of this name, or several of which it is one. */
function namesScope(failure: AuthFailure, name: string): boolean {
  if ('failures' in failure) return failure.failures.some((one) => namesScope(one, name));
  return 'scope' in failure && failure.scope === name;
}
