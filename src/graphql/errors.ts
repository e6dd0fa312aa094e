import { GraphQLError } from 'graphql';
import { isUnavailable } from '../database/unavailable.ts';
import { BadInput, CursorExpired, CursorInvalid, TemporarilyUnavailable } from '../errors.ts';
import type { Viewer } from './context.ts';

/** The error of a write without a key that allows it; tells a missing key from one without the scope. */
export function refuseWrite(viewer: Viewer): GraphQLError {
  return viewer.keyId === null
    ? new GraphQLError('Writing needs a key: send it as "Authorization: Bearer …".', {
        extensions: { code: 'UNAUTHENTICATED' },
      })
    : new GraphQLError('This key does not have the scope "write".', { extensions: { code: 'FORBIDDEN' } });
}

/** The error of an operation that asks for more than one may; the message names what, how much and the limit. */
export function refuseCost(
  kind: string,
  cost: {
    readonly depth: number;
    readonly breadth: number;
    readonly complexity: number;
    readonly maxDepth?: number;
    readonly maxBreadth?: number;
    readonly maxComplexity?: number;
  },
): GraphQLError {
  const [what, is, most] =
    kind === 'Depth'
      ? ['levels deep', cost.depth, cost.maxDepth]
      : kind === 'Breadth'
        ? ['fields wide', cost.breadth, cost.maxBreadth]
        : ['fields in cost', cost.complexity, cost.maxComplexity];
  return new GraphQLError(`The operation is ${is} ${what}; at most ${most} are allowed. Ask for less at once.`, {
    extensions: { code: 'TOO_COSTLY' },
  });
}

/** Our own errors as the API shows them, with a code; null for an error that nobody expected. */
export function describeError(error: unknown): GraphQLError | null {
  const cause = causeOf(error);
  if (cause === undefined) return withCode(error as GraphQLError);
  const extensions = extensionsOf(cause);
  if (extensions === null) return cause instanceof GraphQLError ? withCode(error as GraphQLError) : null;
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  const { message } = isTemporary(cause) ? new TemporarilyUnavailable() : (cause as Error);
  return new GraphQLError(message, { ...place, extensions });
}

/** Whether an error passes by itself, as when the database is away: the same may be tried again, unchanged. */
export function isTemporary(error: unknown): boolean {
  const cause = causeOf(error);
  return cause instanceof TemporarilyUnavailable || isUnavailable(cause);
}

/** What GraphQL itself finds wrong while it executes has no code: that the values sent do not fit the arguments. */
function withCode(error: GraphQLError): GraphQLError {
  if (error.extensions.code !== undefined) return error;
  const { message, nodes, path } = error;
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    path: path ?? null,
    extensions: { ...error.extensions, code: 'BAD_USER_INPUT' },
  });
}

/** What was thrown; undefined for an error of the operation itself. */
function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? error.originalError : error;
}

function extensionsOf(error: unknown): Record<string, unknown> | null {
  if (error instanceof BadInput) return { code: 'BAD_USER_INPUT', problems: error.problems };
  if (error instanceof CursorInvalid) return { code: 'CURSOR_INVALID' };
  if (error instanceof CursorExpired) return { code: 'CURSOR_EXPIRED' };
  if (isTemporary(error)) return { code: 'TEMPORARILY_UNAVAILABLE', retryable: true };
  return null;
}
