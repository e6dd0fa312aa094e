import { GraphQLError } from 'graphql';
import { BadInput, CursorExpired, CursorInvalid, SlowConsumer } from '../errors.ts';
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
    extensions: { code: 'TOO_COSTLY', http: { status: 400 } },
  });
}

/** Our own errors as the API shows them, with a code; null for an error that nobody expected. */
export function describeError(error: unknown): GraphQLError | null {
  const cause = error instanceof GraphQLError ? error.originalError : error;
  if (cause === undefined) return error as GraphQLError;
  const extensions = extensionsOf(cause);
  if (extensions === null) return cause instanceof GraphQLError ? (error as GraphQLError) : null;
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  return new GraphQLError((cause as Error).message, { ...place, extensions });
}

function extensionsOf(error: unknown): Record<string, unknown> | null {
  if (error instanceof BadInput) return { code: 'BAD_USER_INPUT', problems: error.problems };
  if (error instanceof CursorInvalid) return { code: 'CURSOR_INVALID' };
  if (error instanceof CursorExpired) return { code: 'CURSOR_EXPIRED' };
  if (error instanceof SlowConsumer) return { code: 'SLOW_CONSUMER', lastCursor: error.lastCursor };
  return null;
}
