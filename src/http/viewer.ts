import { GraphQLError } from 'graphql';
import type { PrismaClient } from '../database/generated/client.ts';
import { findValidKeys } from '../domain/keys/api-key.ts';
import { retryUntilAvailable } from '../execution/backoff.ts';
import type { Viewer } from '../graphql/context.ts';
import { isTemporary } from '../graphql/errors.ts';
import { batchLookups } from './batch-lookups.ts';

/** The format of a key in the header. */
const BEARER = /^Bearer +(\S+)$/i;
/** Clients without a key may read. */
export const ANONYMOUS: Viewer = { keyId: null, canWrite: false };

/** The viewer of an Authorization header; null when the header has no valid key. */
export type FindViewer = (authorization: string | null | undefined) => Promise<Viewer | null>;

/**
 * Looks keys up in the database each time, so that a revoked key is refused at once. Lookups are shared: thousands of clients reconnect
 * together, most of them with the same key.
 */
export function createViewerFinder(db: PrismaClient): FindViewer {
  const findKey = batchLookups((tokens: readonly string[]) => findValidKeys(db, tokens));
  return async (authorization) => {
    if (authorization == null || authorization === '') return ANONYMOUS;
    const [, token] = BEARER.exec(authorization) ?? [];
    const key = token === undefined ? null : await findKey(token);
    return key === null ? null : { keyId: key.id, canWrite: key.scopes.includes('WRITE') };
  };
}

/** As findViewer, for long-lived connections: during an outage it waits up to 10 s, then throws TemporarilyUnavailable. */
export function findViewerWithRetries(
  findViewer: FindViewer,
  authorization: string | null | undefined,
): Promise<Viewer | null> {
  return retryUntilAvailable(() => findViewer(authorization), isTemporary);
}

/** The error for an Authorization header without a valid key. */
export function refuseKey(authorization: string | undefined): GraphQLError {
  const message = BEARER.test(authorization ?? '')
    ? 'The key is not known, was revoked, or has expired.'
    : 'The Authorization header has no key in the expected form: "Authorization: Bearer <key>".';
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });
}
