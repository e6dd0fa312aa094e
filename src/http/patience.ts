import { setTimeout as sleep } from 'node:timers/promises';
import { isTemporary } from '../graphql/errors.ts';

const RETRY_MS = 500;

/** Does something again and again while it fails for trouble that passes, for so many milliseconds; then throws what it failed with. */
export async function untilAvailable<T>(work: () => Promise<T>, waitMs: number): Promise<T> {
  const giveUp = performance.now() + waitMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const left = giveUp - performance.now();
      if (!isTemporary(error) || left <= 0) throw error;
      await sleep(Math.min(RETRY_MS, left));
    }
  }
}
