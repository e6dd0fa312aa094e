import { GraphQLError } from 'graphql';
import type { KeyScope } from '../database/generated/client.ts';
import { isUnavailable } from '../database/unavailable.ts';
import {
  BadInput,
  CursorExpired,
  CursorInvalid,
  type NamedProblem,
  nameRows,
  TemporarilyUnavailable,
  TimedOut,
} from '../errors.ts';
import type { Viewer } from './context.ts';
import { encodeId } from './node-id.ts';

/** The error for what a key does not allow: UNAUTHENTICATED without a key, FORBIDDEN for a key without the scope. */
export function refuseScope({ keyId, scope }: Viewer, wanted: KeyScope): GraphQLError {
  const [held, missing] = [scope.toLowerCase(), wanted.toLowerCase()];
  return keyId === null
    ? new GraphQLError(`This needs a key with the scope "${missing}": send it as "Authorization: Bearer …".`, {
        extensions: { code: 'UNAUTHENTICATED', reason: 'KEY_MISSING' },
      })
    : new GraphQLError(`This key does not have the scope "${missing}"; it has "${held}".`, {
        extensions: { code: 'FORBIDDEN' },
      });
}

/** Our own errors as the API shows them, with a code. Null for an unexpected error. */
export function describeError(error: unknown): GraphQLError | null {
  const cause = causeOf(error);
  const known = describeCause(cause);
  if (known !== null) {
    const { message, extensions } = known;
    const at = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
    return new GraphQLError(message, { extensions, ...at });
  }
  if (!(error instanceof GraphQLError)) return null;
  return cause === undefined || cause instanceof GraphQLError ? withCode(error) : null;
}

/** All problems of an input. Rows that a message names get their ids in the API. */
export function problemsOf({ problems }: BadInput): readonly NamedProblem[] {
  return problems.map((problem) => nameRows(problem, ({ type, row }) => encodeId(type, row)));
}

/** Whether an error is temporary, such as an unreachable database. The client may send the same request again. */
export function isTemporary(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof TemporarilyUnavailable || isUnavailable(cause);
}

/** GraphQL gives no code to its own errors during execution, which say that a value does not fit its argument. They get BAD_USER_INPUT. */
function withCode(error: GraphQLError): GraphQLError {
  if (error.extensions.code !== undefined) return error;
  const { message, nodes, path } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    extensions: { ...error.extensions, code: 'BAD_USER_INPUT' },
  });
}

/** The error that was thrown. Undefined for an error of the operation itself. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? error.originalError : error;
}

/** The message and the extensions of one of our own errors. */
function describeCause(
  cause: unknown,
): { readonly message: string; readonly extensions: Record<string, unknown> } | null {
  if (cause instanceof BadInput)
    return { message: cause.message, extensions: { code: 'BAD_USER_INPUT', problems: problemsOf(cause) } };
  if (cause instanceof CursorInvalid) return { message: cause.message, extensions: { code: 'CURSOR_INVALID' } };
  if (cause instanceof CursorExpired) return { message: cause.message, extensions: { code: 'CURSOR_EXPIRED' } };
  if (cause instanceof TimedOut) return { message: cause.message, extensions: { code: 'TIMED_OUT' } };
  if (!isTemporary(cause)) return null;
  const { message } = new TemporarilyUnavailable();
  return { message, extensions: { code: 'TEMPORARILY_UNAVAILABLE', retryable: true } };
}
