import { createHash, randomBytes } from 'node:crypto';
import type { ApiKey, KeyScope, Prisma, PrismaClient } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';
import { scopesWithin } from './scopes.ts';

const PREFIX = 'mp_';
/** 192 bits: whoever guesses keys finds none, so it may be told what is the matter with one that there is. */
const KEY_BYTES = 24;
const ADMIN_LABEL = 'admin';
const CONFIGURED_LABEL = 'MILEPOST_ADMIN_KEY';
const ADMIN_SCOPES = scopesWithin('ADMIN');

/** Whether a key can be used, or why it cannot. */
export type KeyState = 'VALID' | 'REVOKED' | 'EXPIRED';

/** The state of a key at an instant. */
export function stateOfKey({ revokedAt, expiresAt }: Pick<ApiKey, 'revokedAt' | 'expiresAt'>, at: Date): KeyState {
  if (revokedAt !== null) return 'REVOKED';
  return expiresAt !== null && expiresAt <= at ? 'EXPIRED' : 'VALID';
}

/** The stored hash of a key. Keys are random and long, so a plain SHA-256 cannot be reversed by guessing. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The row of each key, in the order of the keys; null for a key that is not known. */
export async function findKeys(db: Db, keys: readonly string[]): Promise<readonly (ApiKey | null)[]> {
  const hashes = keys.map(hashKey);
  const rows = await db.apiKey.findMany({ where: { hash: { in: [...new Set(hashes)] } } });
  const byHash = new Map(rows.map((row) => [row.hash, row]));
  return hashes.map((hash) => byHash.get(hash) ?? null);
}

/** The row of each key by its id, in the order of the ids; null for one that is not there. */
export async function findKeysById(db: Db, ids: readonly number[]): Promise<readonly (ApiKey | null)[]> {
  const rows = await db.apiKey.findMany({ where: { id: { in: [...new Set(ids)] } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** The condition for keys that are in a state at an instant. */
export function isInState(state: KeyState, at: Date): Prisma.ApiKeyWhereInput {
  switch (state) {
    case 'REVOKED':
      return { revokedAt: { not: null } };
    case 'EXPIRED':
      return { revokedAt: null, expiresAt: { lte: at } };
    case 'VALID':
      return { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: at } }] };
  }
}

/** A new key, which cannot be read again, and its row. */
export interface NewKey {
  readonly key: string;
  readonly row: ApiKey;
}

/** Creates a key, and returns it with its row. */
export async function createApiKey(
  db: Db,
  { label, scopes, expiresAt }: Pick<ApiKey, 'label' | 'expiresAt'> & { readonly scopes: readonly KeyScope[] },
): Promise<NewKey> {
  const key = PREFIX + randomBytes(KEY_BYTES).toString('base64url');
  const row = await db.apiKey.create({ data: { hash: hashKey(key), label, scopes: [...scopes], expiresAt } });
  return { key, row };
}

/** Revokes a key, and returns its row; null if there is no key with this number that is not revoked yet. */
export async function revokeApiKey(db: Db, id: number): Promise<ApiKey | null> {
  const { count } = await db.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
  return count === 0 ? null : db.apiKey.findUnique({ where: { id } });
}

/** Notes that keys are in use now, except those that were noted less than this many milliseconds ago. */
export async function noteKeyUse(db: Db, ids: readonly number[], atMostEveryMs: number): Promise<void> {
  const now = new Date();
  const before = new Date(now.getTime() - atMostEveryMs);
  await db.$executeRaw`
    /* noteKeyUse */
    update "ApiKey" set "lastUsedAt" = ${now}
     where id = any(${[...ids]}::int[]) and ("lastUsedAt" is null or "lastUsedAt" < ${before})`;
}

/**
 * Ensures that there is an admin key. The configured key is valid, without an end, whatever it was before, and replaces the ones that were
 * configured before it; without one the very first start creates a random key.
 * Returns the random key, which cannot be read again, or null if there is nothing to show.
 */
export async function ensureAdminKey(db: PrismaClient, configured: string | undefined): Promise<string | null> {
  if (configured !== undefined) {
    await configureKey(db, hashKey(configured));
    return null;
  }
  if ((await db.apiKey.count()) > 0) return null;
  return (await createApiKey(db, { label: ADMIN_LABEL, scopes: ADMIN_SCOPES, expiresAt: null })).key;
}

async function configureKey(db: PrismaClient, hash: string): Promise<void> {
  const admin = { scopes: [...ADMIN_SCOPES], expiresAt: null, revokedAt: null, isConfigured: true };
  // Two instances may start at once with the same key.
  await db.apiKey.createMany({ data: [{ hash, label: CONFIGURED_LABEL, ...admin }], skipDuplicates: true });
  await db.apiKey.updateMany({ where: { hash }, data: admin });
  const replaced = { isConfigured: true, hash: { not: hash }, revokedAt: null };
  await db.apiKey.updateMany({ where: replaced, data: { revokedAt: new Date() } });
}
