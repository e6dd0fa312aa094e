import type { PrismaClient } from '../database/generated/client.ts';
import { findValidKeys } from '../domain/api-key.ts';
import type { Viewer } from '../graphql/context.ts';
import { shareQuestions } from './share-questions.ts';

/** Whoever sends no key may read. */
const ANONYMOUS: Viewer = { keyId: null, canWrite: false };

/** The viewer of an Authorization header; null when the header names no valid key. */
export type FindViewer = (authorization: string | null | undefined) => Promise<Viewer | null>;

/** Looks keys up in the database each time, so that a revoked one is turned down at once; thousands of clients come back together, most of them with the same key. */
export function createViewerFinder(db: PrismaClient): FindViewer {
  const findKey = shareQuestions((tokens: readonly string[]) => findValidKeys(db, tokens));
  return async (authorization) => {
    if (authorization == null || authorization === '') return ANONYMOUS;
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    const key = token === undefined ? null : await findKey(token);
    return key === null ? null : { keyId: key.id, canWrite: key.scopes.includes('WRITE') };
  };
}
