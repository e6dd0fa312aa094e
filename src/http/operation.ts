import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  visit,
} from 'graphql';
import { type Answer, answerOf } from '../execution/answer.ts';
import { firstErrors } from '../execution/first-errors.ts';
import { isLiveQuery } from '../execution/shared-operation.ts';
import type { Viewer } from '../graphql/context.ts';
import { type Cost, type MeasuredOperation, measureOperation, refuseCost } from '../graphql/cost.ts';
import { readDeltaWish } from './delta-wish.ts';
import { refuseValues } from './document-limits.ts';
import { badRequest, type OperationParams } from './operation-params.ts';
import { rootFieldsOf } from './root-fields.ts';
import { accessOf, type ValidOperation } from './valid-operation.ts';
import type { GraphQLHandler } from './yoga.ts';

/** So many errors of variables are counted at most. */
const MAX_VARIABLE_ERRORS = 1_000;
/** Spellings of U+0000 in a document. Only the parsed strings show whether one really contains it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for.
const MAY_BE_NUL = /\u0000|\\u(0000|\{0+\})/;
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

/**
 * The same in the client's turn if the operation is not known: parsing and validating keep the thread busy. A known one has no promise of its
 * own, so that it does not overtake another whose turn is at once: of subscriptions the one too many is the last.
 */
export function parseInTurn(
  handler: GraphQLHandler,
  client: string,
  params: OperationParams,
): ValidOperation | Refused | Promise<ValidOperation | Refused> {
  const parse = (): ValidOperation | Refused => parseOperation(handler, params);
  return isKnown(handler, params) ? parse() : handler.turns.take(client, parse);
}

function isKnown(handler: GraphQLHandler, params: OperationParams): boolean {
  const request = parseParams(params);
  return !(request instanceof GraphQLError) && handler.valid.has(nameOf(request, params));
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
  if (coerced === undefined) return { errors: firstErrors(wrong.map(withCode('BAD_USER_INPUT'))) };
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

function executable(
  handler: GraphQLHandler,
  args: Omit<ExecutionArgs, 'contextValue'>,
  { name, type, text, cost, tellsCost }: Known,
): ValidOperation {
  const execute = async (viewer: Viewer, added: object): Promise<Answer> => {
    const { execute: run, contextFactory } = handler.getEnveloped({});
    const contextValue = { ...(await contextFactory({ viewer })), ...added };
    const result = (await run({ ...args, contextValue })) as ExecutionResult;
    return answerOf(tellsCost ? withCost(result, cost, handler.maxCost) : result);
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
      const work = (added: object): Promise<Answer> => {
        asker.pay(cost.cost);
        return execute(viewer, { ...added, cost: cost.cost });
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
  return refuseValues(variables) ?? { query, operationName: operationName ?? null, variables: variables ?? {} };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error if a string has a character that Postgres cannot store, else null. */
function refuseTexts(query: string, document: DocumentNode, variables: object): GraphQLError | null {
  if (hasText(variables, (text) => text.includes('\0')) || (MAY_BE_NUL.test(query) && documentHasNul(document)))
    return textError('A text contains the character U+0000, which is not allowed.');
  // In a document the parser already refuses escapes of lone surrogates.
  if (!query.isWellFormed() || hasText(variables, (text) => !text.isWellFormed()))
    return textError('A text contains half of a surrogate pair, which is not a character.');
  return null;
}

function textError(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });
}

function documentHasNul(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    StringValue: ({ value }) => {
      found ||= value.includes('\0');
    },
  });
  return found;
}

/** Whether any string passes a test. The nesting was limited before. */
function hasText(value: unknown, passes: (text: string) => boolean): boolean {
  if (typeof value === 'string') return passes(value);
  return typeof value === 'object' && value !== null && Object.values(value).some((each) => hasText(each, passes));
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
