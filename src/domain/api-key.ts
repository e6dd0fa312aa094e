import { createHash, randomBytes } from 'node:crypto';
import type { ApiKey, KeyScope, PrismaClient } from '../database/generated/client.ts';
import type { Db } from '../database/handle.ts';

const PREFIX = 'mp_';
const ADMIN_LABEL = 'admin';
const ADMIN_SCOPES: readonly KeyScope[] = ['READ', 'WRITE', 'ADMIN'];

/** The hash under which a key is kept. Keys are random and long, so a plain SHA-256 cannot be tried backwards. */
export function hashKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** The key's row when it is known, not revoked and not expired; else null. */
export async function findValidKey(db: Db, key: string): Promise<ApiKey | null> {
  const found = await db.apiKey.findUnique({ where: { hash: hashKey(key) } });
  if (found === null || found.revokedAt !== null) return null;
  return found.expiresAt !== null && found.expiresAt <= new Date() ? null : found;
}

/** Of the keys those that were revoked, have expired, or are gone. */
export async function findInvalidKeys(db: Db, ids: readonly number[]): Promise<ReadonlySet<number>> {
  const valid = await db.apiKey.findMany({
    where: { id: { in: [...ids] }, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }] },
    select: { id: true },
  });
  const still = new Set(valid.map(({ id }) => id));
  return new Set(ids.filter((id) => !still.has(id)));
}

/**
 * Makes sure that there is an admin key: the configured one, or on the very first start a random one.
 * Returns the random one, which nobody can read again, or null when nothing is to be shown.
 */
export async function ensureAdminKey(db: PrismaClient, configured: string | undefined): Promise<string | null> {
  if (configured !== undefined) {
    await createKey(db, configured, ADMIN_LABEL);
    return null;
  }
  if ((await db.apiKey.count()) > 0) return null;
  const key = PREFIX + randomBytes(24).toString('base64url');
  await createKey(db, key, ADMIN_LABEL);
  return key;
}

async function createKey(db: PrismaClient, key: string, label: string): Promise<void> {
  // Two instances that start at once with the same key are not in each other's way.
  await db.apiKey.createMany({
    data: [{ hash: hashKey(key), label, scopes: [...ADMIN_SCOPES] }],
    skipDuplicates: true,
  });
}
