import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { ErrorPolicy } from '../execution/payload.ts';
import { describeError, isTemporary } from '../graphql/errors.ts';
import type { Logger } from '../logger.ts';

/** One line about what passes by itself says enough for so long: every request may meet it. */
const SAID_FOR_MS = 10_000;

/** Our own errors go out as they are; of others the client learns an id, and the log everything else. The log is told of what passes by itself as well, now and then. */
export function createErrorPolicy(logger: Logger): ErrorPolicy {
  let saidUntil = 0;
  const noteTemporary = (error: unknown): void => {
    if (!isTemporary(error) || performance.now() < saidUntil) return;
    saidUntil = performance.now() + SAID_FOR_MS;
    const err = error instanceof GraphQLError ? error.originalError : error;
    logger.warn({ err }, 'requests are refused for now, and told to be sent again');
  };
  return {
    describe: describeError,
    isTemporary,
    mask: (error) => {
      noteTemporary(error);
      return describeError(error) ?? maskUnexpected(error, logger);
    },
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
