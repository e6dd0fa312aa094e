import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { ErrorPolicy } from '../execution/payload.ts';
import { describeError, isTemporary } from '../graphql/errors.ts';
import type { Logger } from '../logger.ts';

/** One line about pushes that wait says enough for so long: everything that is pushed may be waiting. */
const QUIET_MS = 10_000;

/** Our own errors go out as they are; of others the client learns an id, and the log everything else. */
export function createErrorPolicy(logger: Logger): ErrorPolicy {
  let quietUntil = 0;
  return {
    describe: describeError,
    isTemporary,
    mask: (error) => describeError(error) ?? maskUnexpected(error, logger),
    noteDelay: (error) => {
      if (performance.now() < quietUntil) return;
      quietUntil = performance.now() + QUIET_MS;
      logger.warn({ err: causeOf(error) }, 'what is to be pushed cannot be read right now; it waits');
    },
  };
}

function maskUnexpected(error: unknown, logger: Logger): GraphQLError {
  const requestId = randomUUID();
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
