import { expect, test } from 'vitest';
import type { Database } from '../../src/database/handle.ts';
import { boundClients } from '../../src/http/clients.ts';
import { countInDatabase } from '../../src/http/shared-store.ts';
import { present } from '../../src/required.ts';
import { openTestDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';

test('instances on one database count together what a client spends', async () => {
  await using place = await openTestDatabase();
  const [one, other] = [clientOn(place.database), clientOn(place.database)];
  one.pay(400);
  await until('it is counted', async () => (await place.database.client.budget.count()) === 1);
  other.pay(400);
  await until('the other knows of both', () => other.headers.ratelimit?.startsWith('"cost";r=200;') === true);
  one.pay(200);
  await until('one knows of all', () => one.refuse() !== null);
  other.pay(100);
  await until('so does the other', () => other.refuse() !== null);
});

test('a client is served while the database is away', async () => {
  await using place = await openTestDatabase();
  await place.database.client.$executeRaw`alter table "Budget" rename to "Away"`;
  const client = clientOn(place.database);
  expect(client.pay(400)).toBe(0);
  expect(client.refuse()).toBeNull();
  expect(client.pay(700)).toBeGreaterThan(0);
});

function clientOn({ side }: Database) {
  const limits = { budget: 1_000, liveQueries: 1, replays: 1, waitingBytes: 1, store: countInDatabase(present(side)) };
  return boundClients(limits).of({ keyId: null }, '192.0.2.1');
}
