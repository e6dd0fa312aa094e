import { GraphQLError } from 'graphql';

/** The parameters of an operation as a client sends them. */
export interface OperationParams {
  readonly query?: unknown;
  /** Names a document that the server has, instead of query. */
  readonly documentId?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
  readonly extensions?: unknown;
}

/** The error of a malformed request. */
export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
