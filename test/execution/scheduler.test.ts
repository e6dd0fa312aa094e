import { expect, test } from 'vitest';
import { createScheduler } from '../../src/execution/scheduler.ts';
import { deferred, soon, until } from '../support/wait.ts';

test('readers that catch up take turns in the order of arrival, also after one that fails', async () => {
  const { runLater } = createScheduler();
  const begun: number[] = [];
  const gates = Array.from({ length: 4 }, deferred);
  const all = gates.map((gate, index) =>
    runLater(async () => {
      begun.push(index);
      await gate.promise;
      if (index === 1) throw new Error('broken');
    }).catch(() => undefined),
  );
  for (const [index, gate] of gates.entries()) {
    await until('it has begun', () => begun.length > index);
    expect(begun).toEqual([0, 1, 2, 3].slice(0, index + 1));
    gate.resolve();
    await all[index];
  }
});

test('live work waits for nobody, and catching up waits for the live work that has begun', async () => {
  const { runNow, runLater } = createScheduler();
  const urgent = deferred();
  const next = deferred();
  const going = runNow(() => urgent.promise);
  let begun = false;
  const waiting = runLater(async () => {
    begun = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  const after = runNow(() => next.promise);
  expect(begun).toBe(false);
  urgent.resolve();
  await going;
  // It does not wait for live work that began since.
  await soon('its turn', waiting);
  next.resolve();
  await after;
});
