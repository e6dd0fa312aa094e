import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { numbersFrom, seedOfRun } from '../../support/random.ts';
import { makeRandomWrites } from './random-family.ts';

const ROUNDS = Number(process.env.MILEPOST_PARALLEL_ROUNDS ?? 6);
const AT_ONCE = 8;

let place: TestDatabase;
let db: PrismaClient;
beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
});
afterAll(() => place[Symbol.asyncDispose]());

test(`after ${ROUNDS} rounds of ${AT_ONCE} random writes at once verification finds no difference`, {
  timeout: 300_000,
}, async () => {
  const seed = seedOfRun();
  const write = await makeRandomWrites(db, numbersFrom(seed));
  let written = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    // What is not refused succeeds.
    const counts = await Promise.all(Array.from({ length: AT_ONCE }, write));
    written += counts.reduce((sum, count) => sum + count, 0);
  }
  const { differences, observations } = await verifyDerived(db);
  expect(differences, `with the seed ${seed}`).toEqual([]);
  expect(written).toBeGreaterThan(ROUNDS);
  expect(observations).toBeGreaterThan(100);
});
