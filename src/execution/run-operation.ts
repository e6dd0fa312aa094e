import {
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLObjectType,
  getOperationAST,
  getVariableValues,
  Kind,
} from 'graphql';
import { type Awaitable, type Data, executeFields, isPromise, type Run } from './executed-fields.ts';
import { FieldErrors } from './field-errors.ts';
import { planFields } from './planned-fields.ts';

/**
 * Executes a query, or a subscription on one event, with the same result as graphql-js; mutations are left to that. On long lists it takes
 * a fraction of the memory: graphql-js reads the arguments of a field again for each object, and makes objects that V8 keeps as hash
 * tables. The resolvers are those of the schema. A field gets the same arguments for all objects, so no resolver may change them.
 */
export function runOperation(args: ExecutionArgs): Awaitable<ExecutionResult> {
  const run = beginRun(args);
  if (run === null) return execute(args);
  const { errors, schema, operation, rootValue } = run;
  const respond = (data: Data | null): ExecutionResult =>
    errors.all.length === 0 ? { data } : { errors: errors.all, data };
  const fail = (error: unknown): ExecutionResult => {
    errors.add(error as GraphQLError, undefined);
    return respond(null);
  };
  try {
    const type = schema.getRootType(operation.operation) as GraphQLObjectType;
    const fields = planFields(run, type, [operation.selectionSet]);
    const data = executeFields(run, type, fields, rootValue, undefined);
    return isPromise(data) ? data.then(respond, fail) : respond(data);
  } catch (error) {
    return fail(error);
  }
}

/** Null for what is left to graphql-js: mutations, and to say what is wrong with an operation or its variables. */
function beginRun(args: ExecutionArgs): Run | null {
  const { schema, document, operationName, variableValues: given, rootValue, contextValue } = args;
  const operation = getOperationAST(document, operationName);
  if (operation == null || operation.operation === 'mutation') return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {});
  if (coerced === undefined) return null;
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of document.definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  return { schema, fragments, variableValues: coerced, operation, rootValue, contextValue, errors: new FieldErrors() };
}
