import { expect, test } from 'vitest';
import { onWrites, wakeTails } from '../../src/changes/wake.ts';
import { cancelWith, isCancelled } from '../../src/database/cancel.ts';
import { isUnavailable } from '../../src/database/unavailable.ts';
import { readNames } from '../../src/domain/catalog/names.ts';
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

test('a statement for several, as Prisma sends for single rows, is sent for those who are not cancelled', async () => {
  await using place = await openTestDatabase();
  const { read: db } = place.database.lanes;
  await db.publisher.create({ data: { slug: 'one', name: 'One', tier: 1 } });
  const find = (signal: AbortSignal) =>
    cancelWith(signal, async () => db.publisher.findUnique({ where: { slug: 'one' }, select: { name: true } }));
  const apart = [find(AbortSignal.abort()), find(new AbortController().signal), find(new AbortController().signal)];
  expect(await Promise.all(apart)).toEqual(Array.from({ length: 3 }, () => ({ name: 'One' })));
  const none = await Promise.allSettled([find(AbortSignal.abort()), find(AbortSignal.abort())]);
  expect(none.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const alone = db.publisher.findUnique({ where: { slug: 'one' }, select: { name: true } });
  expect(await Promise.all([find(AbortSignal.abort()), alone])).toEqual([{ name: 'One' }, { name: 'One' }]);
});

test('the names of all subjects are read for others as well, and so is what a write woke', async () => {
  await using place = await openTestDatabase();
  const { read: db, write } = place.database.lanes;
  await write.subject.create({ data: { kind: 'BRAND', slug: 'nio', name: 'NIO' } });
  const stop = new AbortController();
  const names = (signal: AbortSignal) => cancelWith(signal, async () => readNames(db));
  const asked = [names(stop.signal), names(new AbortController().signal)];
  stop.abort();
  expect((await Promise.all(asked)).map(({ things }) => things.length)).toEqual([1, 1]);

  const cancelled: boolean[] = [];
  const stopListening = onWrites([write], () => cancelled.push(isCancelled()));
  cancelWith(AbortSignal.abort(), () => wakeTails(write, 1n, null));
  stopListening();
  expect(cancelled).toEqual([false]);
});
