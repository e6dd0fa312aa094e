import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import { type GraphQLField, type GraphQLFieldResolver, getNullableType, isListType } from 'graphql';
import { collectProblems } from '../domain/problems.ts';
import { explainCursor, type Order, type PageArgs, parseCursor } from './keyset.ts';

/** How long a page is when nothing is said of it, and how long it may be. */
export const PAGE = { default: 20, max: 100 } as const;
/** How long a list is taken to be that is not paged. */
const LIST_LENGTH = 5;
/** The arguments that say how many are wanted, wherever they stand. */
const SIZES = ['first', 'last'] as const;

const CURSORS = ['after', 'before'] as const;

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

type Field = Pick<GraphQLField<unknown, unknown>, 'name' | 'type' | 'args' | 'extensions'>;

/** What a field costs that says nothing of it: 1, and what is asked of its items as often as its page or list can have some. */
export function costOfField(args: Arguments, _context: unknown, field: Field): { field: number; multiplier: number } {
  const { pagedIn } = field.extensions as { pagedIn?: (args: Arguments) => Order };
  if (pagedIn !== undefined) checkPlace(pagedIn(args), args);
  return { field: 1, multiplier: itemsOf(args, field) };
}

function itemsOf(sent: Arguments, { name, type, args }: Field): number {
  if (Array.isArray(sent.ids)) return sent.ids.length;
  if (args.some((argument) => argument.name === 'first')) {
    const sizes = SIZES.map((size) => sent[size]).filter((size) => typeof size === 'number');
    return sizes.length === 0 ? PAGE.default : Math.max(...sizes);
  }
  // The items of a page were counted with the page.
  if (args.length === 0 && (name === 'edges' || name === 'nodes')) return 1;
  return isListType(getNullableType(type)) ? LIST_LENGTH : 1;
}

/**
 * Refuses cursors that are none of an order's, and both directions at once. While the cost is counted, since a page is read along with what it
 * belongs to, and before anything is written.
 */
export function checkPlace(order: Order, sent: PageArgs): void {
  const problems = collectProblems();
  for (const name of CURSORS) {
    const cursor = sent[name];
    if (cursor == null || parseCursor(order, cursor) !== null) continue;
    problems.add('INVALID_INPUT', name, explainCursor(order, cursor));
  }
  if ((sent.first ?? sent.after) != null && (sent.last ?? sent.before) != null) {
    problems.add(
      'INVALID_INPUT',
      sent.last == null ? 'before' : 'last',
      'Page onwards with first and after, or backwards with last and before; not both.',
    );
  }
  problems.throwIfAny();
}

function checkSizes(sent: Arguments): void {
  const problems = collectProblems();
  for (const name of SIZES) {
    const size = sent[name];
    if (typeof size === 'number' && (size < 1 || size > PAGE.max)) {
      problems.add('INVALID_INPUT', name, `${name} is ${size}; a page has 1 to ${PAGE.max} items.`);
    }
  }
  if (Array.isArray(sent.ids) && sent.ids.length > PAGE.max) {
    problems.add('TOO_MANY', 'ids', `${sent.ids.length} ids were sent; at most ${PAGE.max} are looked up at once.`);
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
