import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { numbersFrom, seedOfRun } from '../../support/random.ts';
import { makeRandomWrites } from './random-family.ts';

/** So many writes, or as many as the environment says, of which some claims are recorded several at once, as an import does. */
const WRITES = Number(process.env.MILEPOST_RANDOM_WRITES ?? 300);
/** Verified after each so many of them, because a later write can put right what an earlier one left wrong. */
const VERIFIED_EVERY = 50;

let place: TestDatabase;
let db: PrismaClient;
beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
});
afterAll(() => place[Symbol.asyncDispose]());

test(`after ${WRITES} random writes verification finds no difference`, { timeout: 300_000 }, async () => {
  const seed = seedOfRun();
  const write = await makeRandomWrites(db, numbersFrom(seed));
  let written = 0;
  let verified = 0;
  while (written < WRITES) {
    written += await write();
    if (written < verified + VERIFIED_EVERY && written < WRITES) continue;
    verified = written;
    expect((await verifyDerived(db)).differences, `with the seed ${seed}, after ${written} writes`).toEqual([]);
  }
  const { observations, milestones } = await verifyDerived(db);
  expect(observations).toBeGreaterThan(500);
  expect(milestones).toBeGreaterThan(5);
  expect(await db.contradiction.count({ where: { resolvedAt: null } })).toBeGreaterThan(5);
});
