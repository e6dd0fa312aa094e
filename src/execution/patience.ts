import { setTimeout as sleep } from 'node:timers/promises';
import { TemporarilyUnavailable } from '../errors.ts';

/** So long whoever asks in the midst of trouble waits before being sent away, to come back. */
export const PATIENCE_MS = 10_000;
/** The first pause before something is tried again; each is twice the one before, up to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2_000;

/** How long to wait, in milliseconds, before trying again what has failed so often; up to half of it at random, so that not all try at once. */
export function pauseAfter(failures: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LAST_PAUSE_MS);
  return longest * (1 - Math.random() / 2);
}

/** Tries again what fails for no longer than trouble lasts; TemporarilyUnavailable after so many milliseconds. Timers, and so the patience, go by a monotonic clock. */
export async function untilAvailable<T>(
  work: () => Promise<T>,
  isTemporary: (error: unknown) => boolean,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const over = new AbortController();
  const attempt = async (): Promise<T> => {
    for (let failures = 1; ; failures += 1) {
      try {
        return await work();
      } catch (error) {
        if (over.signal.aborted || !isTemporary(error)) throw error;
      }
      await sleep(pauseAfter(failures), undefined, { signal: over.signal });
    }
  };
  try {
    return await within(patienceMs, attempt());
  } finally {
    over.abort();
  }
}

/** What a promise comes to, also if that is an error; TemporarilyUnavailable when it takes longer than so many milliseconds. */
export async function within<T>(patienceMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TemporarilyUnavailable()), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
