import { expect, test } from 'vitest';
import { readLogState } from '../../src/changes/log.ts';
import { freshDatabase, openSeededDatabase, openTestDatabase } from '../support/database.ts';

test('every test database has a change log of its own name', async () => {
  await using one = await openTestDatabase();
  await using other = await openTestDatabase();
  const [first, second] = await Promise.all([readLogState(one.database.client), readLogState(other.database.client)]);
  expect(first.log).toMatch(/^[0-9a-f]{16}$/);
  expect(first.log).not.toBe(second.log);
  expect(first.head).toBe(0n);
});

test('the seeded database has the seed', async () => {
  await using one = await openSeededDatabase();
  expect(await one.database.client.subject.count()).toBeGreaterThan(10);
});

test('the fresh database is empty', async () => {
  await using one = await freshDatabase();
  const rows = await one.database.client.$queryRaw<unknown[]>`select 1 from pg_tables where schemaname = 'public'`;
  expect(rows).toEqual([]);
});
