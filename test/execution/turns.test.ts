import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { TemporarilyUnavailable } from '../../src/errors.ts';
import { createTurns, type Sender } from '../../src/execution/turns.ts';

const ONE = sender('one');
const LARGE = 100 * 1024;

test('work is done at once when nobody waits', async () => {
  const turns = createTurns();
  let isDone = false;
  const doing = turns.take(ONE, () => {
    isDone = true;
  });
  expect(isDone).toBe(true);
  await doing;
});

test('a client that brings much delays neither the event loop nor other clients', async () => {
  const turns = createTurns();
  const done: string[] = [];
  const work = (client: string) =>
    turns.take(sender(client), () => {
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
  const all = await Promise.allSettled([turns.take(ONE, fail), turns.take(ONE, () => 2)]);
  expect(all).toMatchObject([{ status: 'rejected' }, { status: 'fulfilled', value: 2 }]);
});

test('a client with too much waiting is refused, and others are not', async () => {
  const turns = createTurns({ ofClient: { works: 3, bytes: 10 * LARGE }, ofAll: { works: 100, bytes: 100 * LARGE } });
  const began = turns.take(ONE, () => keepBusy(3));
  const waiting = Array.from({ length: 3 }, () => turns.take(ONE, () => keepBusy(1)));
  await expect(turns.take(ONE, () => 1)).rejects.toMatchObject({
    extensions: { code: 'RATE_LIMITED', limit: 3, retryAfter: 2 },
  });
  expect(await turns.take(sender('other'), () => 1)).toBe(1);
  await Promise.all([began, ...waiting]);
  expect(await turns.take(ONE, () => 1)).toBe(1);
});

test('a client that keeps too many bytes is refused, but not one that keeps few', async () => {
  const turns = createTurns({ ofClient: { works: 100, bytes: 3 * LARGE }, ofAll: { works: 100, bytes: 4 * LARGE } });
  const waiting = [turns.take(ONE, () => keepBusy(3), LARGE), turns.take(ONE, () => 1, 2 * LARGE)];
  waiting.push(turns.take(ONE, () => 1, LARGE));
  await expect(turns.take(ONE, () => 1, LARGE)).rejects.toMatchObject({
    message: `The operations of this client that wait to be read would take more than ${3 * LARGE} bytes. Try again in 2 s.`,
    extensions: { code: 'RATE_LIMITED', limit: 3 * LARGE },
  });
  waiting.push(turns.take(sender('other'), () => 1, LARGE));
  await expect(turns.take(sender('third'), () => 1, LARGE)).rejects.toThrow(TemporarilyUnavailable);
  waiting.push(
    turns.take(sender('third'), () => 1, 1_000),
    turns.take(ONE, () => 1, 1_000),
  );
  await Promise.all(waiting);
  expect(await turns.take(ONE, () => 1, 4 * LARGE)).toBe(1);
});

test('when all together are too many, the last of who has most is refused', async () => {
  const turns = createTurns({ ofClient: { works: 10, bytes: LARGE }, ofAll: { works: 4, bytes: LARGE } });
  const began = turns.take(ONE, () => keepBusy(3));
  const many = Promise.allSettled(Array.from({ length: 4 }, (_, index) => turns.take(ONE, () => index)));
  expect(await turns.take(sender('other'), () => 'other')).toBe('other');
  await expect(began).resolves.toBeUndefined();
  expect((await many).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
});

test('what has been worked for is finished, however much waits, and what nobody waits for is not begun', async () => {
  const turns = createTurns({ ofClient: { works: 1, bytes: LARGE }, ofAll: { works: 2, bytes: LARGE } });
  let isGone = false;
  let isBegun = false;
  const began = turns.take(ONE, () => keepBusy(3));
  const leaves = turns.take({ name: 'one', isGone: () => isGone }, () => {
    isBegun = true;
  });
  isGone = true;
  const answers = Array.from({ length: 5 }, (_, index) => turns.finish('one', () => index));
  await expect(leaves).rejects.toThrow(TemporarilyUnavailable);
  expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4]);
  expect(isBegun).toBe(false);
  await began;
});

function sender(name: string): Sender {
  return { name, isGone: () => false };
}

function keepBusy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
