import { GraphQLError } from 'graphql';
import type { PrismaClient } from '../database/generated/client.ts';
import { findValidKeys } from '../domain/api-key.ts';
import { untilAvailable } from '../execution/patience.ts';
import type { Viewer } from '../graphql/context.ts';
import { isTemporary } from '../graphql/errors.ts';
import { shareQuestions } from './share-questions.ts';

/** How a key is written in the header. */
const BEARER = /^Bearer +(\S+)$/i;
/** Whoever sends no key may read. */
const ANONYMOUS: Viewer = { keyId: null, canWrite: false };

/** The viewer of an Authorization header; null when the header names no valid key. */
export type FindViewer = (authorization: string | null | undefined) => Promise<Viewer | null>;

/** Looks keys up in the database each time, so that a revoked one is turned down at once; thousands of clients come back together, most of them with the same key. */
export function createViewerFinder(db: PrismaClient): FindViewer {
  const findKey = shareQuestions((tokens: readonly string[]) => findValidKeys(db, tokens));
  return async (authorization) => {
    if (authorization == null || authorization === '') return ANONYMOUS;
    const [, token] = BEARER.exec(authorization) ?? [];
    const key = token === undefined ? null : await findKey(token);
    return key === null ? null : { keyId: key.id, canWrite: key.scopes.includes('WRITE') };
  };
}

/** As findViewer, for whoever comes to stay: in the midst of trouble that passes it waits up to 10 s, then throws TemporarilyUnavailable. */
export function findViewerPatiently(
  findViewer: FindViewer,
  authorization: string | null | undefined,
): Promise<Viewer | null> {
  return untilAvailable(() => findViewer(authorization), isTemporary);
}

/** The error of an Authorization header that names no valid key. */
export function refuseKey(authorization: string | undefined): GraphQLError {
  const message = BEARER.test(authorization ?? '')
    ? 'The key is not known, was revoked, or has expired.'
    : 'The Authorization header has no key as it is sent here: "Authorization: Bearer <key>", with the word Bearer before the key.';
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } });
}
