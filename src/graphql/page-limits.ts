import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';
import { collectProblems } from '../domain/problems.ts';

const MAX_PAGE = 100;
/** The arguments that say how many are wanted, wherever they stand. */
const SIZES = ['first', 'last'] as const;

type Arguments = Readonly<Record<string, unknown>>;

/** Refuses pages of less than 1 or more than 100 items with an error that says so, where they would otherwise be cut in silence. */
class PageLimitsPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { args }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    if (!('first' in args || 'last' in args || 'ids' in args)) return resolver;
    return (parent, sent, context, info) => {
      checkSizes(sent as Arguments);
      return resolver(parent, sent, context, info);
    };
  }
}

function checkSizes(sent: Arguments): void {
  const problems = collectProblems();
  for (const name of SIZES) {
    const size = sent[name];
    if (typeof size === 'number' && (size < 1 || size > MAX_PAGE)) {
      problems.add('INVALID_INPUT', name, `${name} is ${size}; a page has 1 to ${MAX_PAGE} items.`);
    }
  }
  if (Array.isArray(sent.ids) && sent.ids.length > MAX_PAGE) {
    problems.add('TOO_MANY', 'ids', `${sent.ids.length} ids were sent; at most ${MAX_PAGE} are looked up at once.`);
  }
  problems.throwIfAny();
}

declare global {
  // Pothos is told of plugins in its own namespace.
  // biome-ignore lint/style/noNamespace: see above
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      pageLimits: PageLimitsPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin('pageLimits', PageLimitsPlugin);
