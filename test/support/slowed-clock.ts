import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;
/** A question and the pause after it count as no more than this. */
const MOST_MS = 150;

/** A clock for timing promises on a busy machine. */
export interface SlowedClock extends Disposable {
  /** Milliseconds since it was started, without the delays of the machine. */
  readonly now: number;
}

/**
 * Starts a clock that slows down together with the server: it advances with each of the server's answers to a small question,
 * and counts no answer for longer than it takes on an idle machine. A question that fails counts as answered.
 */
export function startSlowedClock(ask: () => Promise<unknown>): SlowedClock {
  let now = 0;
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const began = performance.now();
      await ask().catch(() => undefined);
      await sleep(PAUSE_MS);
      now += Math.min(performance.now() - began, MOST_MS);
    }
  };
  void run();
  return {
    get now() {
      return now;
    },
    [Symbol.dispose]: () => {
      isStopped = true;
    },
  };
}
