import { setTimeout as sleep } from 'node:timers/promises';
import { TemporarilyUnavailable } from '../errors.ts';

/** How long a new subscriber waits during an outage before it is told to come back. */
export const MAX_WAIT_MS = 10_000;
/** The first pause before a new attempt. Each pause is twice the one before, up to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2_000;

/** The pause before the next attempt, in milliseconds. Up to half of it is random, so that not all attempts come at once. */
export function backoffMs(failures: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LAST_PAUSE_MS);
  return longest * (1 - Math.random() / 2);
}

/**
 * Repeats work that fails with temporary errors; throws TemporarilyUnavailable after this many milliseconds. Timers use a monotonic
 * clock.
 */
export async function retryUntilAvailable<T>(
  work: () => Promise<T>,
  isTemporary: (error: unknown) => boolean,
  maxWaitMs = MAX_WAIT_MS,
): Promise<T> {
  const over = new AbortController();
  const attempt = async (): Promise<T> => {
    for (let failures = 1; ; failures += 1) {
      try {
        return await work();
      } catch (error) {
        if (over.signal.aborted || !isTemporary(error)) throw error;
      }
      await sleep(backoffMs(failures), undefined, { signal: over.signal });
    }
  };
  try {
    return await withTimeout(maxWaitMs, attempt());
  } finally {
    over.abort();
  }
}

/** The outcome of a promise; throws TemporarilyUnavailable when it takes longer than this many milliseconds. */
export async function withTimeout<T>(maxWaitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TemporarilyUnavailable()), maxWaitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
