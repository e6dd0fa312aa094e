import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { rootMessageOf } from '../errors.ts';
import type { ErrorPolicy } from '../execution/payload.ts';
import { describeError, isTemporary } from '../graphql/errors.ts';
import type { Logger } from '../logger.ts';

/** One line about what passes by itself says enough for so long: every request, and everything that is pushed, may meet it. */
const SAID_FOR_MS = 10_000;

/** Our own errors go out as they are; of others the client learns an id, and the log everything else. The log is told of what passes by itself as well, now and then. */
export function createErrorPolicy(logger: Logger): ErrorPolicy {
  const noteRefusal = nowAndThen((reason) =>
    logger.warn({ reason }, 'requests are refused for now, and told to be sent again'),
  );
  const noteDelay = nowAndThen((reason) =>
    logger.warn({ reason }, 'what is to be pushed cannot be read right now; it waits'),
  );
  return {
    describe: describeError,
    isTemporary,
    mask: (error) => {
      if (isTemporary(error)) noteRefusal(error);
      return describeError(error) ?? maskUnexpected(error, logger);
    },
    noteDelay,
  };
}

function nowAndThen(say: (reason: string) => void): (error: unknown) => void {
  let saidUntil = 0;
  return (error) => {
    if (performance.now() < saidUntil) return;
    saidUntil = performance.now() + SAID_FOR_MS;
    say(rootMessageOf(causeOf(error)));
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
