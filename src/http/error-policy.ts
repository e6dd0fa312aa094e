import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { ErrorPolicy } from '../execution/payload.ts';
import { describeError, isTemporary } from '../graphql/errors.ts';
import type { Logger } from '../logger.ts';

/** Our own errors go out as they are; of others the client learns an id, and the log everything else. */
export function createErrorPolicy(logger: Logger): ErrorPolicy {
  return {
    describe: describeError,
    isTemporary,
    mask: (error) => describeError(error) ?? maskUnexpected(error, logger),
  };
}

function maskUnexpected(error: unknown, logger: Logger): GraphQLError {
  const requestId = randomUUID();
  logger.error(
    { err: error instanceof GraphQLError ? (error.originalError ?? error) : error, requestId },
    'unexpected error',
  );
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  return new GraphQLError(`Something went wrong on our side. It is logged under ${requestId}.`, {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  });
}
