import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLAbstractType,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { BadInput } from '../errors.ts';
import { refuseArguments } from './argument-limits.ts';
import { COST_OF_ALL, COST_OF_SUBJECT, type WorkedOut } from './costs.ts';
import { describeError } from './errors.ts';

/** How much an operation asks for, found out before it is executed. */
export interface Cost {
  /** 1 for each object that can be in the answer and 0.2 for each value of it, and 1 for each 0.1 ms that they take to be worked out besides. */
  readonly cost: number;
  /** The number of levels of fields. */
  readonly depth: number;
  /** The number of fields in the document, those of a fragment once for each time it is spread. */
  readonly breadth: number;
}

/** An operation with its variables as they are after coercion. */
export interface MeasuredOperation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** What a field declares: a number, or what it costs itself with the factor by which what is below it is multiplied. */
type Declared = number | { readonly field?: number; readonly multiplier?: number };
type Arguments = Readonly<Record<string, unknown>>;
/** The number of items of lists whose length follows from the arguments of the field above them, by the names of their fields. */
type Items = Readonly<Record<string, number>>;

/** The number of subjects whose histories are worked out, by what they are of. */
type Work = ReadonlyMap<string, number>;

/** What a part of an operation asks for. */
interface Measure extends Cost {
  readonly work: Work;
}

/** What the extensions of a field say about its cost. */
interface CostExtensions {
  readonly complexity?:
    | Declared
    | ((args: Arguments, context: unknown, field: GraphQLField<unknown, unknown>) => Declared);
  readonly itemsBelow?: (args: Arguments) => Items;
  readonly worksOut?: (args: Arguments) => WorkedOut | null;
}

/** The most levels and fields of an operation. */
const MOST = { depth: 14, breadth: 500 } as const;
/** A field of introspection is answered from memory. */
const COST_OF_INTROSPECTION = 0.002;
/** The number of items that lists of the schema's own description have, about. */
const SCHEMA_LISTS: Readonly<Record<string, number>> = {
  ...{ types: 200, fields: 12, args: 4, inputFields: 6, enumValues: 8, possibleTypes: 8 },
  ...{ interfaces: 2, directives: 8, locations: 4 },
};

/**
 * Measures an operation. Throws a GraphQLError with the path of the field for arguments that are longer than allowed, and for pages that
 * cannot be read: a mutation has to be refused for them before it writes.
 */
export function measureOperation(measured: MeasuredOperation): Cost {
  const { schema, operation } = measured;
  const root = schema.getRootType(operation.operation);
  if (root == null) return NOTHING;
  const { work, ...whole } = new Measuring(measured).selections(operation.selectionSet, root, { path: [], items: {} });
  // However often it is asked for, everything is worked out once.
  const worked = [...work.values()].reduce(
    (sum, subjects) => sum + Math.min(subjects * COST_OF_SUBJECT, COST_OF_ALL),
    0,
  );
  return { ...whole, cost: whole.cost + worked };
}

/** The error for an operation that costs too much, else null. It names the measure, its value and its limit. */
export function refuseCost({ cost, depth, breadth }: Cost, mostCost: number): GraphQLError | null {
  const [measure, what, is, limit] =
    depth > MOST.depth
      ? (['levels', 'levels deep', depth, MOST.depth] as const)
      : breadth > MOST.breadth
        ? (['fields', 'fields wide', breadth, MOST.breadth] as const)
        : (['cost', 'in cost', Math.ceil(cost), mostCost] as const);
  if (is <= limit) return null;
  return new GraphQLError(`The operation is ${is} ${what}; at most ${limit} are allowed. Ask for less at once.`, {
    extensions: { code: 'TOO_COSTLY', measure, [measure]: is, limit },
  });
}

/** What the field above says of what is below it, and its path in the answer. */
interface Above {
  readonly path: readonly string[];
  readonly items: Items;
}

/** What a field costs, and by how much it multiplies what is below it. */
interface Own {
  readonly field: number;
  readonly multiplier: number;
  readonly items: Items;
  readonly work: Work;
}

const NO_WORK: Work = new Map();
const NOTHING: Measure = { cost: 0, depth: 0, breadth: 0, work: NO_WORK };
const ONE: Measure = { cost: 1, depth: 1, breadth: 1, work: NO_WORK };

class Measuring {
  readonly #of: MeasuredOperation;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** A fragment that is spread many times below the same field is measured once. */
  readonly #known = new Map<SelectionSetNode, Map<string, Measure>>();

  constructor(of: MeasuredOperation) {
    this.#of = of;
    const fragments = of.document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
    this.#fragments = new Map(fragments.map((one) => [one.name.value, one]));
  }

  selections(set: SelectionSetNode, type: GraphQLCompositeType, above: Above): Measure {
    const ofSet = this.#known.get(set) ?? new Map<string, Measure>();
    this.#known.set(set, ofSet);
    const key = `${type.name} ${JSON.stringify(above.items)}`;
    const known = ofSet.get(key);
    if (known !== undefined) return known;
    const whole = isAbstractType(type) ? this.#ofAny(set, type, above) : this.#sum(set, type, above);
    ofSet.set(key, whole);
    return whole;
  }

  /** An object has one type: what is asked of others costs nothing there. The document is as wide as all of it. */
  #ofAny(set: SelectionSetNode, type: GraphQLAbstractType, above: Above): Measure {
    const each = this.#of.schema.getPossibleTypes(type).map((one) => this.selections(set, one, above));
    const { depth, breadth } = this.#sum(set, type, above);
    const work = new Map<string, number>();
    for (const one of each) for (const [of, subjects] of one.work) work.set(of, Math.max(work.get(of) ?? 0, subjects));
    return { cost: Math.max(0, ...each.map(({ cost }) => cost)), depth, breadth, work };
  }

  #sum(set: SelectionSetNode, type: GraphQLCompositeType, above: Above): Measure {
    let [cost, depth, breadth] = [0, 0, 0];
    let work = NO_WORK;
    for (const selection of set.selections) {
      const one = this.#selection(selection, type, above);
      cost += one.cost;
      breadth += one.breadth;
      work = together(work, one.work);
      depth = Math.max(depth, one.depth);
    }
    return { cost, depth, breadth, work };
  }

  #selection(selection: SelectionNode, type: GraphQLCompositeType, above: Above): Measure {
    if (selection.kind === Kind.FIELD) return this.#field(selection, type, above);
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value);
    if (fragment === undefined) return NOTHING;
    const on = this.#typeWithin(type, fragment.typeCondition?.name.value);
    return on === null ? NOTHING : this.selections(fragment.selectionSet, on, above);
  }

  /** The type as which a fragment reads an object of a type; null if it never does. */
  #typeWithin(type: GraphQLCompositeType, condition: string | undefined): GraphQLCompositeType | null {
    const { schema } = this.#of;
    const on = condition === undefined ? type : schema.getType(condition);
    if (!isCompositeType(on)) return null;
    if (isAbstractType(type)) return on;
    return on === type || (isAbstractType(on) && schema.isSubType(on, type)) ? type : null;
  }

  #field(node: FieldNode, type: GraphQLCompositeType, above: Above): Measure {
    const field = this.#definition(node.name.value, type);
    // The name of a type.
    if (field === undefined) return { ...ONE, cost: COST_OF_INTROSPECTION };
    const path = [...above.path, (node.alias ?? node.name).value];
    const args = this.#argumentsOf(field, node);
    // The field fails, and nothing below it is read.
    if (args === null) return ONE;
    const isOfSchema = isIntrospection(getNamedType(field.type)) || isIntrospection(type);
    const own = isOfSchema ? costInSchema(field) : this.#declared(field, node, args, path);
    const below = getNamedType(field.type);
    if (node.selectionSet === undefined || !isCompositeType(below)) return { ...ONE, cost: own.field, work: own.work };
    const multiplier = Math.max(0, above.items[field.name] ?? own.multiplier);
    const eachItem = isListType(getNullableType(field.type)) ? (isOfSchema ? COST_OF_INTROSPECTION : 1) : 0;
    const inside = this.selections(node.selectionSet, below, { path, items: own.items });
    return {
      cost: own.field + multiplier * (eachItem + inside.cost),
      // Validation limits how deep the schema's own description is asked for.
      depth: isOfSchema ? 1 : inside.depth + 1,
      breadth: inside.breadth + 1,
      work: together(own.work, inside.work, multiplier),
    };
  }

  #definition(name: string, type: GraphQLCompositeType): GraphQLField<unknown, unknown> | undefined {
    if (type === this.#of.schema.getQueryType()) {
      if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef;
      if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef;
    }
    return 'getFields' in type ? type.getFields()[name] : undefined;
  }

  #argumentsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): Arguments | null {
    if (field.args.length === 0) return {};
    try {
      return getArgumentValues(field, node, this.#of.variableValues);
    } catch (error) {
      if (error instanceof GraphQLError) return null;
      throw error;
    }
  }

  #declared(field: GraphQLField<unknown, unknown>, node: FieldNode, args: Arguments, path: readonly string[]): Own {
    const { complexity = 1, itemsBelow, worksOut } = field.extensions as CostExtensions;
    try {
      const declared = typeof complexity === 'function' ? complexity(args, null, field) : complexity;
      refuseArguments(args, this.#of.operation.operation);
      const own = typeof declared === 'number' ? { field: declared } : declared;
      const worked = worksOut?.(args) ?? null;
      const work: Work = worked === null ? NO_WORK : new Map([[worked.of, worked.subjects]]);
      const { field: cost = 1, multiplier = 1 } = own;
      // Of a page only the items are multiplied, not its count and its cursors.
      if (isPage(field)) return { field: cost, multiplier: 1, items: { nodes: multiplier, edges: multiplier }, work };
      return { field: cost, multiplier, items: itemsBelow?.(args) ?? {}, work };
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      throw describeError(new GraphQLError(error.message, { nodes: node, path, originalError: error }));
    }
  }
}

/** The work of two parts, the second one so many times. */
function together(one: Work, other: Work, times = 1): Work {
  if (other.size === 0) return one;
  const sum = new Map(one);
  for (const [of, subjects] of other) sum.set(of, (sum.get(of) ?? 0) + times * subjects);
  return sum;
}

function costInSchema({ name }: GraphQLField<unknown, unknown>): Own {
  return { field: COST_OF_INTROSPECTION, multiplier: SCHEMA_LISTS[name] ?? 1, items: {}, work: NO_WORK };
}

function isPage({ type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type);
  return isObjectType(named) && 'pageInfo' in named.getFields();
}

function isIntrospection(type: GraphQLNamedType): boolean {
  return isObjectType(type) && type.name.startsWith('__');
}
