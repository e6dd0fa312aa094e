import { type DocumentNode, type ExecutionArgs, type ExecutionResult, GraphQLError, getOperationAST } from 'graphql';
import type { Viewer } from '../graphql/context.ts';
import { findNul, type GraphQLHandler } from './yoga.ts';

/** What a client sends to have an operation executed. */
export interface OperationParams {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

/** An operation that is sound as far as can be told without executing it. */
export interface PreparedOperation {
  readonly args: ExecutionArgs;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly execute: (args: ExecutionArgs) => Promise<ExecutionResult>;
}

/** Parses and validates an operation as Yoga does, with its caches; the errors when something is wrong with it. */
export async function prepareOperation(
  handler: GraphQLHandler,
  viewer: Viewer,
  params: OperationParams,
): Promise<PreparedOperation | { readonly errors: readonly GraphQLError[] }> {
  const refusal = refuseParams(params) ?? findNul(params);
  if (refusal !== null) return { errors: [refusal] };
  const { schema, execute, contextFactory, parse, validate } = handler.getEnveloped({ viewer, params });
  let document: DocumentNode;
  try {
    document = parse(params.query);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [error] };
    throw error;
  }
  const errors: readonly GraphQLError[] = validate(schema, document);
  if (errors.length > 0) return { errors };
  const operationName = (params.operationName ?? null) as string | null;
  const operation = getOperationAST(document, operationName);
  if (operation == null)
    return {
      errors: [
        badRequest('The document has several operations: name one with operationName, or the name is not there.'),
      ],
    };
  const args: ExecutionArgs = {
    schema,
    document,
    operationName,
    variableValues: (params.variables ?? {}) as Record<string, unknown>,
    contextValue: await contextFactory(),
  };
  return { args, type: operation.operation, execute: async (given) => execute(given) };
}

/** What of a viewer decides on what is seen: two viewers with the same of it may share payloads. */
export function accessOf({ canWrite }: Viewer): string {
  return canWrite ? 'write' : 'read';
}

function refuseParams({ query, operationName, variables }: OperationParams): GraphQLError | null {
  if (typeof query !== 'string' || query === '') return badRequest('The request has no query.');
  if (operationName != null && typeof operationName !== 'string') return badRequest('operationName is a text.');
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables)))
    return badRequest('variables is an object.');
  return null;
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
}
