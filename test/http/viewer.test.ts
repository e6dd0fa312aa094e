import { beforeAll, expect, test, vi } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { createApiKey, revokeApiKey } from '../../src/domain/keys/api-key.ts';
import { createViewerFinder, type FindViewer } from '../../src/http/viewer.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';

const READER = { label: 'reader', scopes: ['READ'], expiresAt: null } as const;
const WRITER = { label: 'writer', scopes: ['READ', 'WRITE'], expiresAt: null } as const;

let place: TestDatabase;
let findViewer: FindViewer;
const noteUse = vi.fn();
/** How often the database was asked for keys. */
let asked = 0;

beforeAll(async () => {
  place = await openTestDatabase();
  findViewer = createViewerFinder(countKeyQueries(place.database.client), { readsNeedKey: false, noteUse });
  return () => place[Symbol.asyncDispose]();
});

test('a thousand concurrent requests with one key, and one with another, cost one query, and each gets its own viewer', async () => {
  const { client } = place.database;
  const [reader, writer] = [await createApiKey(client, READER), await createApiKey(client, WRITER)];
  const before = asked;
  const headers = [...Array<string>(1_000).fill(reader.key), writer.key].map((key) => `Bearer ${key}`);
  const viewers = await Promise.all([...headers, 'Bearer unknown', ''].map(findViewer));
  expect(asked - before).toBe(1);
  expect(viewers).toEqual([
    ...Array(1_000).fill({ keyId: reader.row.id, scope: 'READ' }),
    { keyId: writer.row.id, scope: 'WRITE' },
    expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED', reason: 'KEY_UNKNOWN' } }),
    { keyId: null, scope: 'READ' },
  ]);
  expect(new Set(noteUse.mock.calls.flat())).toEqual(new Set([reader.row.id, writer.row.id]));
});

test('a key is looked up for each request, so that a revoked one is refused at once', async () => {
  const { key, row } = await createApiKey(place.database.client, READER);
  expect(await findViewer(`Bearer ${key}`)).toEqual({ keyId: row.id, scope: 'READ' });
  await revokeApiKey(place.database.client, row.id);
  expect(await findViewer(`Bearer ${key}`)).toMatchObject({ extensions: { reason: 'KEY_REVOKED' } });
});

function countKeyQueries(client: PrismaClient): PrismaClient {
  const counted = client.$extends({
    query: {
      apiKey: {
        findMany: ({ args, query }) => {
          asked += 1;
          return query(args);
        },
      },
    },
  });
  return counted as unknown as PrismaClient;
}
