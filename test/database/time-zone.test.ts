import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Database } from '../../src/database/handle.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLogger } from '../../src/logger.ts';
import { placeDatabase, type TestPlace } from '../support/database.ts';

let place: TestPlace;
let database: Database;

beforeAll(async () => {
  place = await placeDatabase('migrated');
  await using before = await open(place.databaseUrl);
  // A server in China may be set up like this. The embedded database applies the setting to all its databases.
  const name = new URL(place.databaseUrl ?? 'postgres://embedded/postgres').pathname.slice(1);
  const whole = place.databaseUrl === undefined ? 'system' : `database "${name}"`;
  await before.client.$executeRawUnsafe(`alter ${whole} set timezone = 'Asia/Shanghai'`);
});

beforeAll(async () => {
  database = await open(place.databaseUrl);
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

test('an instant comes back as it was written, and is the same instant to the database', async () => {
  const { apiKey } = database.client;
  const expiresAt = new Date('2026-01-13T17:30:00.123Z');
  const { id } = await apiKey.create({ data: { label: 'a', hash: 'a', expiresAt } });
  expect(await apiKey.findUniqueOrThrow({ where: { id } })).toMatchObject({ expiresAt });
  expect(await database.client.$queryRaw`select "expiresAt" from "ApiKey" where id = ${id}`).toEqual([{ expiresAt }]);
  const [row] = await database.client.$queryRaw<{ epoch: number }[]>`
    select extract(epoch from "expiresAt")::float8 as epoch from "ApiKey" where id = ${id}`;
  expect(row?.epoch).toBe(expiresAt.getTime() / 1_000);
});

test('instants are compared as instants', async () => {
  const expiresAt = new Date('2026-02-01T00:00:00.000Z');
  await database.client.$executeRaw`
    insert into "ApiKey" (label, hash, "expiresAt") values ('b', 'b', '2026-02-01 08:00:00+08'::timestamptz)`;
  expect(await database.client.apiKey.count({ where: { hash: 'b', expiresAt: { lte: expiresAt } } })).toBe(1);
  expect(await database.client.apiKey.count({ where: { hash: 'b', expiresAt: { lt: expiresAt } } })).toBe(0);
  expect(await database.client.apiKey.findUniqueOrThrow({ where: { hash: 'b' } })).toMatchObject({ expiresAt });
});

test('the database’s own timestamp is the present instant', async () => {
  await database.client.$executeRaw`insert into "ApiKey" (label, hash) values ('c', 'c')`;
  const { createdAt } = await database.client.apiKey.findUniqueOrThrow({ where: { hash: 'c' } });
  expect(Math.abs(createdAt.getTime() - Date.now())).toBeLessThan(60_000);
});

test('a day comes back as it was written', async () => {
  const publisher = await database.client.publisher.create({ data: { slug: 'gasgoo', name: 'Gasgoo', tier: 3 } });
  const publishedOn = new Date('2026-01-13');
  const data = { publisherId: publisher.id, title: 'An article', identity: 'article', publishedOn };
  const { id } = await database.client.source.create({ data });
  expect((await database.client.source.findUniqueOrThrow({ where: { id } })).publishedOn).toEqual(publishedOn);
  expect(await database.client.$queryRaw`select "publishedOn"::text as day from "Source"`).toEqual([
    { day: '2026-01-13' },
  ]);
});

if (inject('backend') === 'postgres') {
  test('the session is in UTC even when the address has its own options', async () => {
    const url = new URL(place.databaseUrl as string);
    url.searchParams.set('options', '-c statement_timeout=12345');
    await using withOptions = await open(url.href);
    const settings = await withOptions.client.$queryRaw`
      select current_setting('timezone') as zone, current_setting('statement_timeout') as timeout`;
    expect(settings).toEqual([{ zone: 'UTC', timeout: '12345ms' }]);
  });
}

function open(databaseUrl: string | undefined): Promise<Database> {
  return openDatabase({ databaseUrl, dataDir: place.dataDir, databaseConnections: 2 }, createLogger('silent'));
}
