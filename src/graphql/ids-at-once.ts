import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { encodeGlobalID } from '@pothos/plugin-relay';
import type { GraphQLFieldResolver } from 'graphql';

/** What an id field has in its extensions if its key can be known without waiting. */
export interface KeyAtOnce {
  /** The part of the id after the type. Null: it has to be waited for. */
  readonly keyAtOnce: (parent: never) => string | null;
}

/**
 * Resolves ids without a promise where their key is at hand. Relay's own fields always make one, and then every object with an id is a
 * promise too: of a list of hundreds that takes longer than everything else.
 */
class IdsAtOncePlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { parentType, extensions }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const keyOf = (extensions as Partial<KeyAtOnce> | undefined)?.keyAtOnce;
    if (keyOf === undefined) return resolver;
    return (parent, args, context, info) => {
      const key = keyOf(parent as never);
      return key === null ? resolver(parent, args, context, info) : encodeGlobalID(parentType, key);
    };
  }
}

declare global {
  // Pothos finds the types of plugins in its own namespace.
  // biome-ignore lint/style/noNamespace: see above
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      idsAtOnce: IdsAtOncePlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin('idsAtOnce', IdsAtOncePlugin);
