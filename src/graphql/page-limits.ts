import SchemaBuilder, { BasePlugin, type PothosOutputFieldConfig, type SchemaTypes } from '@pothos/core';
import {
  type GraphQLField,
  type GraphQLFieldResolver,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from 'graphql';
import { collectProblems } from '../domain/values/problems.ts';
import { COST_OF_VALUE } from './costs.ts';
import { explainCursor, type Order, type PageArgs, parseCursor } from './keyset.ts';

/** The default and the largest number of items on a page. */
export const PAGE = { default: 20, max: 100 } as const;
/** The length that the cost assumes for a list without pages. */
const LIST_LENGTH = 5;
/** The arguments that give the number of items. */
const SIZES = ['first', 'last'] as const;

const CURSORS = ['after', 'before'] as const;

type Arguments = Readonly<Record<string, unknown>>;

/** Refuses pages of less than 1 or more than 100 items with an error. Without it the size would be changed silently. */
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

/**
 * The cost of a field without one of its own: 1 for an object and less for a value, or that of working out a list as known at an instant, and
 * what is below it for each item that its page or list can have.
 */
export function costOfField(args: Arguments, _context: unknown, field: Field): { field: number; multiplier: number } {
  const { pagedIn, costThen } = field.extensions as {
    readonly pagedIn?: (args: Arguments) => Order;
    readonly costThen?: (args: Arguments) => number;
  };
  if (pagedIn !== undefined) checkPlace(pagedIn(args), args);
  const cost = isLeafType(getNamedType(field.type)) ? COST_OF_VALUE : 1;
  return { field: args.asOf == null ? cost : (costThen?.(args) ?? cost), multiplier: itemsOf(args, field) };
}

function itemsOf(sent: Arguments, { name, type, args }: Field): number {
  if (Array.isArray(sent.ids)) return sent.ids.length;
  if (args.some((argument) => argument.name === 'first')) {
    const sizes = SIZES.map((size) => sent[size]).filter((size) => typeof size === 'number');
    return sizes.length === 0 ? PAGE.default : Math.max(...sizes);
  }
  // The page has already counted its items.
  if (args.length === 0 && (name === 'edges' || name === 'nodes')) return 1;
  return isListType(getNullableType(type)) ? LIST_LENGTH : 1;
}

/**
 * Refuses cursors of another order, and both directions at once. This runs while the cost is computed: a nested page is read together with its
 * parent, before its own field is resolved, and a mutation must be refused before it writes.
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
  // Pothos finds the types of plugins in its own namespace.
  // biome-ignore lint/style/noNamespace: see above
  export namespace PothosSchemaTypes {
    export interface Plugins<Types extends SchemaTypes> {
      pageLimits: PageLimitsPlugin<Types>;
    }
  }
}

SchemaBuilder.registerPlugin('pageLimits', PageLimitsPlugin);
