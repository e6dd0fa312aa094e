import type { PrismaClient } from '../database/generated/client.ts';
import { findValidKey } from '../domain/api-key.ts';
import type { Viewer } from '../graphql/context.ts';

/** Whoever sends no key may read. */
const ANONYMOUS: Viewer = { keyId: null, canWrite: false };

/** The viewer of an Authorization header; null when the header names no valid key. */
export async function findViewer(db: PrismaClient, authorization: string | null | undefined): Promise<Viewer | null> {
  if (authorization == null || authorization === '') return ANONYMOUS;
  const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  const key = token === undefined ? null : await findValidKey(db, token);
  return key === null ? null : { keyId: key.id, canWrite: key.scopes.includes('WRITE') };
}
