import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  getOperationAST,
  getVariableValues,
  visit,
} from 'graphql';
import type { Asker } from '../execution/admission.ts';
import type { Viewer } from '../graphql/context.ts';
import { refuseValues } from './document-limits.ts';
import type { GraphQLHandler } from './yoga.ts';

/** More errors of one operation's variables are not named. */
const MAX_VARIABLE_ERRORS = 50;
/** How the character U+0000 may be written in a document; whether it is there, only the parsed texts tell. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for.
const MAY_BE_NUL = /\u0000|\\u(0000|\{0+\})/;
/** What Apollo's and urql's clients look for, to send the whole query then. */
const NOT_PERSISTED = 'PersistedQueryNotSupported';

/** What a client sends to have an operation executed. */
export interface OperationParams {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

/** What is wrong with an operation, so that it is not executed. */
export interface Refused {
  readonly errors: readonly GraphQLError[];
  /** The HTTP status; by the errors' codes when not given. */
  readonly status?: number;
}

/** An operation that is sound as far as can be told without executing it. */
export interface SoundOperation {
  readonly type: 'query' | 'mutation' | 'subscription';
  /** Makes it ready to be executed for whoever asks. */
  prepare(viewer: Viewer): Promise<PreparedOperation>;
}

/** An operation that can be executed. */
export interface PreparedOperation {
  readonly args: ExecutionArgs;
  readonly type: SoundOperation['type'];
  /** Executes a query or mutation for whoever asks for it. */
  readonly execute: (args: ExecutionArgs, asker: Asker) => Promise<ExecutionResult>;
}

/** Parses and validates an operation as Yoga does, with its caches, and looks at its variables; the errors when something is wrong with it. */
export function understandOperation(handler: GraphQLHandler, params: OperationParams): SoundOperation | Refused {
  const malformed = refuseParams(params);
  if (malformed !== null) return { errors: [malformed] };
  const query = params.query as string;
  const variables = (params.variables ?? {}) as Record<string, unknown>;
  const { schema, execute, contextFactory, parse, validate } = handler.getEnveloped({ params });
  let document: DocumentNode;
  try {
    document = parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return { errors: [withCode('GRAPHQL_PARSE_FAILED')(error)] };
    throw error;
  }
  const invalid: readonly GraphQLError[] = validate(schema, document);
  if (invalid.length > 0) return { errors: invalid.map(withCode('GRAPHQL_VALIDATION_FAILED')) };
  const operationName = (params.operationName ?? null) as string | null;
  const operation = getOperationAST(document, operationName);
  if (operation == null)
    return {
      errors: [
        badRequest('The document has several operations: name one with operationName, or the name is not there.'),
      ],
    };
  const badText = refuseTexts(query, document, variables);
  if (badText !== null) return { errors: [badText], status: 400 };
  const { errors: wrong = [] } = getVariableValues(schema, operation.variableDefinitions ?? [], variables, {
    maxErrors: MAX_VARIABLE_ERRORS,
  });
  if (wrong.length > 0) return { errors: wrong.map(withCode('BAD_USER_INPUT')) };
  return {
    type: operation.operation,
    prepare: async (viewer) => ({
      args: {
        schema,
        document,
        operationName,
        variableValues: variables,
        contextValue: await contextFactory({ viewer }),
      },
      type: operation.operation,
      execute: async (given, asker) =>
        execute({ ...given, contextValue: { ...(given.contextValue as object), asker } }),
    }),
  };
}

/** Makes an operation ready to be executed for a viewer; the errors when something is wrong with it. */
export async function prepareOperation(
  handler: GraphQLHandler,
  viewer: Viewer,
  params: OperationParams,
): Promise<PreparedOperation | Refused> {
  const operation = understandOperation(handler, params);
  return 'errors' in operation ? operation : operation.prepare(viewer);
}

/** What of a viewer decides on what is seen: two viewers with the same of it may share payloads. */
export function accessOf({ canWrite }: Viewer): string {
  return canWrite ? 'write' : 'read';
}

/** The error of a request that is none for an operation. */
export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}

function refuseParams({ query, operationName, variables, extensions }: OperationParams): GraphQLError | null {
  if (extensions != null && !isObject(extensions)) return badRequest('extensions is an object.');
  if ((query == null || query === '') && isObject(extensions) && extensions.persistedQuery != null)
    return new GraphQLError(NOT_PERSISTED, { extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } });
  if (typeof query !== 'string' || query === '') return badRequest('The request has no query.');
  if (operationName != null && typeof operationName !== 'string') return badRequest('operationName is a text.');
  if (variables != null && !isObject(variables)) return badRequest('variables is an object.');
  return refuseValues(variables);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The error of an operation with what Postgres keeps in no text; null when none of its texts has it. */
function refuseTexts(query: string, document: DocumentNode, variables: object): GraphQLError | null {
  if (hasText(variables, (text) => text.includes('\0')) || (MAY_BE_NUL.test(query) && documentHasNul(document)))
    return textError('A text contains the character U+0000, which no text can have.');
  // In a document, escapes of them are none of the language.
  if (!query.isWellFormed() || hasText(variables, (text) => !text.isWellFormed()))
    return textError('A text contains half of a surrogate pair, which is no character.');
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

/** Whether any text passes a test. Not deeper than what was let through before. */
function hasText(value: unknown, passes: (text: string) => boolean): boolean {
  if (typeof value === 'string') return passes(value);
  return typeof value === 'object' && value !== null && Object.values(value).some((each) => hasText(each, passes));
}

/** An error with the code that it has, or else the one given, and nothing that was meant for a library. */
function withCode(code: string): (error: GraphQLError) => GraphQLError {
  return ({ message, nodes, source, positions, extensions }) =>
    new GraphQLError(message, {
      nodes: nodes ?? null,
      source: source ?? null,
      positions: positions ?? null,
      extensions: { code: extensions.code ?? code },
    });
}
