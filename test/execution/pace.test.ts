import { expect, test } from 'vitest';
import { inPieces, pause } from '../../src/execution/pace.ts';
import { hold, LONG_MS, watchLoop } from '../support/event-loop.ts';
import { deferred, soon, until } from '../support/wait.ts';

test('pieces run in order, and the event loop turns after a piece that blocked it', async () => {
  const watch = watchLoop();
  const done: number[] = [];
  const turns: number[] = [];
  const results = await inPieces([1, 2, 3, 4], async (item) => {
    if (item % 2 === 0) await Promise.resolve();
    hold(LONG_MS);
    done.push(item);
    turns.push(watch.turn);
    return 10 * item;
  });
  watch.stop();
  expect(done).toEqual([1, 2, 3, 4]);
  expect(await Promise.all(results)).toEqual([10, 20, 30, 40]);
  expect(new Set(turns).size).toBe(4);
});

test('the first piece runs alone; later ones that wait for something wait at the same time', async () => {
  const gates = Array.from({ length: 4 }, deferred);
  const begun: number[] = [];
  const all = inPieces([0, 1, 2, 3], async (item) => {
    begun.push(item);
    await gates[item]?.promise;
  });
  await turnOfLoop();
  expect(begun).toEqual([0]);
  gates[0]?.resolve();
  void gates[3]?.promise.then(() => gates[2]?.resolve());
  void gates[2]?.promise.then(() => gates[1]?.resolve());
  await until('the last has begun', () => begun.length === gates.length);
  gates[3]?.resolve();
  await soon('all are done', all);
  expect(begun).toEqual([0, 1, 2, 3]);
});

test('a piece that fails does not stop the others', async () => {
  const results = await inPieces([1, 2, 3], async (item) => {
    if (item < 3) throw new Error(`broken ${item}`);
    return item;
  });
  expect(await Promise.allSettled(results)).toMatchObject([
    { reason: { message: 'broken 1' } },
    { reason: { message: 'broken 2' } },
    { value: 3 },
  ]);
});

test('a pause lasts until the event loop has turned if something blocked it, and otherwise takes no time', async () => {
  const watch = watchLoop();
  await turnOfLoop();
  await pause();
  const before = watch.turn;
  hold(LONG_MS);
  await pause();
  expect(watch.turn).toBe(before + 1);
  watch.stop();
});

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
