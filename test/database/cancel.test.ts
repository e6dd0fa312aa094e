import { expect, test } from 'vitest';
import { cancelWith } from '../../src/database/cancel.ts';
import { isUnavailable } from '../../src/database/unavailable.ts';
import { openTestDatabase } from '../support/database.ts';

test('work that was cancelled sends no further statement, and other work goes on', async () => {
  await using place = await openTestDatabase();
  for (const db of Object.values(place.database.lanes)) {
    const refused = cancelWith(AbortSignal.abort(), async () => db.publisher.findMany());
    const error = await refused.catch((reason: unknown) => reason);
    expect(isUnavailable(error), String(error)).toBe(true);
    expect(await db.publisher.findMany()).toEqual([]);
  }
});

test('a transaction that was cancelled before its last statement is rolled back', async () => {
  await using place = await openTestDatabase();
  const { write: db } = place.database.lanes;
  const stop = new AbortController();
  const refused = cancelWith(stop.signal, () =>
    db.$transaction(async (tx) => {
      await tx.publisher.create({ data: { slug: 'one', name: 'One', tier: 1 } });
      stop.abort();
      await tx.publisher.create({ data: { slug: 'two', name: 'Two', tier: 1 } });
    }),
  );
  await expect(refused).rejects.toThrow();
  expect(await db.publisher.count()).toBe(0);
});

test('a transaction that was cancelled after its last statement is committed, and says so', async () => {
  await using place = await openTestDatabase();
  const { write: db } = place.database.lanes;
  const stop = new AbortController();
  await cancelWith(stop.signal, () =>
    db.$transaction(async (tx) => {
      await tx.publisher.create({ data: { slug: 'one', name: 'One', tier: 1 } });
      stop.abort();
    }),
  );
  expect(await db.publisher.count()).toBe(1);
});
