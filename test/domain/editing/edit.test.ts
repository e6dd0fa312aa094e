import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { write } from '../../../src/changes/write.ts';
import type { PrismaClient, SubjectKind } from '../../../src/database/generated/client.ts';
import { familiesOf, idsOf } from '../../../src/domain/catalog/families.ts';
import { edit, mergeScopes, only, withAncestors } from '../../../src/domain/editing/edit.ts';
import { joinAlliance, leaveAlliance } from '../../../src/domain/editing/memberships.ts';
import { createSubject } from '../../../src/domain/editing/subjects.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { holdSubjects } from '../../support/subject-lock.ts';
import { deferred } from '../../support/wait.ts';

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

test('an edit knows its scope: the subjects, their families, and what is above', async () => {
  const familyOf = (scope: Parameters<typeof edit>[1]) => edit(db, scope, async ({ relatives }) => idsOf(relatives));
  const { low, high, brand } = ids;
  expect(await familyOf(only([brand, low]))).toEqual([low, brand]);
  expect(await familyOf(only([]))).toEqual([]);
  // A company is no part of the company above it: what it counts does not follow from what that one counts.
  expect(await familyOf(familiesOf([brand]))).toEqual([high, brand]);
  expect(await familyOf(familiesOf([high]))).toEqual([high, brand]);
  expect(await familyOf(familiesOf([low]))).toEqual([low]);
  expect(await familyOf(mergeScopes(only([brand]), withAncestors(high)))).toEqual([low, high, brand]);
  await db.subject.update({ where: { id: low }, data: { parentId: high } });
  expect(await familyOf(withAncestors(high))).toEqual([low, high]);
  await db.subject.update({ where: { id: low }, data: { parentId: null } });
});

test('a family is everything that counts the same vehicles: parts and wholes of each other over any number of steps, also of members that left', async () => {
  const made = async (kind: SubjectKind, slug: string, parent?: string) =>
    (await createSubject(db, { kind, slug, name: slug, parent })).subject.id;
  const top = await made('COMPANY', 'top');
  const maker = await made('COMPANY', 'maker', 'top');
  const whole = await made('BRAND', 'whole', 'maker');
  const part = await made('BRAND', 'part', 'whole');
  const piece = await made('BRAND', 'piece', 'part');
  const model = await made('MODEL', 'model', 'part');
  const [left, joined, other] = [
    await made('ALLIANCE', 'left'),
    await made('ALLIANCE', 'joined'),
    await made('ALLIANCE', 'another'),
  ];
  const { membership } = await joinAlliance(db, { alliance: 'left', brand: 'whole', joinedOn: '2020' });
  await leaveAlliance(db, membership.id, '2021');
  await joinAlliance(db, { alliance: 'joined', brand: 'piece' });
  const sibling = await made('BRAND', 'sibling', 'maker');
  await joinAlliance(db, { alliance: 'another', brand: 'sibling' });
  const stranger = await made('BRAND', 'stranger', 'top');
  const familyOf = (of: readonly number[]) => edit(db, familiesOf(of), async ({ relatives }) => idsOf(relatives));
  const all = [maker, whole, part, piece, left, joined, other, sibling];
  for (const id of all) expect(await familyOf([id])).toEqual(all);
  // The company above the maker counts its own brands only.
  expect(await familyOf([top])).toEqual([top, stranger]);
  // The figures of a model are no part of those of its brand.
  expect(await familyOf([model])).toEqual([model]);
  expect(await familyOf([model, stranger])).toEqual([top, model, stranger]);
  // In a cycle the search also ends.
  await db.subject.update({ where: { id: whole }, data: { parentId: piece } });
  expect(await familyOf([part])).toEqual([whole, part, piece, left, joined]);
  expect(await familyOf([maker])).toEqual([maker, other, sibling]);
});

if (onPostgres) {
  test('an edit whose scope gains a lower subject starts again from there, and holds nothing while it waits', async () => {
    const { low, high, brand } = ids;
    await db.subject.update({ where: { id: high }, data: { parentId: null } });
    const moved = (parentId: number) => db.subject.update({ where: { id: brand }, data: { parentId } });
    const runs: (readonly number[])[] = [];
    await using holdsBrand = await holdSubjects(db, ['brand']);
    await using holdsLow = await holdSubjects(db, ['low']);
    const edited = edit(db, familiesOf([brand]), async ({ relatives }) => runs.push(idsOf(relatives)));
    await holdsLow.waitedForBy(1);
    await moved(low);
    await holdsBrand.release();
    // It has released the brand: otherwise it would hold it while it waits for a lower one.
    await using holdsBrandAgain = await holdSubjects(db, ['high', 'brand']);
    await holdsLow.waitedForBy(1);
    expect(runs).toEqual([]);
    await holdsBrandAgain.release();
    await holdsLow.release();
    await edited;
    expect(runs).toEqual([[low, brand]]);
    await moved(high);
    await db.subject.update({ where: { id: high }, data: { parentId: low } });
  });

  test('writes that deadlock by statements of their own all succeed', async () => {
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
