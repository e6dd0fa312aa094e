import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { PrismaClient } from '../../src/database/generated/client.ts';
import { type Connection, closeDelay, trackConnections } from '../../src/http/connections.ts';

/** The promise: a connection ends within this time after its key became invalid. */
const FORBIDDEN_MS = 5_000;
const LIMITS = { maxPerAddress: 1_000, trustProxy: false };
const REQUEST = { headers: {}, socket: { remoteAddress: '127.0.0.1' } } as unknown as IncomingMessage;

describe('connections whose key is no longer valid', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('end within 5 s, and only those', async () => {
    for (const after of [0, 1, 1_999, 2_000, 2_001, 7_500]) {
      const valid = new Set([1, 2]);
      await using connections = trackConnections(
        keysThat(async (id) => valid.has(id)),
        LIMITS,
      );
      const [first, second, anonymous] = [connectionOf(1), connectionOf(2), connectionOf(null)];
      for (const connection of [first, second, anonymous]) connections.enter(REQUEST, connection);
      await vi.advanceTimersByTimeAsync(after);
      expect(first.forbid).not.toHaveBeenCalled();
      valid.delete(1);
      await vi.advanceTimersByTimeAsync(FORBIDDEN_MS);
      expect(first.forbid).toHaveBeenCalledWith('The key was revoked at 2026-01-02T03:04:05.000Z. Ask for a new one.');
      for (const { forbid } of [second, anonymous]) expect(forbid).not.toHaveBeenCalled();
    }
  });

  test('stay open while the database does not answer, without further queries, and end once it answers', async () => {
    let answer = (_isValid: boolean): void => undefined;
    const ask = vi.fn(
      () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
    );
    await using connections = trackConnections(keysThat(ask), LIMITS);
    const connection = connectionOf(1);
    connections.enter(REQUEST, connection);
    await vi.advanceTimersByTimeAsync(10 * FORBIDDEN_MS);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(connection.forbid).not.toHaveBeenCalled();
    answer(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(connection.forbid).toHaveBeenCalledTimes(1);
  });

  test('stay open while the database is away, and end within 5 s once it is back', async () => {
    let isAway = true;
    const keys = keysThat(async () => {
      if (isAway) throw new Error('away');
      return false;
    });
    await using connections = trackConnections(keys, LIMITS);
    const connection = connectionOf(1);
    connections.enter(REQUEST, connection);
    await vi.advanceTimersByTimeAsync(10 * FORBIDDEN_MS);
    expect(connection.forbid).not.toHaveBeenCalled();
    isAway = false;
    await vi.advanceTimersByTimeAsync(FORBIDDEN_MS);
    expect(connection.forbid).toHaveBeenCalled();
  });
});

describe('when the server stops', () => {
  test.each([
    ['5,000 connections close evenly over the window', 5_000, 10_000, 1.8],
    ['450 close 20 ms after each other, just within the window', 450, 10_000, 20],
    ['a few close 20 ms after each other, and need less than the window', 40, 10_000, 20],
  ])('after a tenth of the window %s', (_how, count, windowMs, step) => {
    const times = Array.from({ length: count }, (_, index) => closeDelay(index, count, windowMs));
    expect(times[0]).toBe(windowMs / 10);
    for (const [index, time] of times.entries()) expect(time).toBeCloseTo(windowMs / 10 + index * step, 6);
    expect(times.at(-1)).toBeLessThan(windowMs);
  });

  test('each is closed at its time, in the order of arrival', async () => {
    const [count, windowMs] = [20, 1_000];
    await using connections = trackConnections(
      keysThat(async () => true),
      LIMITS,
    );
    const closed: number[] = [];
    const early: number[] = [];
    let began = Number.POSITIVE_INFINITY;
    for (let index = 0; index < count; index += 1) {
      const restart = (): void => {
        closed.push(index);
        // Node cuts both the start of a timer and its delay to whole milliseconds.
        if (performance.now() - began < closeDelay(index, count, windowMs) - 2) early.push(index);
      };
      connections.enter(REQUEST, { ...connectionOf(null), restart });
    }
    began = performance.now();
    const drained = connections.drain(windowMs);
    // Timers of one process fire in the order of their times, even late ones on a busy machine.
    const closedBy = [0.5, 10.5].map(
      (index) =>
        new Promise<number>((resolve) => {
          setTimeout(() => resolve(closed.length), closeDelay(index, count, windowMs));
        }),
    );
    expect(connections.enter(REQUEST, connectionOf(null))).toBe(false);
    await drained;
    expect(early).toEqual([]);
    expect(closed).toEqual(Array.from({ length: count }, (_, index) => index));
    const [some = 0, most = 0] = await Promise.all(closedBy);
    expect(some).toBeLessThan(5);
    expect(most).toBeGreaterThan(7);
    expect(most).toBeLessThan(15);
  });

  test('what is in flight is sent first, for half a second at most', async () => {
    await using connections = trackConnections(
      keysThat(async () => true),
      LIMITS,
    );
    let looks = 0;
    const restart = vi.fn();
    const never = { ...connectionOf(null), restart: vi.fn(), isIdle: vi.fn(() => false) };
    const isIdle = (): boolean => {
      looks += 1;
      expect(restart).not.toHaveBeenCalled();
      return looks === 3;
    };
    connections.enter(REQUEST, { ...connectionOf(null), restart, isIdle });
    connections.enter(REQUEST, never);
    await connections.drain(10);
    expect([looks, restart.mock.calls.length]).toEqual([3, 1]);
    // At its time and every 50 ms from then on.
    expect([never.isIdle.mock.calls.length, never.restart.mock.calls.length]).toEqual([11, 1]);
  });
});

test('an address has a limited number of connections, and another one once one of them has closed', async () => {
  await using connections = trackConnections(
    keysThat(async () => true),
    { ...LIMITS, maxPerAddress: 2 },
  );
  const [first, second, third] = [connectionOf(null), connectionOf(null), connectionOf(null)];
  expect([first, second, third].map((each) => connections.enter(REQUEST, each))).toEqual([true, true, false]);
  connections.leave(third);
  expect(connections.enter(REQUEST, third)).toBe(false);
  connections.leave(first);
  connections.leave(first);
  expect([third, first].map((each) => connections.enter(REQUEST, each))).toEqual([true, false]);
  expect(connections.count).toBe(2);
});

/** A database that knows of each key whether it is valid. */
function keysThat(isValid: (id: number) => Promise<boolean>): PrismaClient {
  const findMany = async ({ where }: { readonly where: { readonly id: { readonly in: readonly number[] } } }) => {
    const revokedAt = async (id: number) => ((await isValid(id)) ? null : new Date('2026-01-02T03:04:05Z'));
    return Promise.all(where.id.in.map(async (id) => ({ id, revokedAt: await revokedAt(id), expiresAt: null })));
  };
  return { apiKey: { findMany } } as unknown as PrismaClient;
}

function connectionOf(keyId: number | null) {
  return {
    keyId: () => keyId,
    forbid: vi.fn(),
    restart: vi.fn(),
    isIdle: () => true,
    load: () => ({ transport: 'sse', waitingBytes: 0 }) as const,
  } satisfies Connection;
}
