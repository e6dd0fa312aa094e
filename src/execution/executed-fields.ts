import {
  defaultFieldResolver,
  defaultTypeResolver,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  isObjectType,
  locatedError,
  type OperationDefinitionNode,
  responsePathAsArray,
} from 'graphql';
import type { FieldErrors, Place } from './field-errors.ts';
import { argumentsOf, fieldsBelow, type PlannedField, type Selecting } from './planned-fields.ts';
import type { Shape } from './shape.ts';

/** One execution of an operation. */
export interface Run extends Selecting {
  readonly operation: OperationDefinitionNode;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly errors: FieldErrors;
}

export type Awaitable<Value> = Value | Promise<Value>;
export type Data = Record<string, unknown>;
type AbstractShape = Extract<Shape, { readonly kind: 'abstract' }>;

/** A value of a field, or of an item in its list. */
interface At {
  readonly field: PlannedField;
  readonly info: GraphQLResolveInfo;
  readonly place: NonNullable<Place>;
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
}

/** The fields of an object with their values, at once if nothing has to be waited for. Throws the error of a field that must not be null. */
export function executeFields(
  run: Run,
  type: GraphQLObjectType,
  fields: readonly PlannedField[],
  source: unknown,
  place: Place,
): Awaitable<Data> {
  const data: Data = {};
  let waits = false;
  try {
    for (const field of fields) {
      const value = executeField(run, type, field, source, place);
      if (isPromise(value)) waits = true;
      set(data, field.name, value);
    }
  } catch (error) {
    if (!waits) throw error;
    // The other fields can fail as well, and nobody else would handle that.
    return settle(data, Object.keys(data)).finally(() => {
      throw error;
    });
  }
  return waits ? settle(data, Object.keys(data)) : data;
}

/** Puts values in the place of their promises. */
async function settle(data: Data, names: readonly string[]): Promise<Data> {
  const values = await Promise.all(names.map((name) => data[name]));
  for (const [index, name] of names.entries()) set(data, name, values[index]);
  return data;
}

function set(data: Data, name: string, value: unknown): void {
  if (name !== '__proto__') data[name] = value;
  else Object.defineProperty(data, name, { value, enumerable: true, configurable: true, writable: true });
}

function executeField(run: Run, type: GraphQLObjectType, field: PlannedField, source: unknown, prev: Place): unknown {
  const { definition, shape } = field;
  const place = { prev, key: field.name, typename: type.name };
  const at = { field, place, info: infoOf(run, type, field, place) };
  const resolve = definition.resolve ?? defaultFieldResolver;
  let value: unknown;
  try {
    value = resolve(source, argumentsOf(run, field), run.contextValue, at.info);
  } catch (error) {
    return nullFor(run, shape, at, error);
  }
  return completeOrNull(run, shape, at, value);
}

function infoOf(
  { schema, fragments, rootValue, operation, variableValues }: Run,
  parentType: GraphQLObjectType,
  { definition, nodes }: PlannedField,
  path: NonNullable<Place>,
): GraphQLResolveInfo {
  return {
    fieldName: definition.name,
    fieldNodes: nodes,
    returnType: definition.type,
    parentType,
    path,
    schema,
    fragments,
    rootValue,
    operation,
    variableValues,
  };
}

/** What is shown of a value, or null with a note of its error. Throws the error where null is not allowed. */
function completeOrNull(run: Run, shape: Shape, at: At, value: unknown): unknown {
  try {
    const completed = isPromise(value)
      ? value.then((resolved) => complete(run, shape, at, resolved))
      : complete(run, shape, at, value);
    return isPromise(completed) ? completed.then(undefined, (error) => nullFor(run, shape, at, error)) : completed;
  } catch (error) {
    return nullFor(run, shape, at, error);
  }
}

function nullFor(run: Run, { isRequired }: Shape, { field, place }: At, error: unknown): null {
  const located = locatedError(error, field.nodes, responsePathAsArray(place));
  if (isRequired) throw located;
  run.errors.add(located, place);
  return null;
}

function complete(run: Run, shape: Shape, at: At, value: unknown): unknown {
  if (value instanceof Error) throw value;
  if (value == null) {
    if (!shape.isRequired) return null;
    const { parentType, fieldName } = at.info;
    throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${fieldName}.`);
  }
  switch (shape.kind) {
    case 'leaf':
      return completeLeaf(shape.type, value);
    case 'list':
      return completeList(run, shape.items, at, value);
    case 'object':
      return completeObject(run, shape.type, at, value);
    case 'abstract':
      return completeAbstract(run, shape, at, value);
  }
}

function completeLeaf(type: GraphQLLeafType, value: unknown): unknown {
  const serialized: unknown = type.serialize(value);
  if (serialized == null) throw new Error(`A value of the type ${type.name} has no form in which it can be sent.`);
  return serialized;
}

function completeList(run: Run, items: Shape, { field, info, place }: At, value: unknown): unknown {
  if (typeof value !== 'object' || !(Symbol.iterator in (value as object)))
    throw new GraphQLError(
      `Expected Iterable, but did not find one for field "${info.parentType.name}.${info.fieldName}".`,
    );
  const completed: unknown[] = [];
  let waits = false;
  try {
    for (const item of value as Iterable<unknown>) {
      const at = { field, info, place: { prev: place, key: completed.length, typename: undefined } };
      const one = completeOrNull(run, items, at, item);
      if (isPromise(one)) waits = true;
      completed.push(one);
    }
  } catch (error) {
    // The items before can fail as well, and nobody else would handle that: graphql-js does not, which ends a process.
    if (waits) void Promise.allSettled(completed);
    throw error;
  }
  return waits ? Promise.all(completed) : completed;
}

function completeAbstract(run: Run, { type }: AbstractShape, at: At, value: unknown): unknown {
  const resolve = type.resolveType ?? defaultTypeResolver;
  const withType = (name: string | undefined): unknown => {
    const found = name === undefined ? undefined : run.schema.getType(name);
    if (!isObjectType(found) || !run.schema.isSubType(type, found))
      throw new GraphQLError(`A value of the type ${type.name} is said to be of the type ${name}.`);
    return completeObject(run, found, at, value);
  };
  const name = resolve(value, run.contextValue, at.info, type);
  return isPromise(name) ? name.then((resolved) => withType(resolved as string | undefined)) : withType(name);
}

function completeObject(run: Run, type: GraphQLObjectType, at: At, value: unknown): unknown {
  const fields = fieldsBelow(run, at.field, type);
  const execute = (isOfType: boolean): Awaitable<Data> => {
    if (!isOfType) throw new GraphQLError(`A value is not of the type ${type.name}.`, { nodes: at.field.nodes });
    return executeFields(run, type, fields, value, at.place);
  };
  const isOfType = type.isTypeOf?.(value, run.contextValue, at.info) ?? true;
  return isPromise(isOfType) ? isOfType.then((resolved) => execute(resolved as boolean)) : execute(isOfType);
}
