import { setTimeout as sleep } from 'node:timers/promises';
import { TemporarilyUnavailable } from '../errors.ts';

const RETRY_MS = 250;

/**
 * What the work results in, which is tried again for as long as its error is one that passes; TemporarilyUnavailable after so many milliseconds, also when the work hangs.
 * All who wait try again at the same moments, so that what they ask for can be asked once for all of them.
 */
export async function untilAvailable<T>(
  work: () => Promise<T>,
  isTemporary: (error: unknown) => boolean,
  waitMs: number,
): Promise<T> {
  let isOver = false;
  const tryAgain = async (): Promise<T> => {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (isOver || !isTemporary(error)) throw error;
        await sleep(RETRY_MS - (performance.now() % RETRY_MS));
      }
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new TemporarilyUnavailable()), waitMs);
  });
  try {
    return await Promise.race([tryAgain(), late]);
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
}
