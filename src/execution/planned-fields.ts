import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
  TypeNameMetaFieldDef,
  typeFromAST,
} from 'graphql';
import { type Shape, shapeOf } from './shape.ts';

/** What decides which fields an operation selects. */
export interface Selecting {
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly variableValues: Readonly<Record<string, unknown>>;
}

/** A field that an operation selects of all objects of a type at one place. What is the same for all of them is found out once. */
export interface PlannedField {
  /** Its name in the answer. */
  readonly name: string;
  readonly nodes: readonly FieldNode[];
  readonly definition: GraphQLField<unknown, unknown>;
  readonly shape: Shape;
  /** Null: not asked for so far. */
  args: Record<string, unknown> | null;
  /** What is selected of its value, by the type of that. */
  readonly below: Map<GraphQLObjectType, readonly PlannedField[]>;
}

/** The fields that selections have of an object, in the order of the answer. */
export function planFields(
  selecting: Selecting,
  type: GraphQLObjectType,
  selectionSets: readonly (SelectionSetNode | undefined)[],
): readonly PlannedField[] {
  const nodes = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  for (const set of selectionSets) if (set !== undefined) collect(selecting, type, set, nodes, visited);
  return [...nodes].flatMap(([name, ofName]) => {
    const definition = definitionOf(selecting.schema, type, ofName[0] as FieldNode);
    if (definition === undefined) return [];
    return { name, nodes: ofName, definition, shape: shapeOf(definition.type), args: null, below: new Map() };
  });
}

/** What is selected of a field's value of a type. */
export function fieldsBelow(
  selecting: Selecting,
  field: PlannedField,
  type: GraphQLObjectType,
): readonly PlannedField[] {
  const known = field.below.get(type);
  if (known !== undefined) return known;
  const sets = field.nodes.map(({ selectionSet }) => selectionSet);
  const fields = planFields(selecting, type, sets);
  field.below.set(type, fields);
  return fields;
}

/** The arguments of a field, the same object each time. Throws a GraphQLError if a variable has no value that an argument needs. */
export function argumentsOf({ variableValues }: Selecting, field: PlannedField): Record<string, unknown> {
  field.args ??= getArgumentValues(field.definition, field.nodes[0] as FieldNode, variableValues);
  return field.args;
}

function collect(
  selecting: Selecting,
  type: GraphQLObjectType,
  { selections }: SelectionSetNode,
  nodes: Map<string, FieldNode[]>,
  visited: Set<string>,
): void {
  for (const selection of selections) {
    if (!isIncluded(selecting, selection)) continue;
    if (selection.kind === Kind.FIELD) {
      const name = (selection.alias ?? selection.name).value;
      const before = nodes.get(name);
      if (before === undefined) nodes.set(name, [selection]);
      else before.push(selection);
    } else {
      const fragment = fragmentOf(selecting, selection, visited);
      if (fragment !== undefined && appliesTo(selecting, fragment, type))
        collect(selecting, type, fragment.selectionSet, nodes, visited);
    }
  }
}

/** The fragment of a selection. Undefined if it was spread before: then its fields are there already. */
function fragmentOf(
  { fragments }: Selecting,
  selection: Exclude<SelectionNode, FieldNode>,
  visited: Set<string>,
): InlineFragmentNode | FragmentDefinitionNode | undefined {
  if (selection.kind === Kind.INLINE_FRAGMENT) return selection;
  const name = selection.name.value;
  if (visited.has(name)) return undefined;
  visited.add(name);
  return fragments[name];
}

function appliesTo(
  { schema }: Selecting,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
  type: GraphQLObjectType,
): boolean {
  if (typeCondition === undefined) return true;
  const wanted = typeFromAST(schema, typeCondition);
  return wanted === type || (isAbstractType(wanted) && schema.isSubType(wanted, type));
}

function isIncluded({ variableValues }: Selecting, selection: SelectionNode): boolean {
  if (selection.directives === undefined || selection.directives.length === 0) return true;
  if (getDirectiveValues(GraphQLSkipDirective, selection, variableValues)?.if === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, selection, variableValues)?.if !== false;
}

function definitionOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  { name: { value: name } }: FieldNode,
): GraphQLField<unknown, unknown> | undefined {
  if (name === TypeNameMetaFieldDef.name) return TypeNameMetaFieldDef;
  const ofRoot = [SchemaMetaFieldDef, TypeMetaFieldDef].find((field) => field.name === name);
  return ofRoot !== undefined && schema.getQueryType() === type ? ofRoot : type.getFields()[name];
}
