import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Asker } from '../execution/admission.ts';
import { type Answer, answerOf } from '../execution/answer.ts';
import { firstErrors } from '../execution/first-errors.ts';
import type { Reading } from '../execution/hot-answers.ts';
import { isLiveQuery } from '../execution/shared-operation.ts';
import type { Viewer } from '../graphql/context.ts';
import { type Cost, type MeasuredOperation, measureOperation, refuseCost } from '../graphql/cost.ts';
import { readDeltaWish } from './delta-wish.ts';
import { badRequest, type OperationParams } from './operation-params.ts';
import { rootFieldsOf } from './root-fields.ts';
import { accessOf, type ValidOperation } from './valid-operation.ts';
import { mentionedIn, refuseTexts, refuseValues } from './variables.ts';
import type { GraphQLHandler } from './yoga.ts';

/** So many errors of variables are counted at most: to make one takes a tenth of a millisecond. */
const MAX_VARIABLE_ERRORS = 100;
/** Keys are not in the change log, so it is not known when an answer about them is out of date. */
const NEVER_KEPT = 'apiKeys';
/** Clients of Apollo and urql look for this message and then send the whole query. */
const NOT_PERSISTED = 'PersistedQueryNotSupported';

interface GraphQLRequest {
  readonly query: string;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The errors of an operation that is not executed. */
export interface Refused {
  readonly errors: readonly GraphQLError[];
  /** The HTTP status; derived from the error codes if not given. */
  readonly status?: number;
}

/**
 * Parses and validates an operation with Yoga's parser and caches, and checks its variables; returns the errors if there are any. An
 * operation that was found valid is not looked at again.
 */
export function parseOperation(handler: GraphQLHandler, params: OperationParams): ValidOperation | Refused {
  const operation = findOrValidate(handler, params);
  if ('errors' in operation || operation.type !== 'subscription') return operation;
  const deltas = readDeltaWish(params.extensions, operation.isLive);
  if (deltas === null) return operation;
  return 'refusal' in deltas ? { errors: [badRequest(deltas.refusal)] } : { ...operation, deltas };
}

/** An operation that was found valid before, or its errors if that takes no more than to look at its values; null if it has to be parsed. */
export function findKnown(handler: GraphQLHandler, params: OperationParams): ValidOperation | Refused | null {
  const request = parseParams(params);
  if (request instanceof GraphQLError) return { errors: [request] };
  return handler.valid.has(nameOf(request, params)) ? parseOperation(handler, params) : null;
}

/** An operation with its variables. */
function nameOf({ operationName, variables, query }: GraphQLRequest, params: OperationParams): string {
  return JSON.stringify([operationName, variables, query, ...(tellsCost(params) ? ['cost'] : [])]);
}

function findOrValidate(handler: GraphQLHandler, params: OperationParams): ValidOperation | Refused {
  const request = parseParams(params);
  if (request instanceof GraphQLError) return { errors: [request] };
  const text = nameOf(request, params);
  const known = handler.valid.get(text);
  if (known !== undefined) return known;
  const operation = validate(handler, params, request, text);
  if (!('errors' in operation)) handler.valid.set(text, operation);
  return operation;
}

function validate(
  handler: GraphQLHandler,
  params: OperationParams,
  { query, variables, operationName }: GraphQLRequest,
  text: string,
): ValidOperation | Refused {
  const enveloped = handler.getEnveloped({ params });
  const { schema } = enveloped;
  let document: DocumentNode;
  try {
    document = enveloped.parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [withCode('GRAPHQL_PARSE_FAILED')(error)] };
    throw error;
  }
  const invalid: readonly GraphQLError[] = enveloped.validate(schema, document);
  if (invalid.length > 0) return { errors: firstErrors(invalid.map(withCode('GRAPHQL_VALIDATION_FAILED'))) };
  const operation = getOperationAST(document, operationName);
  if (operation == null)
    return {
      errors: [
        badRequest(
          'The document has several operations and operationName is missing, or it has no operation of that name.',
        ),
      ],
    };
  const badText = refuseTexts(query, document, variables);
  if (badText !== null) return { errors: [badText], status: 400 };
  const { errors: wrong = [], coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: MAX_VARIABLE_ERRORS,
    hideSuggestions: !handler.suggestions,
  });
  if (coerced === undefined) {
    const isAll = wrong.length <= MAX_VARIABLE_ERRORS;
    return { errors: firstErrors(wrong.map(withCode('BAD_USER_INPUT')), isAll) };
  }
  const cost = measure({ schema, document, operation, variableValues: coerced }, handler.maxCost);
  if (cost instanceof GraphQLError) return { errors: [cost] };
  const args = { schema, document, operationName, variableValues: variables };
  const name = operation.name?.value ?? null;
  return executable(handler, args, { name, type: operation.operation, text, cost, tellsCost: tellsCost(params) });
}

/** What an operation costs, or the error if it is refused. */
function measure(operation: MeasuredOperation, maxCost: number): Cost | GraphQLError {
  try {
    const cost = measureOperation(operation);
    return refuseCost(cost, maxCost) ?? cost;
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/** Whether a client asks to be told what its query or mutation costs. */
function tellsCost({ extensions }: OperationParams): boolean {
  return isObject(extensions) && extensions.cost === true;
}

/** What is known of an operation that is valid. */
interface Known {
  /** The client's name for it. */
  readonly name: string | null;
  readonly type: ValidOperation['type'];
  /** Names it with its variables. */
  readonly text: string;
  readonly cost: Cost;
  readonly tellsCost: boolean;
}

/** What the context of an execution has besides. */
interface Added {
  readonly asker: Asker;
  readonly reading?: Reading | undefined;
}

function executable(
  handler: GraphQLHandler,
  args: Omit<ExecutionArgs, 'contextValue'>,
  { name, type, text, cost, tellsCost }: Known,
): ValidOperation {
  const execute = async (viewer: Viewer, added: Added): Promise<Answer> => {
    const { execute: run, contextFactory } = handler.getEnveloped({});
    const contextValue = { ...(await contextFactory({ viewer })), ...added, cost: cost.cost };
    const result = (await run({ ...args, contextValue })) as ExecutionResult;
    const shown = tellsCost ? withCost(result, cost, handler.maxCost) : result;
    return handler.turns.finish(added.asker.name, () => answerOf(shown));
  };
  const isKept = type === 'query' && !rootFieldsOf(args.document, args.operationName ?? null).has(NEVER_KEPT);
  return {
    name,
    type,
    isLive: type === 'subscription' && isLiveQuery(args),
    cost: cost.cost,
    prepare: async (viewer) => {
      const { contextFactory } = handler.getEnveloped({});
      return { ...args, contextValue: await contextFactory({ viewer }) };
    },
    answer: (viewer, asker) => {
      const work = (added: Added): Promise<Answer> => {
        asker.pay(cost.cost);
        return execute(viewer, added);
      };
      if (!isKept) return work({ asker });
      return handler.hot.answer(`${accessOf(viewer)}${text}`, asker, (given, reading) =>
        work({ asker: given, reading }),
      );
    },
  };
}

function withCost(result: ExecutionResult, { cost }: Cost, limit: number): ExecutionResult {
  return { ...result, extensions: { ...result.extensions, cost: { requested: Math.ceil(cost), limit } } };
}

/** The parameters with their types, or what is wrong with them. */
function parseParams({ query, operationName, variables, extensions }: OperationParams): GraphQLRequest | GraphQLError {
  if (extensions != null && !isObject(extensions)) return badRequest('extensions must be an object.');
  if ((query == null || query === '') && isObject(extensions) && extensions.persistedQuery != null)
    return new GraphQLError(NOT_PERSISTED, { extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } });
  if (typeof query !== 'string' || query === '') return badRequest('The request has no query.');
  if (operationName != null && typeof operationName !== 'string') return badRequest('operationName must be a string.');
  if (variables != null && !isObject(variables)) return badRequest('variables must be an object.');
  const given = variables ?? {};
  return refuseValues(given) ?? { query, operationName: operationName ?? null, variables: mentionedIn(query, given) };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Adds a code to an error that has none, and drops all extensions that are only for libraries. */
function withCode(code: string): (error: GraphQLError) => GraphQLError {
  return ({ message, nodes, source, positions, extensions }) =>
    new GraphQLError(message, {
      nodes: nodes ?? null,
      source: source ?? null,
      positions: positions ?? null,
      extensions: { code: extensions.code ?? code },
    });
}
