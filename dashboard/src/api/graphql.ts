import { initGraphQLTada } from 'gql.tada';
import type { introspection } from './generated/schema-types.d.ts';

/** Reads documents of the API, with the types of their variables and answers. */
export const graphql = initGraphQLTada<{
  introspection: introspection;
  scalars: { Cursor: string; Date: string; DateTime: string; PartialDate: string; Period: string };
}>();
