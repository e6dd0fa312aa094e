import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PrismaClient } from '../../../src/database/generated/client.ts';
import { rankFigure } from '../../../src/domain/editing/amend-figures.ts';
import { verifyDerived } from '../../../src/domain/verify/verify.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { makeMaker } from '../../support/makers.ts';

let place: TestDatabase;
let db: PrismaClient;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const maker = await makeMaker(db);
  for (let count = 0; count < 3; count += 1) await maker.record();
  await rankFigure(db, 1, 'DEPRECATED', 'Doubtful.');
  await rankFigure(db, 1, 'PREFERRED', 'Right after all.');
  await rankFigure(db, 2, 'NORMAL', 'Looked at.');
});

afterAll(() => place[Symbol.asyncDispose]());

/** What verify says about ranks while something was changed by hand, which is undone afterwards. */
async function differencesWhile(change: string, undo: string): Promise<readonly string[]> {
  await db.$executeRawUnsafe(change);
  const { differences } = await verifyDerived(db);
  await db.$executeRawUnsafe(undo);
  expect((await verifyDerived(db)).differences).toEqual([]);
  return differences
    .filter(({ about }) => about.includes('the rank of'))
    .map(({ about, kept, recomputed }) => `${about}: ${kept}; ${recomputed}`);
}

test('a rank that is not the last one given is reported', async () => {
  expect((await verifyDerived(db)).differences).toEqual([]);
  expect(
    await differencesWhile(
      `update "Figure" set rank = 'DEPRECATED' where id in (2, 3)`,
      `update "Figure" set rank = 'NORMAL' where id in (2, 3)`,
    ),
  ).toEqual([
    'aurora DELIVERIES 1950-01-02, the rank of figure 2: DEPRECATED: Looked at.; the last rank that was given: NORMAL: Looked at.',
    'aurora DELIVERIES 1950-01-03, the rank of figure 3: DEPRECATED; the last rank that was given: NORMAL',
  ]);
});

test('so is a reason that is not the last one given', async () => {
  expect(
    await differencesWhile(
      `update "FigureRank" set reason = 'Another.' where "figureId" = 1`,
      `update "FigureRank" set reason = 'Right after all.' where "figureId" = 1`,
    ),
  ).toEqual([
    'aurora DELIVERIES 1950-01-01, the rank of figure 1: PREFERRED: Right after all.; the last rank that was given: PREFERRED: Another.',
  ]);
});

test('and a history without its last rank', async () => {
  expect(
    await differencesWhile(
      `update "FigureRank" set "figureId" = 3 where "figureId" = 2`,
      `update "FigureRank" set "figureId" = 2 where "figureId" = 3`,
    ),
  ).toEqual([
    'aurora DELIVERIES 1950-01-02, the rank of figure 2: NORMAL: Looked at.; the last rank that was given: NORMAL',
    'aurora DELIVERIES 1950-01-03, the rank of figure 3: NORMAL; the last rank that was given: NORMAL: Looked at.',
  ]);
});
