import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ProductOptions, runProduct } from '../support/product.ts';

/** A folder that must stay empty. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'milepost-refused-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, Partial<ProductOptions>, RegExp]>([
  ['too short an admin key', { adminKey: 'short' }, /^MILEPOST_ADMIN_KEY is "…"; allowed is 32 to 256 /m],
  ['an invalid port', { environment: { PORT: 'http' } }, /^PORT is "http"; allowed is a port number/m],
  [
    'an address of another kind',
    { environment: { DATABASE_URL: 'mysql://localhost/x' } },
    /^DATABASE_URL is "…"; allowed is an address that begins with postgres:/m,
  ],
  [
    'a server that is not there',
    { environment: { DATABASE_URL: 'postgres://user:secret@localhost:1/x' } },
    /DATABASE_URL cannot be reached: .*ECONNREFUSED.*\. Start it, or correct DATABASE_URL\.$/m,
  ],
  [
    'an address that this machine does not have',
    { environment: { HOST: '203.0.113.1' } },
    /^The server cannot listen at the PORT 0 of the HOST 203\.0\.113\.1: .*EADDRNOTAVAIL.*\. Choose another HOST\.$/m,
  ],
  [
    'a variable that there is not',
    { environment: { MILEPOST_LOGKEEP: '30' } },
    /^MILEPOST_LOGKEEP is not known; did you mean MILEPOST_LOG_KEEP\?$/m,
  ],
  [
    'a manifest that is not there',
    { environment: { MILEPOST_TRUSTED_DOCUMENTS: 'none.json' } },
    /^MILEPOST_TRUSTED_DOCUMENTS is "none\.json", which cannot be used:\nENOENT: /m,
  ],
  ['two mistakes at once', { environment: { PORT: '-1', LOG_LEVEL: 'loud' } }, /^PORT is .*\nLOG_LEVEL is /m],
])('it refuses to start with %s, and says what to change', async (_what, options, message) => {
  await using refused = runProduct({ place: { databaseUrl: undefined, dataDir: join(folder, 'data') }, ...options });
  expect(await refused.ended).toEqual({ code: 1, signal: null });
  expect(refused.stderr).toMatch(message);
  expect(refused.stderr).not.toMatch(/secret|short/);
  expect(refused.stderr).not.toMatch(/^ +at /m);
  expect(refused.stdout).toBe('');
  expect(await readdir(folder)).toEqual([]);
});
