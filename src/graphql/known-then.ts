import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import type { GraphQLFieldResolver } from 'graphql';

/** The types of which there are objects that were worked out as known at an instant. */
const TYPES: ReadonlySet<string> = new Set(['Milestone', 'Contradiction']);

/** An object as it was known at an instant. It has the columns of its table, but no row there says so. */
export interface KnownThen {
  readonly asOf: Date;
}

/** Makes an object as known at an instant a value of its type. Its id is the key by which it is worked out again. */
export function asRow<Row extends object>(
  then: KnownThen & Omit<Row, 'id' | 'createdAt' | 'key'> & { readonly id: string },
): Row {
  return then as unknown as Row;
}

/** The instant whose knowledge an object is; null for a row, which is that of now. */
export function instantOf(row: object): Date | null {
  return 'asOf' in row ? (row as KnownThen).asOf : null;
}

/**
 * Resolves the fields of what was worked out from the object alone. Without it the Prisma plugin would read the relations, and what they
 * say now, from a row. A field that needs more than the object has its own resolver in the extension `knownThen`.
 */
class KnownThenPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override wrapResolve(
    resolver: GraphQLFieldResolver<unknown, Types['Context'], object>,
    { parentType, resolve, extensions }: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    const own = (extensions?.knownThen ?? resolve) as typeof resolver | undefined;
    if (!TYPES.has(parentType) || own === undefined) return resolver;
    return (parent, args, context, info) =>
      (instantOf(parent as object) === null ? resolver : own)(parent, args, context, info);
  }
}

declare global {
  // Pothos finds the types of plugins in its own namespace.
  // biome-ignore lint/style/noNamespace: see above
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      knownThen: KnownThenPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin('knownThen', KnownThenPlugin);
