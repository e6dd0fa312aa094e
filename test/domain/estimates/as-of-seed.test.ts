import { afterAll, beforeAll, expect, test } from 'vitest';
import { keptOf } from '../../../src/domain/estimates/kept.ts';
import { readHistories } from '../../../src/domain/estimates/knowledge.ts';
import { openScenario, type Scenario } from '../../support/scenario.ts';

let scenario: Scenario;
beforeAll(async () => {
  scenario = await openScenario({ seeded: true });
});
afterAll(() => scenario[Symbol.asyncDispose]());

test('in the far future everything that is kept of brands is known as it is now', async () => {
  const { db } = scenario.api;
  const brands = await db.subject.findMany({ where: { kind: 'BRAND' }, select: { id: true } });
  const ids = brands.map(({ id }) => id);
  const asOf = new Date('2999-01-01');
  const places = await db.observation.findMany({
    where: { subjectId: { in: ids } },
    distinct: ['metric', 'withinId'],
    select: { metric: true, withinId: true },
  });
  let compared = 0;
  for (const place of places) {
    const histories = await readHistories(db, ids, { ...place, asOf });
    // Also their companies and alliances: who is related takes part.
    const then = [...histories.values()].flatMap((history) => [...keptOf(history).values()]);
    const now = await db.observation.findMany({
      where: { ...place, subjectId: { in: ids } },
      omit: { id: true, subjectKind: true },
    });
    const bySlot = new Map(then.map((row) => [row.slot, row]));
    for (const row of now) expect(bySlot.get(row.slot)).toEqual(row);
    expect(then.filter(({ subjectId }) => ids.includes(subjectId))).toHaveLength(now.length);
    compared += now.length;
  }
  expect(compared).toBeGreaterThan(2_000);
});
