import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from '../../src/execution/turns.ts';

test('work is done at once when nobody waits', async () => {
  const turns = createTurns();
  let isDone = false;
  const doing = turns.take('one', () => {
    isDone = true;
  });
  expect(isDone).toBe(true);
  await doing;
});

test('a client that brings much delays neither the event loop nor other clients', async () => {
  const turns = createTurns();
  const done: string[] = [];
  const work = (client: string) =>
    turns.take(client, () => {
      keepBusy(3);
      done.push(client);
    });
  const much = Array.from({ length: 20 }, () => work('one'));
  const little = work('other');
  let others = 0;
  while (!done.includes('other')) {
    await nextTurn();
    others += 1;
  }
  expect(others).toBeGreaterThan(0);
  expect(done.length).toBeLessThan(6);
  await Promise.all([...much, little]);
  expect(done).toHaveLength(21);
});

test('an error is that of its own work', async () => {
  const turns = createTurns();
  const fail = (): never => {
    throw new Error('wrong');
  };
  const all = await Promise.allSettled([turns.take('one', fail), turns.take('one', () => 2)]);
  expect(all).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 2 }]);
});

function keepBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
