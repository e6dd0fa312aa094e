import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { createReadiness } from '../../src/http/health.ts';
import { deferred } from '../support/wait.ts';

test('a check that hangs fails within a second, and is not asked again while it does', async () => {
  const hanging = deferred();
  const holds = vi.fn(() => hanging.promise.then(() => true));
  const readiness = createReadiness({
    database: { holds },
    log: { holds: () => true },
    migrations: { holds: () => false, needs: 'database' },
  });
  const began = performance.now();
  const reports = await Promise.all(Array.from({ length: 1_000 }, () => readiness()));
  expect(performance.now() - began).toBeLessThan(1_000);
  expect(reports[999]).toEqual({ ready: false, checks: { database: false, log: true, migrations: null } });
  // Whoever asks later waits for nothing.
  const again = performance.now();
  expect((await readiness()).ready).toBe(false);
  expect(performance.now() - again).toBeLessThan(200);
  expect(holds).toHaveBeenCalledTimes(1);
  hanging.resolve();
  await sleep(0);
  expect((await readiness()).checks.database).toBe(true);
});

test('a flood of those who ask costs one question a second, and what is known at once is always the newest', async () => {
  vi.useFakeTimers();
  try {
    let isStopping = false;
    const holds = vi.fn(async () => true);
    const readiness = createReadiness({ database: { holds }, notStopping: { holds: () => !isStopping } });
    for (let count = 0; count < 500; count += 1) expect((await readiness()).ready).toBe(true);
    expect(holds).toHaveBeenCalledTimes(1);
    isStopping = true;
    expect(await readiness()).toEqual({ ready: false, checks: { database: true, notStopping: false } });
    await vi.advanceTimersByTimeAsync(1_100);
    await readiness();
    expect(holds).toHaveBeenCalledTimes(2);
  } finally {
    vi.useRealTimers();
  }
});

test('a check that is late once keeps its outcome for some seconds, and then has failed', async () => {
  vi.useFakeTimers();
  try {
    let answer: Promise<boolean> = Promise.resolve(true);
    const readiness = createReadiness({ database: { holds: () => answer } });
    expect((await readiness()).ready).toBe(true);
    answer = new Promise(() => undefined);
    await vi.advanceTimersByTimeAsync(1_100);
    const askedAfter = async (ms: number): Promise<boolean> => {
      const asked = readiness();
      await vi.advanceTimersByTimeAsync(ms);
      return (await asked).ready;
    };
    expect(await askedAfter(900)).toBe(true);
    expect(await askedAfter(1_000)).toBe(true);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await askedAfter(900)).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});

test('a check that is only told does not decide', async () => {
  const readiness = createReadiness({
    database: { holds: async () => true },
    writing: { holds: async () => false, isOnlyTold: true },
  });
  expect(await readiness()).toEqual({ ready: true, checks: { database: true, writing: false } });
});
