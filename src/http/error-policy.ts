import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { rootMessageOf } from '../errors.ts';
import type { ErrorPolicy } from '../execution/payload.ts';
import { describeError, isTemporary } from '../graphql/errors.ts';
import type { Logger } from '../logger.ts';

/** Interval between two log lines about temporary errors: every request and every push may meet the same one. */
const LOG_INTERVAL_MS = 10_000;

/**
 * Shows our own errors as they are. For any other error the client gets an id, and the log gets everything else. Temporary errors are
 * logged now and then.
 */
export function createErrorPolicy(logger: Logger): ErrorPolicy {
  const noteRefusal = rateLimited((reason) =>
    logger.warn({ reason }, 'requests are refused for now; clients are told to try again'),
  );
  const noteDelay = rateLimited((reason) =>
    logger.warn({ reason }, 'pushes wait because the database cannot be read right now'),
  );
  return {
    describe: describeError,
    isTemporary,
    mask: (error, requestId) => {
      if (isTemporary(error)) noteRefusal(error);
      return describeError(error) ?? maskUnexpected(error, logger, requestId);
    },
    noteDelay,
  };
}

function rateLimited(log: (reason: string) => void): (error: unknown) => void {
  let silentUntil = 0;
  return (error) => {
    if (performance.now() < silentUntil) return;
    silentUntil = performance.now() + LOG_INTERVAL_MS;
    log(rootMessageOf(causeOf(error)));
  };
}

function maskUnexpected(error: unknown, logger: Logger, requestId: string = randomUUID()): GraphQLError {
  logger.error({ err: causeOf(error), requestId }, 'unexpected error');
  const place = error instanceof GraphQLError ? { nodes: error.nodes ?? null, path: error.path ?? null } : {};
  return new GraphQLError(`Something went wrong on our side. It is logged under ${requestId}.`, {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  });
}

function causeOf(error: unknown): unknown {
  return error instanceof GraphQLError ? (error.originalError ?? error) : error;
}
