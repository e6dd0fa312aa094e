import { createHash, randomBytes } from 'node:crypto';
import type { ApiKey, KeyScope, Prisma, PrismaClient } from '../../database/generated/client.ts';
import type { Db } from '../../database/handle.ts';

const PREFIX = 'mp_';
const ADMIN_LABEL = 'admin';
const CONFIGURED_LABEL = 'MILEPOST_ADMIN_KEY';
const ADMIN_SCOPES: readonly KeyScope[] = ['READ', 'WRITE', 'ADMIN'];

/** The stored hash of a key. Keys are random and long, so a plain SHA-256 cannot be reversed by guessing. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The row of each valid key, in the order of the keys; null for a key that is unknown, revoked or expired. */
export async function findValidKeys(db: Db, keys: readonly string[]): Promise<readonly (ApiKey | null)[]> {
  const hashes = keys.map(hashKey);
  const valid = await db.apiKey.findMany({ where: { hash: { in: [...new Set(hashes)] }, ...isValid() } });
  const byHash = new Map(valid.map((row) => [row.hash, row]));
  return hashes.map((hash) => byHash.get(hash) ?? null);
}

/** The ids of keys that were revoked, have expired, or do not exist. */
export async function findInvalidKeys(db: Db, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const valid = await db.apiKey.findMany({ where: { id: { in: [...ids] }, ...isValid() }, select: { id: true } });
  const still = new Set(valid.map(({ id }) => id));
  return new Set(ids.filter((id) => !still.has(id)));
}

/** Neither revoked nor expired. */
function isValid(): Prisma.ApiKeyWhereInput {
  return { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] };
}

/** Creates a key, and returns it with its row. The key cannot be read again. */
export async function createApiKey(
  db: Db,
  { label, scopes, expiresAt }: Pick<ApiKey, 'label' | 'expiresAt'> & { readonly scopes: readonly KeyScope[] },
): Promise<{ readonly key: string; readonly row: ApiKey }> {
  const key = PREFIX + randomBytes(24).toString('base64url');
  const row = await db.apiKey.create({ data: { hash: hashKey(key), label, scopes: [...scopes], expiresAt } });
  return { key, row };
}

/** All keys, the oldest first. */
export function listApiKeys(db: Db): Promise<ApiKey[]> {
  return db.apiKey.findMany({ orderBy: { id: 'asc' } });
}

/** Revokes a key; false if there is no valid key with this number. */
export async function revokeApiKey(db: Db, id: number): Promise<boolean> {
  const { count } = await db.apiKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date() } });
  return count > 0;
}

/**
 * Ensures that there is an admin key. A configured key replaces all formerly configured ones; without one the very first start creates a
 * random key.
 * Returns the random key, which cannot be read again, or null if there is nothing to show.
 */
export async function ensureAdminKey(db: PrismaClient, configured: string | undefined): Promise<string | null> {
  if (configured !== undefined) {
    const hash = hashKey(configured);
    // Two instances may start at once with the same key.
    await db.apiKey.createMany({
      data: [{ hash, label: CONFIGURED_LABEL, scopes: [...ADMIN_SCOPES] }],
      skipDuplicates: true,
    });
    await db.apiKey.updateMany({ where: { hash }, data: { revokedAt: null } });
    await db.apiKey.updateMany({
      where: { label: CONFIGURED_LABEL, hash: { not: hash }, revokedAt: null },
      data: { revokedAt: new Date() },
    });
    return null;
  }
  if ((await db.apiKey.count()) > 0) return null;
  return (await createApiKey(db, { label: ADMIN_LABEL, scopes: ADMIN_SCOPES, expiresAt: null })).key;
}

/** Whether a key has the scope admin. */
export async function isAdminKey(db: Db, id: number): Promise<boolean> {
  const row = await db.apiKey.findUnique({ where: { id }, select: { scopes: true } });
  return row?.scopes.includes('ADMIN') === true;
}
