import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { write } from '../../src/changes/log.ts';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { edit, only, together, withLineAbove, withWholes } from '../../src/domain/edit.ts';
import { createSubject } from '../../src/domain/subject.ts';
import { openTestDatabase, type TestDatabase } from '../support/database.ts';
import { holdSubjects } from '../support/subject-lock.ts';
import { deferred } from '../support/wait.ts';

const onPostgres = inject('backend') === 'postgres';

let place: TestDatabase;
let db: PrismaClient;
let ids: Readonly<Record<'low' | 'high' | 'brand', number>>;

beforeAll(async () => {
  place = await openTestDatabase();
  db = place.database.client;
  const low = await createSubject(db, { kind: 'COMPANY', slug: 'low', name: 'Low' });
  const high = await createSubject(db, { kind: 'COMPANY', slug: 'high', name: 'High', parent: 'low' });
  const brand = await createSubject(db, { kind: 'BRAND', slug: 'brand', name: 'Brand', parent: 'high' });
  ids = { low: low.subject.id, high: high.subject.id, brand: brand.subject.id };
});

afterAll(() => place[Symbol.asyncDispose]());

test('an edit tells its scope: the subjects, their wholes, and what is above', async () => {
  const familyOf = (scope: Parameters<typeof edit>[1]) => edit(db, scope, async ({ family }) => family);
  const { low, high, brand } = ids;
  expect(await familyOf(only([brand, low]))).toEqual([low, brand]);
  expect(await familyOf(only([]))).toEqual([]);
  expect(await familyOf(withWholes([brand]))).toEqual([high, brand]);
  expect(await familyOf(withWholes([high]))).toEqual([high]);
  expect(await familyOf(together(only([brand]), withLineAbove(high)))).toEqual([low, high, brand]);
  await db.subject.update({ where: { id: low }, data: { parentId: high } });
  expect(await familyOf(withLineAbove(high))).toEqual([low, high]);
  await db.subject.update({ where: { id: low }, data: { parentId: null } });
});

if (onPostgres) {
  test('an edit whose scope came to hold a lower subject starts again from there, and holds nothing while it waits', async () => {
    const { low, brand } = ids;
    const moved = (parentId: number) => db.subject.update({ where: { id: brand }, data: { parentId } });
    const runs: (readonly number[])[] = [];
    await using holdsBrand = await holdSubjects(db, ['brand']);
    await using holdsLow = await holdSubjects(db, ['low']);
    const edited = edit(db, withWholes([brand]), async ({ family }) => runs.push(family));
    await holdsLow.waitedForBy(1);
    await moved(low);
    await holdsBrand.release();
    // It has let go of the brand: with that in its hand it would wait for a lower one.
    await using holdsBrandAgain = await holdSubjects(db, ['high', 'brand']);
    await holdsLow.waitedForBy(1);
    expect(runs).toEqual([]);
    await holdsBrandAgain.release();
    await holdsLow.release();
    await edited;
    expect(runs).toEqual([[low, brand]]);
    await moved(ids.high);
  });

  test('writes that wait for each other in a circle by statements of their own all succeed', async () => {
    const bothHoldOne = [deferred(), deferred()] as const;
    let tries = 0;
    const touch = (order: readonly number[], mine: 0 | 1): Promise<number> =>
      write(db, async ({ tx }) => {
        tries += 1;
        for (const [index, id] of order.entries()) {
          if (index === 1) {
            bothHoldOne[mine].resolve();
            await bothHoldOne[1 - mine]?.promise;
          }
          await tx.$executeRaw`update "Subject" set name = name where id = ${id}`;
        }
        return tries;
      });
    await Promise.all([touch([ids.low, ids.high], 0), touch([ids.high, ids.low], 1)]);
    expect(tries).toBe(3);
  });
}
