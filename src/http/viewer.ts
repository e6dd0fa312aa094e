import { GraphQLError } from 'graphql';
import type { ApiKey, PrismaClient } from '../database/generated/client.ts';
import { findKeys, findKeysById, stateOfKey } from '../domain/keys/api-key.ts';
import { highestScope } from '../domain/keys/scopes.ts';
import { retryUntilAvailable } from '../execution/backoff.ts';
import type { Viewer } from '../graphql/context.ts';
import { isTemporary } from '../graphql/errors.ts';
import { batchLookups } from './batch-lookups.ts';

/** The format of a key in the header. */
const BEARER = /^Bearer +(\S+)$/i;
/** A key alone. */
const ONE_WORD = /^\s*(?!Bearer\s*$)\S+\s*$/i;
/** Clients without a key may read, unless the server is read with a key. */
export const ANONYMOUS: Viewer = { keyId: null, scope: 'READ' };

/** Why a client is refused before anything is done for it, for programs. */
type Reason = 'KEY_MISSING' | 'KEY_MALFORMED' | 'KEY_UNKNOWN' | 'KEY_REVOKED' | 'KEY_EXPIRED';

/** The viewer of an Authorization header; the error UNAUTHENTICATED if it has no valid key. */
export type FindViewer = (authorization: string | null | undefined) => Promise<Viewer | GraphQLError>;

export interface ViewerOptions {
  /** Whether also reading needs a key. */
  readonly readsNeedKey: boolean;
  /** Takes the id of each key that is used. */
  readonly noteUse: (keyId: number) => void;
}

/**
 * Looks keys up in the database each time, so that a revoked key is refused at once. Lookups are shared: thousands of clients reconnect
 * together, most of them with the same key.
 * A client is told what is wrong with its key. That helps nobody who guesses: a key is 192 random bits, so whoever has one that was revoked
 * was given it.
 */
export function createViewerFinder(db: PrismaClient, { readsNeedKey, noteUse }: ViewerOptions): FindViewer {
  const findKey = batchLookups((tokens: readonly string[]) => findKeys(db, tokens));
  return async (authorization) => {
    if (authorization == null || authorization === '') return readsNeedKey ? refuseAnonymous() : ANONYMOUS;
    const [, token] = BEARER.exec(authorization) ?? [];
    if (token === undefined) return refuseForm(authorization);
    const key = await findKey(token);
    if (key === null) return refuseUnknown();
    if (stateOfKey(key, new Date()) !== 'VALID') return refuseEnded(key);
    noteUse(key.id);
    return { keyId: key.id, scope: highestScope(key.scopes) };
  };
}

/** The error UNAUTHENTICATED if the key of a viewer is not valid any more, else null. */
export type RecheckViewer = (viewer: Viewer) => Promise<GraphQLError | null>;

/** Looks the key of a client up again that was identified when it connected. */
export function createViewerRecheck(db: PrismaClient): RecheckViewer {
  const findKey = batchLookups((ids: readonly number[]) => findKeysById(db, ids));
  return async ({ keyId }) => {
    if (keyId === null) return null;
    const key = await findKey(keyId);
    if (key === null) return refuseUnknown();
    return stateOfKey(key, new Date()) === 'VALID' ? null : refuseEnded(key);
  };
}

/** Why keys are not valid any more, by their ids; of a key that is valid, nothing. */
export async function reasonsOf(db: PrismaClient, ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const keys = await findKeysById(db, ids);
  const reasons = new Map<number, string>();
  for (const [index, id] of ids.entries()) {
    const key = keys[index] ?? null;
    if (key === null) reasons.set(id, refuseUnknown().message);
    else if (stateOfKey(key, new Date()) !== 'VALID') reasons.set(id, refuseEnded(key).message);
  }
  return reasons;
}

/** As findViewer, for long-lived connections: during an outage it waits up to 10 s, then throws TemporarilyUnavailable. */
export function findViewerWithRetries(
  findViewer: FindViewer,
  authorization: string | null | undefined,
): Promise<Viewer | GraphQLError> {
  return retryUntilAvailable(() => findViewer(authorization), isTemporary);
}

/** Whether a client was refused because it has sent no key at all, so that it need not try again as it is. */
export function isWithoutKey({ extensions }: GraphQLError): boolean {
  return extensions.reason === ('KEY_MISSING' satisfies Reason);
}

function refuseAnonymous(): GraphQLError {
  return refuse('KEY_MISSING', 'Reading from this server needs a key: send it as "Authorization: Bearer <key>".');
}

function refuseUnknown(): GraphQLError {
  return refuse('KEY_UNKNOWN', 'The key is not known. See that all of it was copied, and from this server.');
}

function refuseForm(authorization: string): GraphQLError {
  return refuse(
    'KEY_MALFORMED',
    ONE_WORD.test(authorization)
      ? 'The word Bearer is missing before the key: send it as "Authorization: Bearer <key>".'
      : 'The Authorization header has no key in the expected form: "Authorization: Bearer <key>".',
  );
}

function refuseEnded({ revokedAt, expiresAt }: ApiKey): GraphQLError {
  return revokedAt === null
    ? refuse('KEY_EXPIRED', `The key expired at ${expiresAt?.toISOString()}. Ask for a new one.`)
    : refuse('KEY_REVOKED', `The key was revoked at ${revokedAt.toISOString()}. Ask for a new one.`);
}

/** The messages are also the reasons of closed sockets, which have at most 123 bytes. */
function refuse(reason: Reason, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED', reason } });
}
