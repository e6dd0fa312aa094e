import { afterAll, expect, test } from 'vitest';
import { readNames } from '../../../src/domain/catalog/names.ts';
import { openScenario } from '../../support/scenario.ts';
import { statementsOf } from '../../support/statements.ts';

const scenario = await openScenario();
const { db } = scenario.api;
afterAll(() => scenario[Symbol.asyncDispose]());

const slugsIn = (named: Awaited<ReturnType<typeof readNames>>) => named.things.map(({ slug }) => slug);

test('names are read again only after a subject was created or changed', async () => {
  const first = await scenario.subject('BRAND');
  expect(slugsIn(await readNames(db))).toEqual([first]);
  const again = await statementsOf(() => Promise.all([readNames(db), readNames(db)]));
  expect(again).toEqual([expect.stringContaining('/* readNamesVersion */')]);
  const second = await scenario.subject('BRAND');
  expect(slugsIn(await readNames(db)).sort()).toEqual([first, second].sort());
});

test('names that a transaction sees before it is rolled back are not kept', async () => {
  const before = slugsIn(await readNames(db));
  const rolledBack = db.$transaction(async (tx) => {
    await tx.subject.create({ data: { kind: 'BRAND', slug: 'never', name: 'Never' } });
    expect(slugsIn(await readNames(tx))).toContain('never');
    throw new Error('roll back');
  });
  await expect(rolledBack).rejects.toThrow('roll back');
  expect(slugsIn(await readNames(db))).toEqual(before);
});
